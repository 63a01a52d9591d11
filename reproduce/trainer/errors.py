"""Errors of a run, except those of its data and its device."""

from pathlib import Path

from frameworks.whole_files import describe_error


class OutputError(RuntimeError):
    """An output folder that cannot be used."""


def build_write_error(path: Path, error: OSError, size: int | None = None) -> OutputError:
    """Return the error of a file or folder that cannot be written. size: its bytes (default: not reported)."""
    bytes_ = "" if size is None else f" ({size} bytes)"
    return OutputError(f"{path}: cannot be written{bytes_}: {describe_error(error)}")


class CheckpointError(RuntimeError):
    """A missing, damaged or unsuitable checkpoint; the message names the file and the rule."""


class DivergedError(RuntimeError):
    """A loss, rate or weight that is not finite any more."""
