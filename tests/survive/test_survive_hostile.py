"""Tests hostile files that earlier versions did not refuse."""

from __future__ import annotations

import copy
import json
import os
import re
import sys

import numpy as np
import pytest
import safetensors.numpy as safetensors

from frameworks.record import Rates, RecordError
from frameworks.schedule import SpecificationError, loads
from parity.explain.reading import SideOptions, read_side
from parity.mistakes.search.subject import UnreadableError
from parity.pages.report.read import DocumentError
from parity.pages.report.read import read as read_report
from parity.port import PortError, read_text
from parity.vectors.check import find_differences
from reproduce.trainer import checkpoint
from reproduce.trainer.errors import CheckpointError, OutputError
from reproduce.trainer.manifest import Manifest, read_record
from reproduce.trainer.record import read_entry
from tests.harness.fuzz import documents, runs
from tests.harness.fuzz.runs import ENTRIES
from tests.harness.fuzz.watch import limit_memory


@pytest.mark.parametrize("text", [
    "not " * 2000 + "x", "f" + "()" * 3000, "x" + "[0]" * 3000, "StepLR(0x" + "f" * 15_000 + " < 1)",
    "StepLR(**0x" + "f" * 15_000 + ")", "f()." * 2000 + "g()"])
def test_no_text_is_too_deep_or_too_long_to_be_quoted(text):
    with pytest.raises(PortError, match=r"^(must be|arguments must be|not a call|nested more than 20|a number beyond)"):
        read_text(text, "torch", lr=0.1)


def test_a_name_of_a_thousand_parts_is_quoted_too():
    with pytest.raises(PortError, match=r"^must be a call such as"):
        read_text("FactorScheduler(3)", "mxnet", optimizer="Adam" + ".a" * 1000)


def test_python_has_nothing_to_say_about_a_constructor(recwarn):
    with pytest.raises(PortError):
        read_text("StepLR(optimizer, 3 if 1else 2, '\\d', 1())", "torch", lr=0.1)
    assert [*recwarn] == []


@pytest.mark.parametrize("key", ["a." * 64 + "a", '"a" . ' * 64 + "a", "'a'." * 20_000 + "a"])
def test_a_key_of_many_parts_is_refused_before_it_is_parsed(key):
    for text in (f"{key} = 1", f"[{key}]", f"[[{key}]]", f"x = {{{key} = 1}}"):
        with pytest.raises(SpecificationError, match="nested too deeply, a schedule goes at most 64 deep"):
            loads(text, "toml")
    with pytest.raises(SpecificationError, match="kind: missing"):
        loads(f"{'a.' * 62}a = 1", "toml")


def test_a_whole_number_beyond_every_float_differs():
    expected = documents._reduce_vectors()
    there = copy.deepcopy(expected)
    assert find_differences("chapter.json", there, expected) == []
    there["vectors"][0]["lr"][3] = 10**400
    (line,) = find_differences("chapter.json", there, expected)
    assert line.endswith(": lr is not current")


def test_a_report_with_half_a_character_is_refused(tmp_path):
    found = documents._report()
    path = tmp_path / "parity.json"
    path.write_text(json.dumps(found))
    assert read_report(path) == found
    found["versions"]["torch"] = "2\ud800"
    path.write_text(json.dumps(found))
    with pytest.raises(DocumentError, match="has text that UTF-8 cannot hold"):
        read_report(path)


@pytest.mark.parametrize(("changed", "message"), [
    ({"losses": np.array(1.0), "rates": np.array(1.0), "sizes": np.array(1)}, "epoch/losses must be float64"),
    ({"losses": np.full(3, 1e308)}, "epoch/losses has numbers that no run has"),
    ({"rates": np.full(3, -1e40)}, "epoch/rates has numbers that no run has"),
    ({"sizes": np.array([2**63 - 1, 2**63 - 1, 300])}, "epoch/sizes has numbers that no run has"),
    ({"correct": np.array([-2**63])}, "epoch/correct has numbers that no run has"),
    ({}, None),
])
def test_an_epoch_that_nothing_could_go_on_with_is_refused(changed, message, tmp_path):
    arrays = dict(safetensors.load(ENTRIES[0][1])) | {f"epoch/{name}": array for name, array in changed.items()}
    read = runs._read_weights(safetensors.save(arrays), tmp_path)
    if message is None:
        assert read().update == 6
        return
    with pytest.raises(CheckpointError, match=message):
        read()


def test_a_folder_whose_name_is_too_long_has_no_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match="cannot be read: file name too long"):
        checkpoint.load(tmp_path / ("a" * 300))


def test_a_record_that_is_not_a_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    for name, reason in (("pipe.json", "not a regular file"), ("folder.json", "is a directory")):
        with pytest.raises(OutputError, match=f"not a record of a run: {reason}"):
            read_record(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        read_record(tmp_path / "none.json")
    assert read_entry(tmp_path / "pipe.json", "dry_run") is None  # a dry run looks whether it may replace a record
    (tmp_path / "true.json").write_text('{"dry_run": true}')
    assert read_entry(tmp_path / "true.json", "dry_run") is True


def test_no_flipped_bit_of_a_number_in_a_manifest_is_accepted():
    """The last digit of a float may change without a change of the float."""
    content = runs.build_manifest(*(entry for entry, _ in ENTRIES))
    assert len(Manifest.read(content).checkpoints) == len(ENTRIES)
    digits = [index for number in re.finditer(rb"\d+\.\d+", content) for index in range(*number.span())]
    assert len(digits) > 100
    for index in digits:
        for bit in range(8):
            with pytest.raises(ValueError, match=r"not JSON|not UTF-8|sha256|must be written as|depth|NaN"):
                Manifest.read(content[:index] + bytes([content[index] ^ 1 << bit]) + content[index + 1:])


def test_no_flipped_bit_of_a_manifest_is_accepted():
    content = runs.build_manifest(ENTRIES[0][0])
    assert len(Manifest.read(content).checkpoints) == 1
    for index in range(8 * len(content)):
        changed = bytearray(content)
        changed[index // 8] ^= 1 << index % 8
        with pytest.raises(ValueError, match=r"."):
            Manifest.read(bytes(changed))


def test_a_deep_manifest_leaves_the_stack_alone(tmp_path):
    """The error is the same at each depth near Python's limit of recursion."""
    deep = "[" * (sys.getrecursionlimit() - 100)
    (tmp_path / "checkpoints").mkdir()
    path = tmp_path / "checkpoints" / "manifest.json"
    for depth in range(0, 100, 7):
        path.write_text('{"format": 1, "sha256": ' + deep[depth:] + "]" * len(deep[depth:]) + "}")
        with pytest.raises(CheckpointError):
            checkpoint.load(tmp_path)


@pytest.mark.parametrize("name", ["endless.csv", "endless.jsonl"])
def test_a_line_without_an_end_is_refused_in_little_memory(name, tmp_path):
    with open(tmp_path / name, "wb") as file:
        file.truncate(1 << 32)
    with limit_memory(64 << 20):
        with pytest.raises(UnreadableError, match=r"endless\.\w+: line 1: longer than 1048576 characters$"):
            read_side(str(tmp_path / name), SideOptions("a"))
        with pytest.raises(RecordError, match=r"line [12]: longer than 1048576 characters$"):
            Rates(tmp_path / name, 1)
    assert (tmp_path / name).stat().st_size == 1 << 32
    (tmp_path / name).write_text({"endless.csv": "t,lr\n0,0.5\n", "endless.jsonl": '{"t": 0, "lr": 0.5}\n'}[name])
    Rates(tmp_path / name, 1).close()
    assert read_side(str(tmp_path / name), SideOptions("a")).logged.tolist() == [0.5]
