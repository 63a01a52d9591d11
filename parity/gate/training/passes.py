"""Trains one framework from the same weights and batches as the others: `python -m parity.gate.training.passes`."""

from __future__ import annotations

import base64
import json
import sys
from types import ModuleType
from typing import Any

import numpy as np

from frameworks import backend, quiet
from frameworks.arguments import Parser, framework, run_main
from frameworks.memory import keep_freed_memory
from frameworks.schedule import (
    Constant,
    Cosine,
    Factor,
    InverseSquareRoot,
    MultiFactor,
    Polynomial,
    Schedule,
    Warmup,
)
from frameworks.weights import compute_digest, draw_first_weights
from parity.gate.training.sample import sample
from parity.gate.training.wrong import WRONG, Trained

#: The number of updates, and of images in each: in float64, whose convolutions are slow, and in float32.
UPDATES, BATCH = 50, 16
UPDATES32, BATCH32, SEEDS32 = 5, 256, (0, 1, 2)

#: The chapter's schedules; tests/reproduce/test_chapter.py compares the scripts of reproduce/ with them.
TRAINED = {
    "constant": Constant(base_lr=0.3),
    "square_root": InverseSquareRoot(base_lr=0.1),
    "factor": Factor(base_lr=0.3, factor=0.9, min_lr=0.01),
    "multi_factor": MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30]),
    "polynomial": Polynomial(base_lr=0.3, final_lr=0.01, power=2.0, updates=30),
    "cosine": Cosine(base_lr=0.3, final_lr=0.01, updates=20),
    "warmup": Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15)),
}


def build_schedules() -> dict[str, Schedule]:
    """Return the chapter's schedules, with `t` an update so that the rates change, and base rates rounded to float32.

    torch's built-in classes apply a float64 rate to float64 weights, the others a float32 rate.
    """
    return {name: schedule.model_copy(update={"base_lr": float(np.float32(schedule.base_lr))})
            if hasattr(schedule, "base_lr") else schedule for name, schedule in TRAINED.items()}


def draw_batches(updates: int, batch: int, images: int) -> list[np.ndarray]:
    """Return the indices of the images of each batch, int64."""
    drawn = np.random.default_rng(0).permutation(images)[:updates * batch]
    return list(drawn.reshape(updates, batch))


def train_network(ported: ModuleType, how: Trained) -> dict[str, Any]:
    """Train over one epoch of batches and return losses, rates and last weights."""
    device = ported.choose_device("cpu")
    net = ported.build_lenet(how.weights, device)
    how.alter(net)
    (epoch,) = ported.train(net, how.schedule, how.data, tuple(part[:1] for part in how.data), [how.batches], device)
    return {"losses": epoch.losses.tolist(), "rates": epoch.rates.tolist(),
            "weights": pack_arrays(ported.read_weights(net))}


def document(name: str) -> dict[str, Any]:
    """Return the results of one framework."""
    ported = backend(name)
    weights = {key: weight.astype(np.float64) for key, weight in draw_first_weights(0).items()}
    data, data32 = sample("float64"), sample("float32")
    batches = draw_batches(UPDATES, BATCH, len(data[1]))
    right = {key: Trained(schedule, weights, data, batches) for key, schedule in build_schedules().items()}
    device = ported.choose_device("cpu")
    net = ported.build_lenet(weights, device)
    logits, gradients = ported.compute_gradients(net, data[0][batches[0]], data[1][batches[0]], device)
    batches32 = draw_batches(UPDATES32, BATCH32, len(data[1]))
    single = {f"{key}, seed {seed}": Trained(how.schedule, draw_first_weights(seed), data32, batches32)
              for key, how in right.items() for seed in SEEDS32}
    return {
        "framework": name,
        "weights_sha256": compute_digest(ported.read_weights(net).values()),
        "batches_sha256": compute_digest(batches),
        "logits": pack_arrays({"logits": logits}),
        "gradients": pack_arrays(gradients),
        "float64": {key: train_network(ported, how) for key, how in right.items()},
        "float32": {key: train_network(ported, how)["losses"] for key, how in single.items()},
        "wrong": {key: _train_wrong(ported, name, key, right["cosine"]) for key in WRONG},
    }


def _train_wrong(ported: ModuleType, name: str, key: str, how: Trained) -> list[float]:
    make = WRONG[key].make
    assert make is not None  # `wrong` registers no other
    with make(name, how) as changed:
        return train_network(ported, changed)["losses"]


def pack_arrays(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Encode arrays for JSON, to the last bit."""
    return {name: [array.dtype.name, list(array.shape), base64.b64encode(array.tobytes()).decode()]
            for name, array in arrays.items()}


def unpack_arrays(document: dict[str, Any]) -> dict[str, np.ndarray]:
    """Decode the arrays of `pack_arrays`."""
    return {name: np.frombuffer(base64.b64decode(data), dtype).reshape(shape)
            for name, (dtype, shape, data) in document.items()}


def main(arguments: list[str] | None = None) -> int:
    """Print the document of a framework."""
    parser = Parser(prog="python -m parity.gate.training.passes",
                    description="Print what one framework computes from the same weights and batches.")
    parser.add_argument("--framework", type=framework, required=True)
    chosen = parser.parse_args(arguments)
    quiet()
    keep_freed_memory()
    json.dump(document(chosen.framework), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
