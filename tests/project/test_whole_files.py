"""Tests that files are read up to a limit, and are replaced as a whole or left as they were."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from frameworks import whole_files
from frameworks.record import Rates
from frameworks.schedule import Constant, Cosine, read, write
from frameworks.whole_files import check_replaceable, read_bounded, replace_in_pieces, replace_whole

#: Writes two files again and again.
WRITING = """
import sys
from pathlib import Path
from frameworks.whole_files import replace_whole
folder = Path(sys.argv[1])
print("writing", flush=True)
for letter in "ab" * 100_000:
    replace_whole({folder / name: letter.encode() * 2_000_000 for name in ("x", "y")})
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_within_the_limit_is_read(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    assert read_bounded(tmp_path / "link", 5, "log") == b"12345"
    with pytest.raises(ValueError, match=r"^larger than 4 bytes, which no log is$"):
        read_bounded(tmp_path / "link", 4, "log")


def test_a_file_that_is_not_regular_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (tmp_path / "pipe", tmp_path / "link"):
        with pytest.raises(ValueError, match=r"^not a regular file$"):
            read_bounded(path, 5, "log")
        with pytest.raises(OSError, match="not a regular file"):
            replace_whole({path: b"1"})
    with pytest.raises(IsADirectoryError):
        read_bounded(tmp_path, 5, "log")
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ValueError, match="larger than 5 bytes"):
        read_bounded(tmp_path / "sparse", 5, "log")
    assert names(tmp_path) == ["link", "pipe", "sparse"]


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755])
def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path, mode):
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "s.json"
    target.write_text("{}")
    target.chmod(mode)
    (tmp_path / "link.json").symlink_to("folder/s.json")
    write(Constant(base_lr=0.5), tmp_path / "link.json")
    assert os.readlink(tmp_path / "link.json") == "folder/s.json"
    assert stat.S_IMODE(target.stat().st_mode) == mode
    assert read(target) == Constant(base_lr=0.5)


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_mode_of_the_umask(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        write(Cosine(base_lr=0.3, updates=20), tmp_path / "s.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "s.json").stat().st_mode) == mode


def test_a_link_to_nothing_gets_its_target(tmp_path):
    (tmp_path / "link").symlink_to("later")
    replace_whole({tmp_path / "link": b"1"})
    assert (names(tmp_path), (tmp_path / "later").read_bytes()) == (["later", "link"], b"1")


def test_a_link_to_itself_is_refused(tmp_path):
    (tmp_path / "link").symlink_to("link")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        replace_whole({tmp_path / "link": b"1"})
    assert names(tmp_path) == ["link"]


def test_a_long_name_is_written(tmp_path):
    path = tmp_path / ("é" * 120)
    replace_whole({path: b"1"})
    assert (names(tmp_path), path.read_bytes()) == ([path.name], b"1")


def test_a_file_that_is_read_only_stays(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.setattr(whole_files.os, "access", lambda path, mode: False)  # root may write every file
    with pytest.raises(PermissionError):
        replace_whole({tmp_path / "file": b"new"})
    with pytest.raises(PermissionError):
        check_replaceable(tmp_path / "file")
    assert (names(tmp_path), (tmp_path / "file").read_bytes()) == (["file"], b"old")


def test_all_files_stay_if_one_cannot_be_written(tmp_path):
    (tmp_path / "first").write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        replace_whole({tmp_path / "first": b"new", tmp_path / "none" / "second": b"new"})
    assert (names(tmp_path), (tmp_path / "first").read_bytes()) == (["first"], b"old")
    replace_whole({tmp_path / "first": b"new", tmp_path / "second": b"new"})  # as a counterpart
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"new"}


def test_a_file_is_replaced_in_pieces_or_stays(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "file").chmod(0o640)
    (tmp_path / "link").symlink_to("file")
    with pytest.raises(TypeError), replace_in_pieces(tmp_path / "link") as file:
        file.writelines([b"new", 1])
    assert (names(tmp_path), (tmp_path / "file").read_bytes()) == (["file", "link"], b"old")
    with replace_in_pieces(tmp_path / "link") as file:
        file.write(b"n")
        assert (tmp_path / "file").read_bytes() == b"old"
        file.write(b"ew")
    assert (os.readlink(tmp_path / "link"), (tmp_path / "file").read_bytes()) == ("file", b"new")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
    assert names(tmp_path) == ["file", "link"]


def test_a_recording_that_is_continued_keeps_its_mode_and_its_link(tmp_path):
    (tmp_path / "rates.csv").write_text("t,lr\n0,0.5\n1,0.25\n")
    (tmp_path / "rates.csv").chmod(0o640)
    (tmp_path / "link.csv").symlink_to("rates.csv")
    Rates(tmp_path / "link.csv", 1).close()
    assert os.readlink(tmp_path / "link.csv") == "rates.csv"
    assert (tmp_path / "rates.csv").read_text() == "t,lr\n0,0.5\n"
    assert stat.S_IMODE((tmp_path / "rates.csv").stat().st_mode) == 0o640


def test_a_full_disk_leaves_the_files(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whole_files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_whole({tmp_path / "file": b"new"})
    assert (names(tmp_path), (tmp_path / "file").read_bytes()) == (["file"], b"old")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)])
def test_a_killed_process_leaves_whole_files(tmp_path, root, number, code):
    for delay in (0.005, 0.01, 0.02, 0.04):
        process = subprocess.Popen([sys.executable, "-c", WRITING, str(tmp_path)], cwd=root, stdout=subprocess.PIPE)
        process.stdout.readline()
        while not (tmp_path / "y").exists():
            time.sleep(0.001)
        time.sleep(delay)
        process.send_signal(number)
        process.communicate()
        assert process.returncode in (code, -number)  # it may end at once, between two files
        for name in ("x", "y"):
            content = (tmp_path / name).read_bytes()
            assert content in (b"a" * 2_000_000, b"b" * 2_000_000)
        assert names(tmp_path) == ["x", "y"] or number == signal.SIGKILL
        replace_whole(dict.fromkeys((tmp_path / "x", tmp_path / "y"), b"a" * 2_000_000))
        assert names(tmp_path) == ["x", "y"]
