"""Tests that the checks on a GPU measure the memory of the card that is used. A program prints what nvidia-smi does."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.harness.gpu import session
from tests.harness.gpu.session import Session

#: Prints the file `before` when it is called first, then `after`.
PROGRAM = """#!/bin/sh
cd "$(dirname "$0")" && test "$1" = "--query-gpu=index,uuid,name,driver_version,memory.total,memory.used" || exit 1
cat before 2> /dev/null && rm before || cat after
"""
CARDS = "0, GPU-aa1, NVIDIA A, 570.1, 16384, {}\n1, GPU-bb2, NVIDIA B, 570.1, 81920, {}\n"


@pytest.fixture
def measure(tmp_path, monkeypatch):
    """Return a function that runs a session without steps, and returns its exit code and its result of the memory."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (program := tmp_path / "nvidia-smi").write_text(PROGRAM)
    program.chmod(0o755)

    def run(before, after, visible=None):
        (tmp_path / "before").write_text(before)
        (tmp_path / "after").write_text(after)
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        (out := tmp_path / f"out{len(list(tmp_path.iterdir()))}").mkdir()
        code = Session(out, 9, False, None, []).run()
        return code, json.loads((out / "memory.json").read_text())

    return run


@pytest.mark.parametrize(("visible", "used", "name"), [
    (None, 0, "NVIDIA A"), ("0", 0, "NVIDIA A"), ("1", 1, "NVIDIA B"), ("1,0", 1, "NVIDIA B"),
    ("GPU-bb2", 1, "NVIDIA B"), ("GPU-b", 1, "NVIDIA B"), (" 1 , 0", 1, "NVIDIA B")])
def test_only_the_card_that_is_used_counts(visible, used, name, measure):
    """Other users of the other card change nothing; memory that is kept on this one is found."""
    def write(own, other):
        return CARDS.format(*((other, own) if used else (own, other)))

    code, result = measure(write(10, 10), write(10 + session.KEPT, 5000), visible)
    assert (code, result["status"], result["on"]) == (0, "passed", f"GPU: {name}, driver 570.1")
    assert result["checks"][0]["after_MiB"] == 10 + session.KEPT
    code, result = measure(write(10, 5000), write(11 + session.KEPT, 10), visible)
    assert (code, result["status"]) == (4, "failed")


@pytest.mark.parametrize(("before", "after", "visible"), [
    (CARDS.format(10, 10), CARDS.format(10, 10), "2"), (CARDS.format(10, 10), CARDS.format(10, 10), "MIG-aa1"),
    (CARDS.format(10, 10), CARDS.format(10, 10), ""), ("", "", None), (CARDS.format(10, 10), "", None),
    (CARDS.format("[N/A]", 10), CARDS.format("[N/A]", 10), None),
    (CARDS.format(10, 10), CARDS.format(10, 10).replace("aa1", "cc3"), None)])
def test_memory_that_is_not_reported_is_missing(before, after, visible, measure):
    code, result = measure(before, after, visible)
    assert (code, result["status"], result["checks"]) == (2, "missing", [])
    assert result["why"].startswith("nvidia-smi reports no memory in use of the card; CUDA_VISIBLE_DEVICES=")


def test_the_script_numbers_the_cards_as_nvidia_smi_does(root, tmp_path):
    """The program that it starts prints the order, whatever the user's is."""
    (python := tmp_path / "python").write_text("#!/bin/sh\necho $CUDA_DEVICE_ORDER\n")
    python.chmod(0o755)
    done = subprocess.run(["bash", str(root / "reproduce/gpu.sh"), "out"], capture_output=True, text=True, check=True,
                          env=os.environ | {"PYTHON": str(python), "CUDA_DEVICE_ORDER": "FASTEST_FIRST"})
    assert done.stdout == "PCI_BUS_ID\n"
