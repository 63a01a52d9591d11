"""Locks the folder of a run, so that only one process trains in it."""

from __future__ import annotations

import fcntl
import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from reproduce.trainer import record as records
from reproduce.trainer.checkpoint import FOLDER, has_checkpoints
from reproduce.trainer.errors import OutputError, build_write_error


@contextmanager
def lock_run_folder(chosen: Namespace) -> Iterator[None]:
    """Lock the folder of a run. Raises OutputError if another process has locked it, or if it has a run already.

    With --resume auto the run in it is continued; a dry run is replaced. Folders made here are removed at the end if
    they are still empty, since no run has begun.
    """
    try:
        _check_free(chosen)
        new = [path for path in (chosen.out, *chosen.out.parents) if not path.exists()]
        chosen.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise build_write_error(chosen.out / "record.json", error) from None
    with lock_folder(chosen.out, "another process is training in this folder") as folder:
        try:
            _check_free(chosen)  # another process may have ended just now
            if not os.fstat(folder).st_nlink:
                raise OutputError(f"{chosen.out}: another process has just removed this folder; run the command again")
            make_writable(chosen.out)
            yield
        finally:
            with suppress(OSError):  # a folder is not empty
                for path in new:
                    path.rmdir()


@contextmanager
def lock_folder(folder: Path, otherwise: str) -> Iterator[int]:
    """Lock a folder and yield its descriptor; the kernel unlocks it when the process ends for any reason.

    otherwise: the message if another process has locked it. Raises OutputError, also if it cannot be locked at all.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise build_write_error(folder, error) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(f"{folder}: {otherwise}") from None
        except OSError as error:  # some file systems have no locks
            raise build_write_error(folder, error) from None
        yield descriptor
    finally:
        os.close(descriptor)


def make_folder(folder: Path, hint: str = "", *, dry_run: bool) -> None:
    """Make the folder of a run that replaces none but a dry run's, by a dry run. Raises OutputError.

    hint: what else can be done than to move the run away (default: nothing). dry_run: whether this is a dry run.
    """
    try:
        _refuse_record(folder / "record.json", hint, dry_run=dry_run)
    except OSError as error:
        raise build_write_error(folder, error) from None
    make_writable(folder)


def make_writable(folder: Path) -> None:
    """Make a folder, and check before the work that files can be written into it. Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise build_write_error(folder, error) from None


def _refuse_record(path: Path, hint: str, *, dry_run: bool) -> None:
    if path.exists() and not (dry_run and records.read_entry(path, "dry_run") is True):
        raise OutputError(f"{path}: there is a run already; {hint}move it away, or choose another folder with --out")


def _check_free(chosen: Namespace) -> None:
    path: Path = chosen.out / "record.json"
    continues = vars(chosen).get("resume", "never")  # a sampling has no such option
    if continues == "auto" and has_checkpoints(chosen.out):
        return
    if not (continues == "auto" and path.exists() and records.read_entry(path, "epochs") == []):  # killed early
        hint = "continue it: --resume auto; or " if continues != "never" and has_checkpoints(chosen.out) else ""
        _refuse_record(path, hint, dry_run=chosen.dry_run)
    if continues != "auto" and has_checkpoints(chosen.out):
        hint = "" if continues == "never" else "continue from them: --resume auto; or "
        raise OutputError(f"{chosen.out / FOLDER}: there are checkpoints already; {hint}move them away, or choose "
                          "another folder with --out")
