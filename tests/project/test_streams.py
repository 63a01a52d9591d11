"""Tests programs whose streams were closed before Python began."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: Prints, writes a file, and prints from outside Python, to the descriptor of stdout.
PROGRAM = """
import os, sys
from frameworks.streams import tidy_end
from reproduce.trainer.unbroken import ignore_write_errors
if "tidy" in sys.argv:
    tidy_end()
with open(sys.argv[1], "w") as file:
    with ignore_write_errors():
        print("out")
        print("error", file=sys.stderr)
        sys.stdout.flush()
    try:
        os.write(1, b"from a library")
    except OSError:
        pass
    file.write("whole")
"""


def run_closed(root, *arguments):
    """Run the program without descriptors 0 to 2, and return its exit code."""
    return subprocess.run([sys.executable, "-c", PROGRAM, *arguments], cwd=root, check=False,
                          preexec_fn=lambda: os.closerange(0, 3)).returncode


def test_what_is_printed_does_not_get_into_a_file(root, tmp_path):
    assert run_closed(root, tmp_path / "file", "tidy") == 0
    assert (tmp_path / "file").read_text() == "whole"


def test_without_it_a_file_gets_the_descriptor_of_stdout(root, tmp_path):
    """This is the counterpart: the file may have been the second one to be opened."""
    with open(tmp_path / "first", "w") as first:
        code = subprocess.run([sys.executable, "-c", PROGRAM, tmp_path / "file"], cwd=root, check=False, stdin=first,
                              preexec_fn=lambda: os.closerange(1, 3)).returncode
    assert code == 0
    assert (tmp_path / "file").read_text() != "whole"


@pytest.mark.parametrize("arguments", [["port", "CosineScheduler(20)", "--from", "mxnet", "--to", "torch",
                                        "--no-measure"], ["schema"]], ids=lambda arguments: arguments[0])
def test_a_command_without_streams_ends_with_1(arguments, root):
    done = subprocess.run([sys.executable, "-m", "parity", *arguments], cwd=root, check=False,
                          preexec_fn=lambda: os.closerange(0, 3))
    assert done.returncode == 1
