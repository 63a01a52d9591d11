"""The mean of a run's weights over its last epochs, as in Izmailov et al. 2018, arXiv 1803.05407.

The run's folder keeps the weights after each of these epochs, so that a killed run continues with them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from frameworks.weights import SHAPES, compute_digest
from frameworks.whole_files import read_bounded
from reproduce.trainer.checkpoint import MAX_BYTES, replace_whole
from reproduce.trainer.errors import CheckpointError, build_write_error

#: The folder of these weights in a run's folder.
FOLDER = "weights"


def save(weights: dict[str, np.ndarray], epoch: int, run: Path) -> None:
    """Write the weights after an epoch, counted from 1, into the run's folder. Raises OutputError."""
    try:
        (run / FOLDER).mkdir(exist_ok=True)
    except OSError as error:
        raise build_write_error(run / FOLDER, error) from None
    replace_whole(_build_path(run, epoch),
                  safetensors.save({name: np.ascontiguousarray(weights[name]) for name in SHAPES}))


def check(first: int, last: int, run: Path) -> None:
    """Check that the weights after the epochs `first` to `last` are there. Raises CheckpointError."""
    for epoch in range(first, last + 1):
        if not _build_path(run, epoch).is_file():
            raise CheckpointError(f"{_build_path(run, epoch)}: no such file; --average-from {first} needs the weights "
                                  f"after each epoch from {first} on, so start this run again or leave the option out")


def compute_mean(first: int, hashes: list[str], run: Path) -> dict[str, np.ndarray]:
    """Return the mean of the weights after the epochs from `first` on, added as float64.

    hashes: the SHA-256 of the weights after each of these epochs. Raises CheckpointError.
    """
    sums = {name: np.zeros(shape) for name, shape in SHAPES.items()}
    for epoch, sha256 in enumerate(hashes, first):
        path = _build_path(run, epoch)
        try:
            arrays = safetensors.load(read_bounded(path, MAX_BYTES, "file of weights"))
            if (actual := compute_digest(arrays[name] for name in SHAPES)) != sha256:
                raise ValueError(f"SHA-256 of its weights is {actual}, not {sha256}")
            for name, total in sums.items():
                total += arrays[name]
        except (SafetensorError, KeyError, ValueError, TypeError, OSError) as error:
            raise CheckpointError(f"{path}: cannot be read: {error}"[:400]) from None
    return {name: (total / len(hashes)).astype(np.float32) for name, total in sums.items()}


def _build_path(run: Path, epoch: int) -> Path:
    return run / FOLDER / f"epoch-{epoch:03}.safetensors"
