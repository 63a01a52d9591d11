"""Read a file that a user names within a limit, and replace files whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
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

    No file is replaced before all are written. A file keeps its mode, a symbolic link its target. A process that is
    killed may leave a temporary file beside; the next one that writes the file removes it. Raises OSError.
    """
    with exit_on_signals(), ExitStack() as stack:
        files = []
        for path, content in contents.items():
            files.append(file := stack.enter_context(_open_temporary(path)))
            file.write(content)
            _complete(path, file)
        for path, file in zip(contents, files):
            os.replace(file.name, os.path.realpath(path))
        for folder in {Path(file.name).parent for file in files}:
            _flush(folder)


@contextmanager
def replace_in_pieces(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write to, which replaces `path` at the end of the `with` block; an error leaves `path` as it was.

    As `replace_whole`, for a content that is too large for memory.
    """
    with exit_on_signals(), _open_temporary(path) as file:
        yield file
        _complete(path, file)
        os.replace(file.name, target := Path(os.path.realpath(path)))
        _flush(target.parent)


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


@contextmanager
def _open_temporary(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file beside the target of a path, locked until it is closed; an error removes it."""
    import fcntl  # Windows has none, and reads files only

    target = Path(os.path.realpath(path))
    check_replaceable(path)
    _remove_abandoned(target)
    temporary = _name_temporary(target)
    try:
        while True:
            with temporary.open("xb") as file:
                with suppress(OSError):  # some network file systems have no locks
                    fcntl.flock(file, fcntl.LOCK_EX)
                if os.fstat(file.fileno()).st_nlink:  # else another process has removed it before it was locked
                    yield file
                    return
            temporary = _name_temporary(target)  # that process, or a third one, may be about to remove the first name
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _name_temporary(target: Path) -> Path:
    return target.with_name(f".{target.name[:_NAME]}.{secrets.token_hex(4)}.tmp")


def _complete(path: Path, file: BinaryIO) -> None:
    """Flush a file, and give it the mode and the owner of the file at a path, which it is to replace."""
    file.flush()
    if (before := check_replaceable(path)) is not None:
        if hasattr(os, "fchown"):
            with suppress(PermissionError):
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
        os.chmod(file.name, stat.S_IMODE(before.st_mode))
    os.fsync(file.fileno())


def _remove_abandoned(target: Path) -> None:
    """Remove the temporary files of a target whose writers were killed: that of a running one is locked."""
    import fcntl

    for path in target.parent.glob(f".{escape(target.name[:_NAME])}.{'[0-9a-f]' * 8}.tmp"):
        with suppress(OSError):
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)  # NFS locks no file that is only read
            try:
                if stat.S_ISREG(os.fstat(handle).st_mode):
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
            finally:
                os.close(handle)


def _flush(folder: Path) -> None:
    """Flush the names in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
