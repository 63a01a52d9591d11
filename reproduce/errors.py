"""What can go wrong in a run, besides its data and its device."""

from pathlib import Path


class OutputError(RuntimeError):
    """An output folder that cannot be used."""


def unwritable(path: Path, error: OSError) -> OutputError:
    """The error of a file or folder that cannot be written."""
    return OutputError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}")


class Diverged(RuntimeError):
    """A loss that is no number any more."""
