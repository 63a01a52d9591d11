"""The vector files are current, and have the rates that the optimizers applied."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import Cosine, Hold, Repeat
from parity.cases import CASES
from parity.gate.test_parity import document, find_result
from parity.measuring.measure import read_applied_rates
from parity.vectors.check import check_document, find_stale
from parity.vectors.files import FOLDER, GROUPS, VectorError, build_documents, compute_digest, format_document, read


@pytest.fixture(scope="session")
def vectors():
    """Read the vectors when they are needed: a file that cannot be read fails these tests, and no others."""
    try:
        return {vector["name"]: vector for group in GROUPS for vector in read(FOLDER / f"{group}.json")["vectors"]}
    except VectorError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", CASES)
def test_applied_rates_are_the_vectors(name, framework, runs, vectors):
    """Compare the bits of the applied rates with those of the vectors."""
    vector = vectors[name]
    applied = read_applied_rates(find_result(document(runs, "measure", framework), CASES[name].schedule))[:, 0]
    digits = [f"{bits:08x}" for bits in applied.view("uint32")]
    assert digits[:len(vector["bits"])] == vector["bits"]
    for t, bits in zip(vector["far"]["t"], vector["far"]["bits"]):
        assert t >= len(digits) or digits[t] == bits


def test_vectors_are_current(vectors):
    """Check that the vector files are current and contain every case."""
    assert find_stale(FOLDER) == []
    assert set(vectors) == set(CASES)


def test_ids_are_given_once():
    """Check that ids are consecutive, and that no schedule has two."""
    lines = [line.split() for line in (FOLDER / "ids.txt").read_text().splitlines()]
    assert [number for number, *_ in lines] == [f"lr-{n + 1:04}" for n in range(len(lines))]
    assert len({tuple(of) for _, *of in lines}) == len(lines)


def test_a_field_that_came_later_changes_no_id():
    """Check that a field added to a kind later keeps the ids of schedules with its default."""
    of = Cosine(base_lr=0.3, updates=5)
    before = {"kind": "hold", "updates": 2, "of": {"kind": "repeat", "updates": 5, "of": of.model_dump()}}
    text = json.dumps(before, sort_keys=True)
    assert compute_digest(Hold(updates=2,
                               of=Repeat(updates=5, of=of))) == hashlib.sha256(text.encode()).hexdigest()[:16]
    given = {compute_digest(Repeat(updates=5, of=of, decay=decay, min_lr=low)) for decay in (0.5, 1)
             for low in (0, 0.1)}
    assert len(given) == 4


def test_every_flag_is_used_and_explained():
    """Check that each file explains exactly the mistakes that its vectors are flagged with."""
    for group in GROUPS:
        content = read(FOLDER / f"{group}.json")
        assert {flag for vector in content["vectors"] for flag in vector["flags"]} == set(content["flags"])


@pytest.fixture
def copy(tmp_path):
    """Return a folder with a copy of the vector files."""
    for path in FOLDER.glob("*.*"):
        shutil.copy(path, tmp_path)
    return tmp_path


def change(path, edit):
    """Edit the document of a file."""
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(format_document(content))


def test_a_changed_bit_is_found(copy):
    """Check that one changed bit of a rate is detected."""
    change(copy / "chapter.json", lambda content: content["vectors"][5]["bits"].__setitem__(3, "3e95d0a7"))
    assert find_stale(copy) == ["chapter.json: lr-0006 cosine: bits is not current"]


def test_a_changed_float64_is_found_from_its_eighth_ulp_on(copy):
    """Check that a changed float64 rate is detected only beyond its tolerance."""
    def by(factor):
        return lambda content: content["vectors"][5]["lr"].__setitem__(0, 0.3 * factor)

    change(copy / "chapter.json", by(1 + 2**-52))
    assert find_stale(copy) == []
    change(copy / "chapter.json", by(1 + 2**-48))
    assert find_stale(copy) == ["chapter.json: lr-0006 cosine: lr is not current"]


def test_nan_is_no_rate(copy):
    """Check that a rate of nan is refused."""
    path = copy / "chapter.json"
    path.write_text(path.read_text().replace('"lr": [0.3, ', '"lr": [NaN, ', 1))
    with pytest.raises(VectorError, match=r"chapter\.json: not JSON: NaN is not a JSON number"):
        find_stale(copy)


@pytest.mark.parametrize(("text", "message"), [
    ('{"format": 1, "format": 1}', "not JSON: a key given more than once"), ("[" * 100_000, "nested too deeply"),
    ("\ud800", "not UTF-8")])
def test_what_is_no_json_is_refused(text, message, copy):
    """Check that files that are not JSON are refused with a reason."""
    (copy / "book.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(VectorError, match=rf"book\.json: .*{message}"):
        find_stale(copy)


@pytest.mark.parametrize(("before", "after", "message"), [
    ("lr-0006 ", "lr-0005 ", "line 6 gives again what is given: lr-0005 cosine "), ("lr-0006 ", "\nlr-0006 ", "line 6 "
     "must be an id, a name and 16 digits, got ''"), ("lr-0006 cosine ", "lr-0006 ", "line 6 must be an id")])
def test_bad_ids_are_refused(before, after, message, copy):
    """Check that wrong lines in the file of ids are refused with their number."""
    path = copy / "ids.txt"
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(VectorError, match=f"ids.txt: {message}"):
        find_stale(copy)


def test_a_missing_id_is_not_given_again(copy):
    """Check that the id of a removed line is not used again."""
    lines = (copy / "ids.txt").read_text().splitlines(keepends=True)
    _, ids = build_documents("".join(lines[:5] + lines[6:]))
    assert ids.splitlines()[-1].startswith(f"lr-{len(lines) + 1:04} cosine ")


def test_a_changed_schedule_gets_a_new_id(copy):
    """Check that a schedule without an id gets a new one, and that the other ids stay."""
    (copy / "ids.txt").write_text((copy / "ids.txt").read_text().replace("lr-0006 cosine ", "lr-0006 cosine_before "))
    documents, ids = build_documents((copy / "ids.txt").read_text())
    assert documents["chapter.json"]["vectors"][5]["id"] == f"lr-{len(CASES) + 1:04}"
    assert "lr-0006 cosine_before" in ids
    assert find_stale(copy)[0] == "ids.txt: some schedules have no id yet"


@pytest.mark.parametrize(("edit", "message"), [
    (lambda content: content.update(format=2),
     "book.json: format 2 is newer than this project's, 1: update the project"),
    (lambda content: content.pop("format"), "book.json: format must be 1, got None"),
    (lambda content: content["vectors"][0].update(id="7"), r"book.json: \$.vectors\[0\].id: '7' does not match"),
])
def test_what_is_no_vector_file_is_refused(copy, edit, message):
    """Check that a vector file of another format or with a wrong field is refused."""
    change(copy / "book.json", edit)
    with pytest.raises(VectorError, match=message):
        find_stale(copy)


def test_every_file_is_valid():
    """Check each vector file against the JSON Schema."""
    for group in GROUPS:
        check_document(read(FOLDER / f"{group}.json"), group)
