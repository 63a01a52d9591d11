"""Read a file that a user names within a limit, and replace files whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from frameworks.children import exit_on_signals

#: Characters of a file's name in the name of its temporary file, which must stay below 255 bytes.
_NAME = 50


def read_bounded(path: Path, most: int, kind: str) -> bytes:
    """Return what a regular file holds; a pipe, which might never end, or a device is not opened.

    most: the largest size in bytes. kind: what the file is to be, for the message. Raises OSError, or ValueError with
    the rule.
    """
    info = path.stat()
    if stat.S_ISDIR(info.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(info.st_mode):
        raise ValueError("not a regular file")
    content = b""
    if info.st_size <= most:
        with path.open("rb") as file:
            content = file.read(most + 1)
    if max(info.st_size, len(content)) > most:
        raise ValueError(f"larger than {most} bytes, which no {kind} is")
    return content


def describe_error(error: Exception) -> str:
    """Return why a file could not be read or written: the system's words in lower case, else the error's own."""
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)


def replace_whole(contents: Mapping[Path, bytes]) -> None:
    """Write files so that each is replaced whole or left as it was, also if the power fails.

    No file is replaced before all are written. A file keeps its mode, a symbolic link its target. Raises OSError.
    """
    with exit_on_signals():
        _replace(contents)


@contextmanager
def replace_in_pieces(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write to, which replaces `path` at the end of the `with` block; an error leaves `path` as it was.

    As `replace_whole`, for a content that is too large for memory.
    """
    target = Path(os.path.realpath(path))
    with exit_on_signals():
        temporary = _name_temporary(target)
        try:
            with _write_new(temporary, check_replaceable(path)) as file:
                yield file
            os.replace(temporary, target)
            _flush(target.parent)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def _replace(contents: Mapping[Path, bytes]) -> None:
    temporary: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            target = Path(os.path.realpath(path))
            temporary[target] = _name_temporary(target)
            with _write_new(temporary[target], check_replaceable(path)) as file:
                file.write(content)
        for target, written in temporary.items():
            os.replace(written, target)
        for folder in {target.parent for target in temporary}:
            _flush(folder)
    except BaseException:
        for written in temporary.values():
            with suppress(OSError):
                written.unlink()
        raise


def check_replaceable(path: Path) -> os.stat_result | None:
    """Return the status of the file at a path, None if it is absent. Raises OSError if it must not be replaced."""
    try:
        info = path.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(info.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(info.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return info


def _name_temporary(target: Path) -> Path:
    return target.with_name(f".{target.name[:_NAME]}.{secrets.token_hex(4)}.tmp")


@contextmanager
def _write_new(path: Path, before: os.stat_result | None) -> Iterator[BinaryIO]:
    """Yield a new file; at the end it is flushed, and has the mode and the owner of the file that it is to replace."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # less the umask
    with os.fdopen(handle, "wb") as file:
        yield file
        file.flush()
        if before is not None:
            if hasattr(os, "fchown"):
                with suppress(PermissionError):
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.chmod(path, stat.S_IMODE(before.st_mode))
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Flush the names in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
