"""Checks files that a command writes, and the check that they are current."""

from __future__ import annotations

import os

import pytest

from frameworks import generated
from frameworks.arguments import Parser

TEXTS = {"a/b/page.md": "one\ntwo\n", "plain.md": "three\n"}


def test_what_was_written_is_current_until_a_byte_is_another(tmp_path, capsys):
    assert generated.update(TEXTS, tmp_path, "make pages", check=False) == 0
    assert (generated.update(TEXTS, tmp_path, "make pages", check=True), capsys.readouterr().out) == (0, "")
    (tmp_path / "a/b/page.md").write_bytes(b"one\ntwo\r\n")
    (tmp_path / "plain.md").write_bytes(b"\xff")
    assert generated.update(TEXTS, tmp_path, "make pages", check=True) == 4
    assert capsys.readouterr().out == ("a/b/page.md is not current from line 2: make pages\n"
                                       "plain.md is not current from line 1: make pages\n")
    (tmp_path / "plain.md").unlink()
    assert generated.find_stale(TEXTS, tmp_path, "make pages")[1] == "plain.md is missing: make pages"


def test_what_is_no_file_is_one_line(tmp_path, capsys):
    """A folder, a pipe and a device are neither read nor replaced; the other files stay as they were."""
    path = tmp_path / "plain.md"
    for make, reason in ((path.mkdir, "is a directory"), (lambda: os.mkfifo(path), "not a regular file"),
                         (lambda: path.symlink_to("/dev/zero"), "not a regular file")):
        make()
        assert generated.update({"plain.md": "three\n"}, tmp_path, "make pages", check=True) == 4
        assert capsys.readouterr().out == f"plain.md cannot be read, {reason}: make pages\n"
        assert generated.update(TEXTS, tmp_path, "make pages", check=False) == 1
        assert capsys.readouterr().err == f"{path}: cannot be written: {reason}\n"
        assert not (tmp_path / "a/b/page.md").exists()
        path.rmdir() if path.is_dir() else path.unlink()


def test_without_a_clone_nothing_is_generated(tmp_path, monkeypatch, capsys):
    assert generated.parse_arguments(Parser(prog="pages"), ["--check"]).check
    monkeypatch.setattr(generated, "ROOT", tmp_path)
    with pytest.raises(SystemExit) as ended:
        generated.parse_arguments(Parser(prog="pages"), [])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "pages: needs a clone of this project: it writes files that are not in the package\n")
