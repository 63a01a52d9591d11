"""Builds the archive of the vectors for other projects: the same bytes for the same files.

It holds the vector files, their schemas, the pages that explain them, and for each kind the list of its vectors.
`releases.txt` has a line for each version: its number, and the SHA-256 of the tar inside the archive. Another program
that compresses may give other bytes of the archive, but not of the tar.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import posixpath
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from frameworks import schedule
from frameworks.generated import ROOT
from frameworks.whole_files import replace_whole
from parity.cases import GROUPS
from parity.vectors.check import SCHEMA
from parity.vectors.files import FOLDER, FORMAT, VectorError, read, read_text

#: The pages and files of the archive: from where, by the name in it.
PAGES = {"README.md": FOLDER / "README.md", "CONSUME.md": FOLDER / "CONSUME.md",
         "PROTOCOL.md": FOLDER.parent / "PROTOCOL.md", "MISTAKES.md": FOLDER.parent / "MISTAKES.md"}
FILES = {"LICENSE": ROOT / "LICENSE", "ids.txt": FOLDER / "ids.txt", "schema/vectors-1.json": SCHEMA,
         "schema/schedule.json": Path(schedule.__file__).with_name("schema.json"),
         **{f"{group}.json": FOLDER / f"{group}.json" for group in GROUPS}}
RELEASES = FOLDER / "releases.txt"


def write_release(folder: Path) -> Path:
    """Write the archive and its SHA-256 into a folder; return the path of the archive. Raises VectorError and OSError.

    If its content is new, it gets the next version, and releases.txt a line.
    """
    files, releases = collect_files(), read_text(RELEASES)
    version, tar = choose_version(releases, files)
    name, digest = f"vectors-{version}.tar.gz", hashlib.sha256(tar).hexdigest()
    archive = gzip.compress(tar, mtime=0)
    contents = {folder / name: archive,
                folder / f"{name}.sha256": f"{hashlib.sha256(archive).hexdigest()}  {name}\n".encode()}
    if f"{version} {digest}" not in releases.splitlines():
        contents[RELEASES] = "".join(f"{line}\n" for line in [*releases.splitlines(), f"{version} {digest}"]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    replace_whole(contents)  # no archive without its line, whose version would be given again
    return folder / name


def choose_version(releases: str, files: dict[str, bytes]) -> tuple[str, bytes]:
    """Return the version of some files, and their tar: the last version if it had these files, else the next one.

    releases: the text of releases.txt. Raises VectorError if it is not valid.
    """
    lines = releases.splitlines()
    for number, line in enumerate(lines):
        if re.fullmatch(rf"{FORMAT}\.{number} [0-9a-f]{{64}}", line) is None:
            rule = f"must be {FORMAT}.{number} and 64 digits"
            raise VectorError(f"releases.txt: line {number + 1} {rule}, got {line[:80]!r}")
    if lines:
        version, digest = lines[-1].split()
        tar = build_tar(version, files)
        if hashlib.sha256(tar).hexdigest() == digest:
            return version, tar
    version = f"{FORMAT}.{len(lines)}"
    return version, build_tar(version, files)


def collect_files() -> dict[str, bytes]:
    """Return the content of each file of the archive, by its name. Raises VectorError."""
    places = {path: name for name, path in (PAGES | FILES).items()}
    files = {name: rewrite_links(read_text(path), path, places).encode() for name, path in PAGES.items()}
    files |= {name: read_text(path).encode() for name, path in FILES.items()}
    vectors = [vector for group in GROUPS for vector in read(FOLDER / f"{group}.json")["vectors"]]
    return files | {f"skip/{kind}.txt": text.encode() for kind, text in list_skips(vectors).items()}


def rewrite_links(text: str, page: Path, places: dict[Path, str]) -> str:
    """Return a page with its links to files of the archive; those to other files of this project become text.

    places: the name in the archive of each file.
    """
    def rewrite(match: re.Match[str]) -> str:
        words, target, anchor = match[1], match[2], match[3] or ""
        if "://" in target or not target:
            return match[0]
        path = Path(posixpath.normpath((page.parent / target).as_posix()))
        return f"[{words}]({places[path]}{anchor})" if path in places else words

    return re.sub(r"\[([^\]]*)\]\(([^)#\s]*)(#[^)\s]*)?\)", rewrite, text)


def list_skips(vectors: list[dict[str, Any]]) -> dict[str, str]:
    """Return for each kind a skip list: the id and the name of every vector with this kind, also inside another one."""
    texts = {}
    for kind in schedule.KINDS:
        lines = sorted(f"{vector['id']} {vector['name']}\n" for vector in vectors
                       if kind in _list_kinds(vector["schedule"]))
        texts[kind] = "".join(lines)
    return texts


def _list_kinds(part: Any) -> Iterator[str]:
    if isinstance(part, dict) and "kind" in part:
        yield part["kind"]
    for member in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _list_kinds(member)


def build_tar(version: str, files: dict[str, bytes]) -> bytes:
    """Return a tar of the files, their SHA-256 and the version in one folder; the same bytes for the same files."""
    files = {**files, "VERSION": f"{version}\n".encode()}
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    files["SHA256SUMS"] = sums.encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(f"vectors-{version}/{name}")  # no owner, no time
            member.size, member.mode = len(files[name]), 0o644
            archive.addfile(member, io.BytesIO(files[name]))
    return buffer.getvalue()
