"""Compares every update of every fixed case on the device: with torch's usual SGD, and Keras' in a graph."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import import_module

from frameworks import backend
from tests.harness.gpu.agreement import FEW, Observe, choose_cases, compare_cases
from tests.harness.gpu.place import Check, Place, Result


def list_checks(place: Place) -> Iterator[tuple[str, Check]]:
    """Yield a check for each type of the weights."""
    for dtype in ("float32", "bfloat16"):
        yield f"all updates, {dtype}", partial(_compare, place, dtype)


def _compare(place: Place, dtype: str, until: float) -> Result:
    device = backend(place.framework).choose_device(place.device)
    rates = import_module(f"tests.harness.gpu.{place.framework}_rates")
    observe: Observe = (rates.Stepper(rates.WAYS["foreach"], device, dtype).observe if place.framework == "torch"
                        else partial(rates.observe, device=device, dtype=dtype))
    most = FEW if place.rehearse else None
    return compare_cases(observe, choose_cases(place.rehearse), most, until, dtype=dtype)
