"""Checks the report's document against its schema, and the files that are written from it."""

from __future__ import annotations

import copy
import json

import jsonschema
import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.observation import format_bits
from frameworks.schedule import lrs
from parity.cases import CASES
from parity.pages.report.document import describe_differences, document, encode_runs
from parity.pages.report.write import HERE, write

#: Cases whose schedules are in no other case.
NAMES = ("multi_factor", "polynomial")


def rates(framework):
    """Return the output of `python -m parity measure` for a correct back end."""
    return {"framework": framework, "version": "1.0", "specifications": [
        {"schedule": CASES[name].schedule.model_dump(mode="json"), "parameters": [[1]], "differing": [],
         "bits": [format_bits(rate) for rate in lrs(CASES[name].schedule, CASES[name].updates)], "built_in": []}
        for name in NAMES]}


def late(name):
    """Return usual code whose rates are one update late."""
    expected = [format_bits(rate) for rate in lrs(CASES[name].schedule, CASES[name].updates)]
    return {"spelling": "Late()", "effect": "Late.", "bits": [expected[0], *expected[:-1]]}


@pytest.fixture
def report():
    """Return a document of two schedules, equal in three frameworks; torch has usual code that does not match."""
    usual = {"mxnet": {}, "torch": {"polynomial": late("polynomial")}, "tensorflow": {}}
    content = document({framework: rates(framework) for framework in FRAMEWORKS}, usual)
    return content | {"made": "2026-01-31T12:00:00Z"}


@pytest.fixture(scope="module")
def schema():
    return json.loads((HERE / "schema.json").read_text(encoding="utf-8"))


def test_the_document_fits_its_schema(report, schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(report, schema)
    assert [case["name"] for case in report["cases"]] == list(NAMES)
    assert describe_differences(report) == []


def test_a_planted_difference_is_named(schema):
    wrong = {framework: rates(framework) for framework in FRAMEWORKS}
    applied = wrong["torch"]["specifications"][1]["bits"]
    applied[17] = f"{int(applied[17], 16) + 1:08x}"
    planted = document(wrong, {framework: {} for framework in FRAMEWORKS}) | {"made": "2026-01-31T12:00:00Z"}
    jsonschema.validate(planted, schema)
    line, *named = describe_differences(planted)
    specified = format_bits(lrs(CASES["polynomial"].schedule, 18)[17])
    assert line.startswith("polynomial in torch, update 17: applied ")
    assert applied[17] in line
    assert specified in line
    assert named[0].startswith("  known mistake (A specified, B applied): float32 rounding: ")


def test_a_parameter_with_a_rate_of_its_own_is_a_difference():
    wrong = {framework: rates(framework) for framework in FRAMEWORKS}
    result = wrong["mxnet"]["specifications"][0]
    result |= {"parameters": [[1], [2]], "differing": [{"update": 3, "parameter": 1, "bits": "3f000001"}]}
    (line,) = describe_differences(document(wrong, {framework: {} for framework in FRAMEWORKS}))
    assert line.startswith("multi_factor in mxnet, update 3: applied 0.50000006 (3f000001)")
    assert line.endswith("parameter 1")


def test_runs_contain_all_rates():
    random = np.random.default_rng(0)
    values = [str(value) for value in random.integers(0, 3, 200)]
    assert [value for value, number in encode_runs(values) for _ in range(number)] == values


def test_writing_twice_gives_the_same_bytes(report, tmp_path):
    first, second = tmp_path / "first", tmp_path / "deep" / "second"
    write(report, first)
    write(copy.deepcopy(report), second)
    names = ["index.html", "parity.json", "parity.md"]
    assert sorted(path.name for path in first.iterdir()) == names
    assert [(first / name).read_bytes() for name in names] == [(second / name).read_bytes() for name in names]


def test_the_page_requests_nothing(report, tmp_path):
    write(report, tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "{{" not in page
    for request in ("src=", '<link rel="stylesheet', "@import", "url(", "fetch(", "XMLHttpRequest"):
        assert request not in page
    assert page.replace("http://www.w3.org/2000/svg", "").count("http") == 0


def test_the_markdown_has_a_row_for_each_case(report, tmp_path):
    write(report, tmp_path)
    assert (tmp_path / "parity.md").read_text(encoding="utf-8").splitlines()[4:] == [
        "| schedule | updates | mxnet | torch | tensorflow |", "| --- | --- | --- | --- | --- |",
        "| multi_factor | 75 | equal | equal | equal |", "| polynomial | 75 | equal | equal | equal |"]


def without(document, *path):
    changed = copy.deepcopy(document)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return changed


MISTAKES = {
    "newer": (lambda report: report | {"format": 2},
              "format 2 is newer than this project's, 1: update the project"),
    "no_format": (lambda report: without(report, "format"), "$: 'format' is a required property"),
    "no_cases": (lambda report: report | {"cases": []}, "$.cases: [] should be non-empty"),
    "bits": (lambda report: without(report, "cases", 0, "applied", "torch", "bits"),
             "$.cases[0].applied.torch: 'bits' is a required property"),
    "a_list": (lambda report: [], "$: [] is not of type 'object'"),
    "framework": (lambda report: without(report, "cases", 1, "applied", "torch"),
                  "$.cases[1].applied: torch is missing"),
    "nan": (lambda report: report["cases"][0]["schedule"].update(base_lr=float("nan")) or report,
            "not JSON: NaN is not a JSON number"),
    "schedule": (lambda report: report["cases"][0]["schedule"].update(parts=5) or report,
                 "$.cases[0].schedule: multi_factor.parts: extra inputs are not permitted"),
    "constructor": (lambda report: report["versions"].update(constructor="1") or report,
                    "$.versions: 'constructor' is not one of ['mxnet', 'torch', 'tensorflow']"),
    "twice": (lambda report: report["cases"].append(report["cases"][0]) or report,
              "$.cases[2].name: multi_factor is given more than once"),
    "name": (lambda report: report["cases"][0].update(name="a|b") or report,
             "$.cases[0].name: 'a|b' does not match '^[A-Za-z0-9_]+$'"),
    "too_long": (lambda report: report["cases"][0]["specified"][0].__setitem__(1, 10**400) or report,
                 f"$.cases[0].specified[0][1]: 1{'0' * 199}"),
    "verdict": (lambda report: report["cases"][1]["applied"]["torch"].update(bits=[["3e000000", 75]]) or report,
                "$.cases[1].applied.torch: differs from update 0 on, not from None"),
    "updates": (lambda report: report["cases"][0]["specified"].pop() and report,
                "$.cases[0].specified: 30 updates, not 75"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_an_invalid_document_is_refused_in_one_line(name, report, tmp_path, run):
    change, message = MISTAKES[name]
    path = tmp_path / "parity.json"
    path.write_text(json.dumps(change(report)), encoding="utf-8")
    result = run("-m", "parity", "report", "--from", path, "--out", tmp_path / "out")
    assert (result.returncode, result.stderr) == (
        2, f"python -m parity: argument --from: {path}: {message}\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("content", "message"), [
    (None, "no such file or directory"), ("", "not JSON: Expecting value: line 1 column 1 (char 0)"),
    ('{"format": 1, "format": 1}', "not JSON: a key given more than once"),
    ("[" * 100_000, "not JSON: nested too deeply"), ("\ud800", "not UTF-8")])
def test_a_file_without_a_document_is_refused(content, message, tmp_path, run):
    path = tmp_path / "parity.json"
    if content is not None:
        path.write_bytes(content.encode("utf-8", "surrogatepass"))
    result = run("-m", "parity", "report", "--from", path, "--out", tmp_path / "out")
    assert (result.returncode, result.stderr) == (2, f"python -m parity: argument --from: {path}: {message}\n")


def test_a_folder_that_cannot_be_written_is_reported(report, tmp_path, run):
    write(report, tmp_path / "there")
    result = run("-m", "parity", "report", "--from", tmp_path / "there/parity.json",
                 "--out", tmp_path / "there/parity.md")
    assert (result.returncode, result.stderr) == (
        2, f"python -m parity: argument --out: {tmp_path / 'there/parity.md'}: file exists\n")


def test_a_document_with_a_difference_ends_with_4(report, tmp_path, run):
    report["cases"][1]["applied"]["torch"] |= {"first_difference": 17, "said": "update 17: off"}
    path = tmp_path / "parity.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    result = run("-m", "parity", "report", "--from", path, "--out", tmp_path)
    assert result.returncode == 4
    assert result.stdout.splitlines()[1:] == ["polynomial in torch, update 17: off"]
