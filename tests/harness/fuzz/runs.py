"""Defines how the files of a run are fuzzed: its record and its checkpoints."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import json
import struct
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import safetensors.numpy as safetensors

from frameworks.epoch import NOTHING, Epoch
from frameworks.schedule import Cosine
from frameworks.weights import SHAPES, draw_first_weights
from reproduce.results.__main__ import build_table
from reproduce.trainer import record as records
from reproduce.trainer.checkpoint import FOLDER, MANIFEST, Checkpoint
from reproduce.trainer.errors import CheckpointError, OutputError
from reproduce.trainer.manifest import RunRecord, read_record
from reproduce.trainer.resume import find_checkpoint
from tests.harness.fuzz.documents import build_file_reader
from tests.harness.fuzz.mutate import damage_bytes
from tests.harness.fuzz.target import Target
from tests.harness.fuzz.trees import json_damaged

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
PART = Epoch(np.array([2.0, 1.5, 1.25]), np.array([0.3, 0.25, 0.2]), np.array([256, 256, 96]), 200, 0)
WEIGHTS = draw_first_weights(0)


def record(epochs: int = 2) -> dict[str, Any]:
    """Return a record with made-up numbers. epochs: how many it has."""
    result = records.build_record("cosine", "described", "torch", 0, 2, SCHEDULE, "cpu", WEIGHTS)
    for _ in range(epochs):
        records.add(result, dataclasses.replace(PART, test_correct=7), [np.arange(10)] * 3, 10, 1.5, WEIGHTS)
    return result


def _read_record(path: Path) -> dict[str, Any]:
    """Read a record as the chapter, the results and a run in the same folder do."""
    records.read_entry(path, "epochs"), records.read_entry(path, "dry_run")
    return read_record(path)


def _is_record(record: dict[str, Any]) -> None:
    """Check that a record can be shown, drawn and continued."""
    assert RunRecord.model_validate(json.loads(records.format_record(record)))
    if record["epochs"]:
        from reproduce.trainer.figures import _list_rates

        if record["experiment"] == "cosine":  # the table has only the chapter's experiments
            assert len(build_table([record], {}).splitlines()) == 3
        assert np.isfinite(_list_rates(record)).all()
    RunRecord.model_validate(records.continue_record(record, 0, Namespace(framework="mxnet", epochs=10**6, seed=0),
                                                     "cpu"))


def build_checkpoint(epoch: Epoch, done: int) -> tuple[dict[str, Any], bytes]:
    """Return a checkpoint's entry and the bytes of its arrays. done: finished epochs."""
    arrays = {f"weights/{name}": array for name, array in WEIGHTS.items()}
    arrays |= {"epoch/losses": epoch.losses, "epoch/rates": epoch.rates, "epoch/sizes": epoch.sizes,
               "epoch/correct": np.array([epoch.train_correct])}
    content, update = safetensors.save(arrays), 3 * done + len(epoch.losses)
    sha256 = hashlib.sha256(content).hexdigest()
    return {"file": f"update-{update:09}-{sha256[:8]}.safetensors", "bytes": len(content), "update": update,
            "seconds": 1.5, "sha256": sha256, "record": record(done)}, content


ENTRIES = [build_checkpoint(PART, 1), build_checkpoint(NOTHING, 1)]
CHOSEN = Namespace(resume="auto", variant="described", seed=0, epochs=2, framework="torch", quiet=True)


def build_manifest(*entries: dict[str, Any]) -> bytes:
    """Return a manifest with some entries and their hash."""
    return encode_manifest({"format": 1, "checkpoints": list(entries)})


def encode_manifest(data: dict[str, Any]) -> bytes:
    """Return the manifest with these data and their hash."""
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    return json.dumps(data | {"sha256": digest}).encode()


def _read_folder(folder: Path, manifest: bytes, files: dict[str, bytes]) -> Callable[[], Checkpoint | None]:
    """Return a function that reads a run's folder with these files, as --resume auto does."""
    (folder / FOLDER).mkdir(exist_ok=True)
    for name, content in {MANIFEST: manifest, **files}.items():
        path = folder / FOLDER / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)

    def read() -> Checkpoint | None:
        with contextlib.redirect_stderr(io.StringIO()):
            return find_checkpoint("cosine", SCHEDULE, Namespace(**vars(CHOSEN), out=folder))

    return read


def _with_hash(content: bytes, folder: Path) -> Callable[[], Any]:
    """Return a reader of the manifest after its hash was corrected."""
    with contextlib.suppress(ValueError, RecursionError):
        data = json.loads(content)
        if isinstance(data, dict):
            data.pop("sha256", None)
            content = encode_manifest(data)
    return _read_manifest(content, folder)


def _read_manifest(content: bytes, folder: Path) -> Callable[[], Any]:
    return _read_folder(folder, content, {entry["file"]: arrays for entry, arrays in ENTRIES})


def _read_weights(content: bytes, folder: Path) -> Callable[[], Any]:
    """Return a reader of arrays whose hash and number of updates in the manifest are right."""
    entry, updates = dict(ENTRIES[0][0]), 3
    with contextlib.suppress(Exception):
        updates = min(safetensors.load(content)["epoch/losses"].size, 10**6)
    entry |= {"bytes": max(1, len(content)), "sha256": hashlib.sha256(content).hexdigest(), "update": 3 + updates}
    return _read_folder(folder, build_manifest(entry), {entry["file"]: content})


#: Stated lengths of a header, and types of an array.
LENGTHS = (0, 1, 7, 100 << 20, 2**31, 1 << 30, 2**63, 2**64 - 1)
TYPES = ("F16", "BF16", "I32", "U32", "BOOL", "F8_E4M3", "C64", "F64", "V")


def damage_header(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Damage the header of a safetensors file, mostly with its right length."""
    length = struct.unpack("<Q", content[:8])[0]
    header, rest = content[8:8 + length], content[8 + length:]
    other = others[0][8:8 + struct.unpack("<Q", others[0][:8])[0]]
    header = random.choice((json_damaged, json_damaged, damage_bytes, _change_type))(header, [other], random)
    stated = len(header) if random.random() < 0.9 else random.choice(LENGTHS)
    return struct.pack("<Q", stated) + header + rest


def _change_type(header: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Change the type or shape of an array, perhaps to one of the same size."""
    data = json.loads(header)
    array = data[random.choice([*data])]
    array["dtype"] = random.choice((array["dtype"],) * 3 + TYPES)
    shape, size = array["shape"], int(np.prod(array["shape"]))
    array["shape"] = random.choice((shape, shape[::-1], [size], [1, *shape], [], [0], [size, 2**40, 0], [2**32, 2**32],
                                  [2**63], [-1], [1] * 70, [1] * (random.random() < 0.5)))
    if random.random() < 0.3:
        array["data_offsets"] = random.choice(([0, 4], [4, 0], [0, 2**63], array["data_offsets"][::-1], [0, 0]))
    return json.dumps(data).encode()


def damage_floats(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Write an invalid number into the arrays."""
    value = random.choice((struct.pack("<f", float("nan")), struct.pack("<d", float("inf")), b"\xff" * 8, b"\x7f" * 8,
                           struct.pack("<q", -2**63), struct.pack("<q", 2**62)))
    at = len(content) - random.choice((1, 2, 3, 4, 5, 6, 9, 10, 11, 12, random.randrange(1, 44_000))) * 8
    return content[:at] + value + content[at + len(value):]


def _is_checkpoint(checkpoint: Checkpoint | None) -> None:
    """Check that the weights are a network's, and that the epoch can be continued."""
    if checkpoint is None:  # without a manifest
        return
    assert {name: array.shape for name, array in checkpoint.weights.items()} == SHAPES
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in checkpoint.weights.values())
    whole = PART.prepend(checkpoint.epoch)
    assert np.isfinite(whole.train_loss)
    assert 0 <= whole.train_correct <= whole.sizes.sum() <= 2**53
    done = sum(epoch["updates"] for epoch in checkpoint.record["epochs"])
    assert checkpoint.update == done + len(checkpoint.epoch.losses)
    _is_record(checkpoint.record)


#: A record with a run of rates, points, and the entries of a schedule's file.
COMPACT = record() | {"applied_rates": [{"update": 0, "updates": 5, "of": "schedule"},
                                        {"update": 5, "rate": 0.25, "bits": "3e800000"}],
                      "points": [{"update": 1, "train_loss": 2.0, "train_accuracy": 0.5}],
                      "lr": 0.3, "schedule_file": "mine.json", "per": "update"}

TARGETS = (
    Target("record", tuple(json.dumps(seed).encode() for seed in (record(), record(1), COMPACT)),
           build_file_reader("record.json", _read_record), (OutputError,), _is_record, (json_damaged,) * 3),
    Target("manifest", (build_manifest(*(entry for entry, _ in ENTRIES)),), _read_manifest, (CheckpointError,),
           _is_checkpoint,
           (json_damaged,)),
    Target("manifest-hashed", (build_manifest(*(entry for entry, _ in ENTRIES)),), _with_hash, (CheckpointError,),
           _is_checkpoint, (json_damaged,) * 3),
    Target("weights", tuple(content for _, content in ENTRIES), _read_weights, (CheckpointError,), _is_checkpoint,
           (damage_header, damage_header, damage_floats)),
)
