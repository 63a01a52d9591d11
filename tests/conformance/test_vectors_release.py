"""Tests the archive of the vectors: its bytes, its versions, its links, its skip lists, and its command."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile

import pytest

from frameworks.exit_codes import FAILED, USAGE
from frameworks.schedule import KINDS
from parity.cases import CASES
from parity.vectors import __main__ as command
from parity.vectors import release
from parity.vectors.check import check_document
from parity.vectors.files import VectorError, read_ids
from parity.vectors.release import build_tar, choose_version, collect_files, rewrite_links

LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")


@pytest.fixture(scope="module")
def files():
    return collect_files()


@pytest.fixture
def releases(tmp_path, monkeypatch):
    """Return a copy of releases.txt, which the command changes."""
    path = tmp_path / "releases.txt"
    path.write_text("")
    monkeypatch.setattr(release, "RELEASES", path)
    monkeypatch.setattr(command, "find_stale", lambda folder: [])
    return path


def start(*arguments):
    return command.main(list(map(str, arguments)))


def test_the_same_files_give_the_same_bytes(releases, tmp_path, capsys):
    """Also in another folder, and by another user at another time."""
    assert start("--release", tmp_path / "a") == 0
    before = os.umask(0o077)
    try:
        assert start("--release", tmp_path / "b/c") == 0
    finally:
        os.umask(before)
    first, second = ((folder / "vectors-1.0.tar.gz").read_bytes() for folder in (tmp_path / "a", tmp_path / "b/c"))
    assert first == second
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "a/vectors-1.0.tar.gz"),
                                                    str(tmp_path / "b/c/vectors-1.0.tar.gz")]
    assert releases.read_text().count("\n") == 1
    with tarfile.open(fileobj=io.BytesIO(first)) as archive:
        members = archive.getmembers()
    for member in members:
        assert (member.mtime, member.uid, member.gid, member.uname, member.mode) == (0, 0, 0, "", 0o644)


def test_the_sums_are_those_of_the_files(releases, tmp_path):
    """As a counterpart, a changed file has another sum."""
    start("--release", tmp_path)

    def check(sums, folder):
        return subprocess.run(["sha256sum", "-c", sums], cwd=folder, capture_output=True, check=False).returncode

    assert check("vectors-1.0.tar.gz.sha256", tmp_path) == 0
    shutil.unpack_archive(tmp_path / "vectors-1.0.tar.gz", tmp_path)
    folder = tmp_path / "vectors-1.0"
    assert check("SHA256SUMS", folder) == 0
    listed = {line.split()[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert listed | {"SHA256SUMS"} == {path.relative_to(folder).as_posix() for path in folder.rglob("*")
                                       if path.is_file()}
    (folder / "chapter.json").write_text("{}")
    assert check("SHA256SUMS", folder) != 0


def test_changed_files_get_the_next_version(files):
    version, tar = choose_version("", files)
    line = f"1.0 {hashlib.sha256(tar).hexdigest()}\n"
    assert version == "1.0"
    assert choose_version(line, files) == ("1.0", tar)
    changed = files | {"LICENSE": b"another"}
    version, other = choose_version(line, changed)
    assert (version, other == tar) == ("1.1", False)
    assert choose_version(f"{line}1.1 {hashlib.sha256(other).hexdigest()}\n", files)[0] == "1.2"


@pytest.mark.parametrize("text", ["1.1 " + "0" * 64, "1.0 abc", "\n", "1.0 " + "0" * 64 + "\nx"])
def test_wrong_versions_are_refused(text, files):
    with pytest.raises(VectorError, match=r"releases.txt: line \d must be 1\.\d and 64 digits, got"):
        choose_version(text, files)


def test_the_versions_of_this_project_are_valid(root, files):
    lines = (root / "parity/vectors/releases.txt").read_text()
    assert lines.startswith("1.0 ")
    choose_version(lines, files)


def test_every_file_is_valid_and_every_id_known(files):
    ids = {f"lr-{number:04}" for number in read_ids(files["ids.txt"].decode()).values()}
    vectors = []
    for name, content in files.items():
        if name.endswith(".json") and "/" not in name:
            check_document(json.loads(content), name)
            vectors += json.loads(content)["vectors"]
    assert len(vectors) == len(CASES)
    assert {vector["id"] for vector in vectors} <= ids
    assert all(json.loads(files[f"schema/{name}.json"])["$schema"] for name in ("vectors-1", "schedule"))


def find_broken_links(files):
    return [f"{name}: {match[1]}" for name, text in files.items() if name.endswith(".md")
            for match in LINK.finditer(text.decode()) if "://" not in match[1] and match[1] not in files]


def test_no_link_of_a_page_leads_out_of_the_archive(files, root):
    assert find_broken_links(files) == []
    assert b"](PROTOCOL.md#kinds-and-fields)" in files["README.md"]
    page = root / "parity/vectors/README.md"
    assert find_broken_links({"README.md": page.read_bytes()}) != []  # as a counterpart
    assert rewrite_links("[a](../x.md) [b](https://c.d) [e](#f)", page, {}) == "a [b](https://c.d) [e](#f)"


def test_a_skip_list_has_the_vectors_with_its_kind(files):
    """As a counterpart, no vector outside it has the kind."""
    schedules = {vector["id"]: json.dumps(vector["schedule"]) for name, content in files.items()
                 if name.endswith(".json") and "/" not in name for vector in json.loads(content)["vectors"]}
    lists = {name: content.decode() for name, content in files.items() if name.startswith("skip/")}
    assert set(lists) == {f"skip/{kind}.txt" for kind in KINDS}
    for name, text in lists.items():
        kind = f'"kind": "{name[5:-4]}"'
        assert [line.split()[0] for line in text.splitlines()] == sorted(
            identity for identity, schedule in schedules.items() if kind in schedule)


def test_what_is_not_current_is_not_released(releases, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "find_stale", lambda folder: ["chapter.json: is missing"])
    assert start("--release", tmp_path / "a") == FAILED
    assert (capsys.readouterr().out, (tmp_path / "a").exists()) == ("chapter.json: is missing\n", False)


def test_no_archive_is_written_without_its_line(releases, tmp_path, monkeypatch, capsys):
    """Else its version would be given again, to other files."""
    releases.unlink()
    releases.symlink_to(tmp_path / "none" / "releases.txt")
    read = release.read_text
    monkeypatch.setattr(release, "read_text", lambda path: "" if path == releases else read(path))
    with pytest.raises(SystemExit):
        start("--release", tmp_path / "a")
    assert "none/" in capsys.readouterr().err
    assert list((tmp_path / "a").iterdir()) == []


def test_a_last_line_without_an_end_is_kept(releases, tmp_path):
    start("--release", tmp_path)
    releases.write_text(releases.read_text().rstrip("\n"))
    before = releases.read_text()
    assert start("--release", tmp_path) == 0
    assert releases.read_text() == before


@pytest.mark.parametrize(("arguments", "message"), [
    (["--release", "/proc/none"], "vectors: argument --release: /proc/none: no such file or directory\n"),
    (["--release", "x", "--check"], "vectors: argument --release: not allowed with argument --check\n")])
def test_a_mistake_is_one_line(arguments, message, releases, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(arguments, "vectors")
    assert (ended.value.code, capsys.readouterr().err) == (USAGE, message)


def test_the_page_has_the_number_of_vectors(files):
    """Its badge and its sentence."""
    assert set(re.findall(r"(\d+)(?:%20| )of(?:%20| )(\d+)", files["CONSUME.md"].decode())) == {(str(len(CASES)),) * 2}
    assert files["README.md"].decode().count(f"| {len(CASES)} equal |") == 4


def test_a_file_has_the_same_bytes_in_any_order(files):
    assert build_tar("1.0", dict(reversed(files.items()))) == build_tar("1.0", files)
