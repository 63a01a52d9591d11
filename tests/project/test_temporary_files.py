"""Tests when the temporary files of whole writes are removed: never those of a writer that runs."""

from __future__ import annotations

import os
import subprocess
import sys

from frameworks.whole_files import replace_in_pieces, replace_whole
from tests.project.test_whole_files import WRITING, names


def test_a_temporary_file_is_removed_once_its_writer_has_ended(tmp_path):
    """The one of a writer that runs stays, and so does what has another name, or is not a regular file."""
    others = [".file.12345678.bak", ".file.1234567.tmp", ".file.json.12345678.tmp", ".file.notsohex.tmp"]
    for name in (*others, ".file.12345678.tmp"):
        (tmp_path / name).touch()
    others += [".file.00000000.tmp", ".file.11111111.tmp", ".file.22222222.tmp"]
    os.mkfifo(tmp_path / others[-3])  # opened to be read, it would wait for a writer
    (tmp_path / others[-2]).symlink_to("other")
    (tmp_path / others[-1]).mkdir()
    with replace_in_pieces(tmp_path / "file") as file:
        file.write(b"first")
        replace_whole({tmp_path / "file": b"second"})
        assert len(names(tmp_path)) == len(others) + 2
    assert (names(tmp_path), (tmp_path / "file").read_bytes()) == (sorted([*others, "file"]), b"first")


def test_two_processes_that_write_the_same_files_disturb_each_other_never(tmp_path, root):
    processes = [subprocess.Popen([sys.executable, "-c", WRITING.replace("100_000", "50"), str(tmp_path)], cwd=root,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1] for process in processes] == [b"", b""]
    assert names(tmp_path) == ["x", "y"]


def test_a_file_that_is_removed_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    import fcntl

    def remove(file, how, lock=fcntl.flock):
        monkeypatch.setattr(fcntl, "flock", lock)
        os.unlink(file.name)

    monkeypatch.setattr(fcntl, "flock", remove)
    replace_whole({tmp_path / "file": b"new"})
    assert (names(tmp_path), (tmp_path / "file").read_bytes()) == (["file"], b"new")
