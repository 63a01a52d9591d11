"""Compares trainings in float64 on the device with the same training on the CPU, update by update."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np

from frameworks import backend
from frameworks.schedule import lrs
from frameworks.weights import draw_first_weights
from parity.gate.training import compare
from parity.gate.training.compare import compute_distance, find_first_difference
from parity.gate.training.passes import (
    BATCH,
    UPDATES,
    build_schedules,
    draw_batches,
    train_network,
    unpack_arrays,
)
from parity.gate.training.sample import sample
from parity.gate.training.wrong import Trained
from tests.harness.gpu.place import Check, Place, Result

#: The schedules of a rehearsal.
REHEARSED = ("warmup",)


def list_checks(place: Place) -> Iterator[tuple[str, Check]]:
    """Yield a check of each of the chapter's schedules, for the usual loop and for the one without waiting."""
    ported: Any = backend(place.framework)
    device = ported.choose_device(place.device)
    resident = import_module(f"tests.harness.gpu.{place.framework}_epochs")
    loops = {"usual loop": ported.train, "resident loop": resident.train}
    if place.framework == "tensorflow" and not place.rehearse:  # on a CPU, XLA takes a minute in float64
        loops["resident loop, XLA"] = partial(resident.train, jit=True)
    for name in REHEARSED if place.rehearse else build_schedules():
        for loop, train in loops.items():
            yield f"{name}, {loop}", partial(_compare, ported, device, name, train)


def _compare(ported: Any, device: Any, name: str, train: Any, until: float) -> Result:
    """Train on the CPU with the usual loop and on the device with another; compare rates, losses, last weights."""
    data = sample("float64")
    weights = {key: weight.astype(np.float64) for key, weight in draw_first_weights(0).items()}
    how = Trained(build_schedules()[name], weights, data, draw_batches(UPDATES, BATCH, len(data[1])))
    on_device: Any = SimpleNamespace(**{**vars(ported), "choose_device": lambda chosen: device, "train": train})
    first, other = train_network(ported, how), train_network(on_device, how)
    ours, theirs = unpack_arrays(first["weights"]), unpack_arrays(other["weights"])
    weights_apart = max(compute_distance(ours[key], theirs[key]) for key in ours)
    rates = lrs(how.schedule, UPDATES).astype(np.float32)
    same_rates = np.array_equal(np.float32(other["rates"]), rates)
    at = find_first_difference(first["losses"], other["losses"])
    losses_apart = max(abs(a - b) / a for a, b in zip(first["losses"], other["losses"], strict=True))
    return {"passed": bool(same_rates and at is None and weights_apart <= compare.WEIGHTS), "rates_equal": same_rates,
            "losses_apart": losses_apart, "weights_apart": weights_apart, "first_loss_apart": at}
