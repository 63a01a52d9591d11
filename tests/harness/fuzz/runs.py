"""The files of a run: its record and its checkpoints."""

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
from frameworks.weights import SHAPES, first_weights
from reproduce.results.__main__ import table
from reproduce.trainer import record as records
from reproduce.trainer.checkpoint import FOLDER, MANIFEST, Checkpoint
from reproduce.trainer.errors import CheckpointError, OutputError
from reproduce.trainer.manifest import RunRecord, read_record
from reproduce.trainer.resume import resumed
from tests.harness.fuzz.documents import in_file
from tests.harness.fuzz.mutate import damaged
from tests.harness.fuzz.target import Target
from tests.harness.fuzz.trees import json_damaged

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
PART = Epoch(np.array([2.0, 1.5, 1.25]), np.array([0.3, 0.25, 0.2]), np.array([256, 256, 96]), 200, 0)
WEIGHTS = first_weights(0)


def record(epochs: int = 2) -> dict[str, Any]:
    """A record with made-up numbers."""
    found = records.begun("cosine", "described", "torch", 0, 2, SCHEDULE, "cpu", WEIGHTS)
    for _ in range(epochs):
        records.add(found, dataclasses.replace(PART, test_correct=7), [np.arange(10)] * 3, 10, 1.5, WEIGHTS)
    return found


def _read_record(path: Path) -> dict[str, Any]:
    """As the chapter, the results and a run in the same folder do."""
    records.read_entry(path, "epochs"), records.read_entry(path, "dry_run")
    return read_record(path)


def _is_record(found: dict[str, Any]) -> None:
    """It can be shown, drawn and continued."""
    assert RunRecord.model_validate(json.loads(records.text(found)))
    if found["epochs"]:
        from reproduce.trainer.figures import _rates

        if found["experiment"] == "cosine":  # the table has the chapter's only
            assert len(table([found], {}).splitlines()) == 3
        assert np.isfinite(_rates(found)).all()
    RunRecord.model_validate(records.continued(found, 0, Namespace(framework="mxnet", epochs=10**6, seed=0), "cpu"))


def checkpoint(epoch: Epoch, done: int) -> tuple[dict[str, Any], bytes]:
    """A checkpoint's entry, and its arrays."""
    arrays = {f"weights/{name}": array for name, array in WEIGHTS.items()}
    arrays |= {"epoch/losses": epoch.losses, "epoch/rates": epoch.rates, "epoch/sizes": epoch.sizes,
               "epoch/correct": np.array([epoch.train_correct])}
    content, update = safetensors.save(arrays), 3 * done + len(epoch.losses)
    sha256 = hashlib.sha256(content).hexdigest()
    return {"file": f"update-{update:09}-{sha256[:8]}.safetensors", "bytes": len(content), "update": update,
            "seconds": 1.5, "sha256": sha256, "record": record(done)}, content


ENTRIES = [checkpoint(PART, 1), checkpoint(NOTHING, 1)]
CHOSEN = Namespace(resume="auto", variant="described", seed=0, epochs=2, framework="torch", quiet=True)


def manifest(*entries: dict[str, Any]) -> bytes:
    """A manifest of some entries, with the hash of them."""
    return hashed({"format": 1, "checkpoints": list(entries)})


def hashed(data: dict[str, Any]) -> bytes:
    """The manifest with this in it, and the hash that belongs to it."""
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    return json.dumps(data | {"sha256": digest}).encode()


def _folder(folder: Path, manifest: bytes, files: dict[str, bytes]) -> Callable[[], Checkpoint | None]:
    """What reads a run's folder with these files, as --resume auto does."""
    (folder / FOLDER).mkdir(exist_ok=True)
    for name, content in {MANIFEST: manifest, **files}.items():
        path = folder / FOLDER / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)

    def read() -> Checkpoint | None:
        with contextlib.redirect_stderr(io.StringIO()):
            return resumed("cosine", SCHEDULE, Namespace(**vars(CHOSEN), out=folder))

    return read


def _with_hash(content: bytes, folder: Path) -> Callable[[], Any]:
    """A manifest whose hash is right, whatever it says."""
    with contextlib.suppress(ValueError, RecursionError):
        data = json.loads(content)
        if isinstance(data, dict):
            data.pop("sha256", None)
            content = hashed(data)
    return _manifest(content, folder)


def _manifest(content: bytes, folder: Path) -> Callable[[], Any]:
    return _folder(folder, content, {entry["file"]: arrays for entry, arrays in ENTRIES})


def _weights(content: bytes, folder: Path) -> Callable[[], Any]:
    """Arrays that the manifest says are right, with as many updates as they have."""
    entry, updates = dict(ENTRIES[0][0]), 3
    with contextlib.suppress(Exception):
        updates = min(safetensors.load(content)["epoch/losses"].size, 10**6)
    entry |= {"bytes": max(1, len(content)), "sha256": hashlib.sha256(content).hexdigest(), "update": 3 + updates}
    return _folder(folder, manifest(entry), {entry["file"]: content})


#: What a header is said to be long, and types of an array.
LENGTHS = (0, 1, 7, 100 << 20, 2**31, 1 << 30, 2**63, 2**64 - 1)
TYPES = ("F16", "BF16", "I32", "U32", "BOOL", "F8_E4M3", "C64", "F64", "V")


def header_damaged(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Damage the header of a safetensors file, and say how long it is, or not."""
    length = struct.unpack("<Q", content[:8])[0]
    header, rest = content[8:8 + length], content[8 + length:]
    other = others[0][8:8 + struct.unpack("<Q", others[0][:8])[0]]
    header = random.choice((json_damaged, json_damaged, damaged, _retyped))(header, [other], random)
    said = len(header) if random.random() < 0.9 else random.choice(LENGTHS)
    return struct.pack("<Q", said) + header + rest


def _retyped(header: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Another type or shape of an array, perhaps one of the same size."""
    data = json.loads(header)
    one = data[random.choice([*data])]
    one["dtype"] = random.choice((one["dtype"],) * 3 + TYPES)
    shape, size = one["shape"], int(np.prod(one["shape"]))
    one["shape"] = random.choice((shape, shape[::-1], [size], [1, *shape], [], [0], [size, 2**40, 0], [2**32, 2**32],
                                  [2**63], [-1], [1] * 70, [1] * (random.random() < 0.5)))
    if random.random() < 0.3:
        one["data_offsets"] = random.choice(([0, 4], [4, 0], [0, 2**63], one["data_offsets"][::-1], [0, 0]))
    return json.dumps(data).encode()


def floats_damaged(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """A number that is none among the arrays."""
    value = random.choice((struct.pack("<f", float("nan")), struct.pack("<d", float("inf")), b"\xff" * 8, b"\x7f" * 8,
                           struct.pack("<q", -2**63), struct.pack("<q", 2**62)))
    at = len(content) - random.choice((1, 2, 3, 4, 5, 6, 9, 10, 11, 12, random.randrange(1, 44_000))) * 8
    return content[:at] + value + content[at + len(value):]


def _is_checkpoint(found: Checkpoint | None) -> None:
    """Its weights are a network's, and its epoch can be gone on with."""
    if found is None:  # there is no manifest
        return
    assert {name: array.shape for name, array in found.weights.items()} == SHAPES
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in found.weights.values())
    whole = PART.after(found.epoch)
    assert np.isfinite(whole.train_loss)
    assert 0 <= whole.train_correct <= whole.sizes.sum() <= 2**53
    assert found.update == sum(one["updates"] for one in found.record["epochs"]) + len(found.epoch.losses)
    _is_record(found.record)


TARGETS = (
    Target("record", (json.dumps(record()).encode(), json.dumps(record(1)).encode()),
           in_file("record.json", _read_record), (OutputError,), _is_record, (json_damaged,) * 3),
    Target("manifest", (manifest(*(entry for entry, _ in ENTRIES)),), _manifest, (CheckpointError,), _is_checkpoint,
           (json_damaged,)),
    Target("manifest-hashed", (manifest(*(entry for entry, _ in ENTRIES)),), _with_hash, (CheckpointError,),
           _is_checkpoint, (json_damaged,) * 3),
    Target("weights", tuple(content for _, content in ENTRIES), _weights, (CheckpointError,), _is_checkpoint,
           (header_damaged, header_damaged, floats_damaged)),
)
