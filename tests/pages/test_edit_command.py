"""Tests the command that writes the schedule editor."""

from __future__ import annotations

import os

import pytest

from parity.pages.edit.command import build_page


@pytest.mark.parametrize("options", [(), ("-OO",)])
def test_it_writes_the_page_into_a_file(options, tmp_path, run):
    """Tests also without docstrings."""
    result = run(*options, "-m", "parity", "edit", "--out", tmp_path / "e.html")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{tmp_path / 'e.html'}\n", "")
    assert (tmp_path / "e.html").read_text(encoding="utf-8") == build_page()


def test_it_opens_the_page_in_the_browser(tmp_path, run):
    result = run("-m", "parity", "edit", env=os.environ | {"BROWSER": "echo opened %s", "TMPDIR": str(tmp_path)})
    assert (result.returncode, result.stderr) == (0, "")
    path, opened = result.stdout.splitlines()
    assert opened == f"opened file://{path}"
    assert path.startswith(str(tmp_path))


def test_without_a_browser_it_names_the_file(tmp_path, run):
    result = run("-m", "parity", "edit", env=os.environ | {"BROWSER": "false", "PATH": "", "TMPDIR": str(tmp_path)})
    assert result.returncode == 0
    assert result.stderr == "no browser could be started: open this file in one\n"


def test_a_file_that_cannot_be_written_is_one_line(tmp_path, run):
    for path, reason in ((tmp_path, "is a directory"), (tmp_path / "no" / "e.html", "no such file or directory")):
        result = run("-m", "parity", "edit", "--out", path)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.lower() == f"python -m parity: argument --out: {path}: {reason}\n".lower()
