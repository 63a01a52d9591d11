"""Writes and reads checkpoints of a run: plain arrays in safetensors files, and one manifest that lists them.

`checkpoints/manifest.json` lists the last two, newest first: bytes, SHA-256, updates made, and the record so far. It is
replaced last, so that a run killed at any instant has a manifest whose files are complete. The arrays are `weights/`
with the names of frameworks/weights.py, the same in every framework, and `epoch/`: the unfinished epoch so far.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from frameworks import whole_files
from frameworks.epoch import Epoch
from frameworks.weights import SHAPES
from reproduce.trainer.errors import CheckpointError, build_write_error
from reproduce.trainer.manifest import FORMAT, Entry, Manifest, describe_first_mistake

FOLDER, MANIFEST = "checkpoints", "manifest.json"
#: How many checkpoints are kept.
KEPT = 2
#: The largest checkpoint and manifest in bytes. A manifest has two records, of at most 10,000 epochs.
MAX_BYTES, MAX_MANIFEST = 16 << 20, 32 << 20

#: The largest absolute value in a checkpoint, by type: sums of such floats and integers stay finite.
LARGEST = {"f": 1e39, "i": 2**31}


@dataclass(frozen=True)
class Checkpoint:
    """A run after `update` updates: weights, record, the epoch so far (no losses at its start), its seconds."""

    update: int
    weights: dict[str, np.ndarray]
    epoch: Epoch
    record: dict[str, Any]
    seconds: float


def save(checkpoint: Checkpoint, run: Path) -> None:
    """Write a checkpoint of the run in a folder, and remove all but the last two. Raises OutputError."""
    from safetensors import numpy as safetensors  # here, since only a training needs it

    folder = run / FOLDER
    arrays = {f"weights/{name}": np.ascontiguousarray(array) for name, array in checkpoint.weights.items()}
    epoch = checkpoint.epoch
    arrays |= {"epoch/losses": epoch.losses, "epoch/rates": epoch.rates, "epoch/sizes": epoch.sizes.astype(np.int64),
               "epoch/correct": np.array([epoch.train_correct], np.int64)}
    content = safetensors.save(arrays)
    sha256 = hashlib.sha256(content).hexdigest()
    # a listed file is never overwritten: two checkpoints of one update, before and after the evaluation, differ
    name = f"update-{checkpoint.update:09}-{sha256[:8]}.safetensors"
    entry = Entry(file=name, bytes=len(content), sha256=sha256, update=checkpoint.update, seconds=checkpoint.seconds,
                  record=checkpoint.record)
    before = [old for old in _read_entries(folder) if old.update < checkpoint.update]  # later ones were damaged
    manifest = Manifest(format=FORMAT, checkpoints=(entry, *before[:KEPT - 1]))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise build_write_error(folder, error) from None
    replace_whole(folder / name, content)
    replace_whole(folder / MANIFEST, manifest.encode())
    _remove_others(folder, {kept.file for kept in manifest.checkpoints} | {MANIFEST})


def load(where: Path) -> tuple[Checkpoint, list[str]]:
    """Return the newest whole checkpoint of a run's folder, and the errors of newer, damaged ones.

    Raises CheckpointError if no checkpoint is whole.
    """
    try:
        folder = where if (where / MANIFEST).exists() else where / FOLDER
    except OSError as error:
        raise CheckpointError(f"{where}: cannot be read: {whole_files.describe_error(error)}") from None
    wrong = []
    for entry in _read_manifest(folder).checkpoints:
        try:
            return _read_checkpoint(folder / entry.file, entry), wrong
        except CheckpointError as error:
            wrong.append(str(error))
    raise CheckpointError("; ".join(wrong))


def has_checkpoints(run: Path) -> bool:
    """Return whether a run's folder has checkpoints."""
    return (run / FOLDER / MANIFEST).exists()


def replace_whole(path: Path, content: bytes) -> None:
    """Replace a file as a whole or not at all, also if the power fails. Raises OutputError."""
    try:
        whole_files.replace_whole({path: content})
    except OSError as error:
        raise build_write_error(path, error, len(content)) from None


def _remove_others(folder: Path, kept: set[str]) -> None:
    """Remove older checkpoints and files that killed runs left; a file that cannot be removed does no harm."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name not in kept and path.suffix in (".safetensors", ".tmp"):
                path.unlink(missing_ok=True)


def _read_entries(folder: Path) -> tuple[Entry, ...]:
    """Return the listed checkpoints; none if the manifest cannot be read, since a new one replaces it."""
    try:
        return _read_manifest(folder).checkpoints
    except CheckpointError:
        return ()


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        return Manifest.read(_read_content(path, MAX_MANIFEST))
    except ValidationError as error:
        raise CheckpointError(f"{path}: {describe_first_mistake(error)}"[:400]) from None
    except ValueError as error:
        raise CheckpointError(f"{path}: {error}"[:400]) from None


def _read_content(path: Path, most: int) -> bytes:
    try:
        if not path.is_file():
            raise CheckpointError(f"{path}: no such file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > most:
        raise CheckpointError(f"{path}: more than {most} bytes, the largest size of a checkpoint")
    return content


def _read_checkpoint(path: Path, entry: Entry) -> Checkpoint:
    from safetensors import SafetensorError
    from safetensors import numpy as safetensors

    content = _read_content(path, MAX_BYTES)
    if len(content) != entry.bytes:
        raise CheckpointError(f"{path}: has {len(content)} bytes, not {entry.bytes}")
    if (actual := hashlib.sha256(content).hexdigest()) != entry.sha256:
        raise CheckpointError(f"{path}: SHA-256 is {actual}, not {entry.sha256}")
    try:
        arrays = safetensors.load(content)
    except (SafetensorError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise CheckpointError(f"{path}: not a safetensors file: {error}"[:400]) from None
    return _check_arrays(path, arrays, entry)


def _check_arrays(path: Path, arrays: dict[str, np.ndarray], entry: Entry) -> Checkpoint:
    """Check names, types, shapes and values of the arrays, and return the checkpoint. Raises CheckpointError."""
    part = arrays.get("epoch/losses", np.empty(0)).shape[:1] or (0,)
    expected = {f"weights/{name}": (np.float32, shape) for name, shape in SHAPES.items()} | {
        "epoch/losses": (np.float64, part), "epoch/rates": (np.float64, part), "epoch/sizes": (np.int64, part),
        "epoch/correct": (np.int64, (1,))}
    for name, (kind, shape) in expected.items():
        array = arrays.get(name)
        if array is None or array.dtype != kind or array.shape != shape:
            got = "nothing" if array is None else f"{array.dtype} {array.shape}"
            raise CheckpointError(f"{path}: {name} must be {np.dtype(kind)} {shape}, got {got}")
        if not np.isfinite(array).all():
            raise CheckpointError(f"{path}: {name} has numbers that are not finite")
        if (np.abs(array.astype(np.float64)) > LARGEST[array.dtype.kind]).any():
            raise CheckpointError(f"{path}: {name} has numbers that no run has")
    if more := sorted(arrays.keys() - expected.keys()):
        raise CheckpointError(f"{path}: {more[0]} is not an array of a run")
    epoch = Epoch(arrays["epoch/losses"], arrays["epoch/rates"], arrays["epoch/sizes"], int(arrays["epoch/correct"][0]),
                  0)
    if entry.update != (made := sum(done["updates"] for done in entry.record["epochs"]) + len(epoch.losses)):
        raise CheckpointError(f"{path}: is of update {entry.update}, but has {made} updates")
    if (epoch.sizes < 1).any() or not 0 <= epoch.train_correct <= epoch.sizes.sum():
        raise CheckpointError(f"{path}: counts {epoch.train_correct} images right of {epoch.sizes.sum()}")
    weights = {name: arrays[f"weights/{name}"] for name in SHAPES}
    return Checkpoint(entry.update, weights, epoch, entry.record, entry.seconds)
