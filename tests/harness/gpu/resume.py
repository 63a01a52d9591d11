"""Continues an optimizer's saved state on the other device: from the GPU on the CPU, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from frameworks import backend
from frameworks.schedule import Schedule
from parity.cases import CASES
from tests.harness.gpu.agreement import FEW, MOVING, find_difference
from tests.harness.gpu.place import Check, Place, Result


def list_checks(place: Place) -> Iterator[tuple[str, Check]]:
    """Yield a check for each direction; in a rehearsal both are on the CPU."""
    for name, devices in {"from the CPU to the device": ("cpu", place.device),
                          "from the device to the CPU": (place.device, "cpu")}.items():
        for optimizer in ("sgd", "momentum"):
            yield f"{optimizer}, {name}", partial(_resume, place.framework, *devices, optimizer)


def _resume(framework: str, first: str, second: str, optimizer: str, until: float) -> Result:
    """Make half of some updates on one device, the rest on the other; compare all rates with the specification."""
    ported = backend(framework)
    watched = import_module(f"{ported.__name__}.watched")
    schedule, half = CASES[MOVING].schedule, FEW // 2
    with _use(framework, ported.choose_device(first)):
        before = watched.Watched(schedule, optimizer=optimizer, run=watched.FASTEST)
        rates = [before.update() for _ in range(half)]
        saved = before.save()
    for kept in ("_build_weights", "_build_constants"):  # Keras' are made once, on the first device
        if hasattr(watched, kept):
            getattr(watched, kept).cache_clear()
    with _use(framework, ported.choose_device(second)):
        after = watched.Watched(schedule, optimizer=optimizer, run=watched.FASTEST)
        after.load(saved)
        rates += [after.update() for _ in range(FEW - half)]
    applied = np.array(rates, np.float32) + np.float32(0)  # without the sign of a zero
    if optimizer == "momentum" and watched.VELOCITY:
        what = _find_velocity_difference(schedule, applied)
    else:
        what = find_difference(schedule, applied, momentum=optimizer == "momentum")
    return {"passed": what is None, "updates": FEW, **({"first": what} if what else {})}


def _find_velocity_difference(schedule: Schedule, applied: np.ndarray) -> str | None:
    """Return the first update that differs: Keras' momentum, 0.5 here, adds up updates, each with its rate."""
    expected = np.float32(0)
    for update, row in enumerate(applied):
        expected = np.float32(expected / 2 + np.float32(schedule.lr(update)))
        if (row != expected).any():
            return f"update {update}: applied {row.tolist()}, specified {expected}"
    return None


def _use(framework: str, device: Any) -> AbstractContextManager[Any]:
    """Return a context in which a framework makes its tensors on a device."""
    if framework == "torch":
        return device
    import tensorflow as tf

    return tf.device(device)
