"""Reads damaged and hostile files of every kind: each gives a documented error or a valid result.

Faulty readers are detected. These are 5,700 of the cases of tests/harness/fuzz; for more: python -m tests.harness.fuzz
--cases 100000 --seed 3
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import pickle
import struct
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.fuzz.__main__ import FAILED, TARGETS, main
from tests.harness.fuzz.documents import build_file_reader, is_schedule
from tests.harness.fuzz.planted import MARK, PICKLES
from tests.harness.fuzz.target import Target, UndocumentedError, survey, try_file
from tests.harness.fuzz.watch import limit_memory

CASES = 300
BY_NAME = {target.name: target for target in TARGETS}
BOMB = gzip.compress(bytes(1 << 20), 9) * 1024
GOOD = b'{"kind": "constant", "base_lr": 0.1}'


@pytest.mark.parametrize("name", BY_NAME)
def test_every_case_ends_as_documented(name, tmp_path):
    with limit_memory(1 << 30):
        found = survey(BY_NAME[name], CASES, 0, tmp_path)
    assert found.undocumented == []
    assert found.outcomes.total() == CASES
    refused = sum(found.outcomes[error.__name__] for error in BY_NAME[name].documented)
    assert refused + found.outcomes["accepted"] == CASES
    assert refused > CASES / 3


def test_there_are_enough():
    assert CASES * len(TARGETS) >= 5000


#: Any JSON, often with names that have a meaning.
WORDS = st.sampled_from(["kind", "base_lr", "updates", "of", "then", "parts", "boundaries", "constant", "cosine",
                         "warmup", "scale", "format", "optimizer", "schedule", "epochs", "sha256", "checkpoints",
                         "vectors", "cases"])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=5),
    max_leaves=20)
DOCUMENTS = ["specification-json", "run-json", "vectors", "report", "record", "manifest", "manifest-hashed", "answer"]


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
def test_any_json_ends_as_documented(name, tree, tmp_path):
    with limit_memory(1 << 30):
        try_file(BY_NAME[name], json.dumps(tree).encode(), tmp_path)


@pytest.mark.parametrize("name", BY_NAME)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_any_bytes_end_as_documented(name, content, tmp_path):
    with limit_memory(1 << 30):
        try_file(BY_NAME[name], content, tmp_path)


def reader(read, **options):
    """Return a kind of file that is read by this function."""
    given = {"documented": (ValueError,), "valid": lambda found: None} | options
    return Target("planted", (GOOD,), build_file_reader("a.json", read), **given)


def read_pickle(path: Path) -> object:
    """Read a file correctly, except for content that begins like a pickle."""
    content = path.read_bytes()
    return pickle.loads(content) if content[:1] == b"\x80" else json.loads(content)


def open_connection(path: Path) -> object:
    import socket

    with socket.socket() as one:
        one.settimeout(0.1)
        return one.connect_ex(("127.0.0.1", 9))


def slow(path: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass


FAULTS = {
    "another error": (reader(lambda path: json.loads(path.read_bytes())["base_lr"]), b"{}", "KeyError: 'base_lr'"),
    "unpickles": (reader(read_pickle), PICKLES[1], "a payload was run"),
    "allocates": (reader(lambda path: bytes(100 << 20)), GOOD, "took 100 MiB, more than 64"),
    "allocates more than there is": (reader(lambda path: bytearray(8 << 30)), GOOD, "MemoryError"),
    "evaluates": (reader(lambda path: eval(path.read_text())), b"{}", "compile "),
    "runs a program": (reader(lambda path: __import__("os").system("true")), GOOD, "os.system "),
    "connects": (reader(open_connection), GOOD, "socket.__new__ "),
    "writes": (reader(lambda path: path.write_text("")), GOOD, "open "),
    "reads elsewhere": (reader(lambda path: Path("/etc/hostname").read_bytes()), GOOD, "open '/etc/hostname'"),
    "accepts what is invalid": (reader(lambda path: 1, valid=is_schedule), GOOD, "accepted, but AttributeError"),
    "unpacks": (reader(lambda path: gzip.decompress(path.read_bytes())), BOMB, ("MemoryError", "took 102")),
    "hangs": (reader(slow, seconds=0.5), GOOD, "took more than 0.5 s"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_reader_is_caught(fault, tmp_path):
    target, content, what = FAULTS[fault]
    with limit_memory(1 << 30), pytest.raises(UndocumentedError) as caught:
        try_file(target, content, tmp_path)
    assert str(caught.value).startswith(what)
    assert not MARK.exists()


def test_pickles_are_noticed_even_where_the_payload_does_nothing(tmp_path):
    harmless = pickle.dumps(Path)
    with limit_memory(1 << 30), pytest.raises(UndocumentedError, match=r"^pickle\.find_class "):
        try_file(reader(read_pickle), harmless, tmp_path)


def test_the_command_writes_the_case_and_repeats_it(tmp_path, capsys):
    faulty = reader(lambda path: json.loads(path.read_bytes())["base_lr"], documented=(ValueError, TypeError))
    assert main(["--cases", "200", "--seed", "5", "--out", str(tmp_path)], [faulty]) == FAILED == 4
    printed = capsys.readouterr()
    line = json.loads(printed.out)
    assert (line["target"], line["seed"], line["undocumented"] > 0) == ("planted", 5, True)
    said = printed.err.splitlines()[0]
    assert said.startswith("planted: case ")
    assert " of seed 5: KeyError: " in said
    path = said.rpartition("--repeat ")[2]
    assert main(["--target", "planted", "--repeat", path], [faulty]) == FAILED
    assert "KeyError" in capsys.readouterr().err
    sound = reader(lambda path: json.loads(path.read_bytes()), documented=(ValueError, RecursionError))
    assert main(["--target", "planted", "--repeat", path], [sound]) == 0
    assert main(["--cases", "200", "--seed", "5", "--out", str(tmp_path)], [sound]) == 0


LARGE = {"weights/dense1.bias": {"dtype": "F32", "shape": [1 << 28], "data_offsets": [0, 1 << 30]}}
HEADER = json.dumps(LARGE).encode()


@pytest.mark.parametrize(("name", "content", "refused"), [
    ("weights", struct.pack("<Q", 1 << 30) + b"{}", "CheckpointError"),
    ("weights", struct.pack("<Q", len(HEADER)) + HEADER, "CheckpointError"),
    ("data-packed", BOMB, "DataError"),
    ("manifest", b'{"format": 1, "checkpoints": [' + b"[" * (17 << 20), "CheckpointError"),
    ("record", b" " * (17 << 20), "OutputError"),
    ("specification-toml", b"a." * 20_000 + b"a = 1", "SpecificationError"),
], ids=["header of 1 GiB", "array of 1 GiB", "1 GiB packed", "manifest", "record", "key"])
def test_what_claims_a_gigabyte_takes_little(name, content, refused, tmp_path):
    with limit_memory(1 << 28):
        assert try_file(dataclasses.replace(BY_NAME[name], memory=48 << 20), content, tmp_path) == refused


def test_the_same_seed_makes_the_same_cases():
    for target in TARGETS:
        assert [target.build_case(3, number) for number in range(20)] == [target.build_case(3, number)
                                                                          for number in range(20)]
        assert target.build_case(3, 1) != target.build_case(4, 1)


def test_a_good_file_that_is_refused_is_no_success(tmp_path):
    deaf = reader(lambda path: json.loads("{"))
    with limit_memory(1 << 30), pytest.raises(RuntimeError, match="planted: a good file is refused"):
        survey(deaf, 10, 0, tmp_path)
