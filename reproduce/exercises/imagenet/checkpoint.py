"""Saves and reads the one checkpoint of a run: plain arrays, and as metadata their SHA-256 and the record so far."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors import numpy as safetensors

from frameworks.strict_json import parse_json
from frameworks.weights import compute_digest
from frameworks.whole_files import describe_error
from reproduce.trainer.checkpoint import replace_whole
from reproduce.trainer.errors import CheckpointError

NAME = "checkpoint.safetensors"


def save(state: dict[str, np.ndarray], record: dict[str, Any], run: Path) -> None:
    """Replace the checkpoint in a run's folder. Raises OutputError."""
    arrays = {name: np.array(state[name], order="C") for name in sorted(state)}
    metadata = {"record": json.dumps(record), "sha256": compute_digest(arrays.values())}
    replace_whole(run / NAME, safetensors.save(arrays, metadata))


def load(run: Path, expected: dict[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays and the record of a run's checkpoint.

    expected: entries that the record must have. Raises CheckpointError.
    """
    path = run / NAME
    try:
        with safe_open(path, "np") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in sorted(file.keys())}
        record = parse_json(metadata["record"])
        if (actual := compute_digest(state.values())) != metadata["sha256"]:
            raise ValueError(f"SHA-256 of its arrays is {actual}, not {metadata['sha256']}")
        if not isinstance(record, dict) or not isinstance(record.get("epochs"), list):
            raise ValueError("its record has no epochs")
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path}: cannot be read: {describe_error(error)}"[:400]) from None
    for key, value in expected.items():
        if record.get(key) != value:
            raise CheckpointError(f"{path}: {key} of the checkpoint is {record.get(key)!r}, expected {value!r}"[:400])
    return state, record
