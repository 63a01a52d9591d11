"""What can go wrong in a run, besides its data and its device."""

from pathlib import Path

from frameworks.whole_files import reason


class OutputError(RuntimeError):
    """An output folder that cannot be used."""


def unwritable(path: Path, error: OSError, size: int | None = None) -> OutputError:
    """The error of a file or folder that cannot be written. size: how many bytes it has."""
    bytes_ = "" if size is None else f" ({size} bytes)"
    return OutputError(f"{path}: cannot be written{bytes_}: {reason(error)}")


class CheckpointError(RuntimeError):
    """A checkpoint that is missing or not what it should be, with the file and the rule."""


class Diverged(RuntimeError):
    """A loss that is no number any more."""
