"""Measures the rate of an update of MXNet from the weights; for a recording."""

from __future__ import annotations

import mxnet as mx
from mxnet.optimizer import Optimizer

from frameworks.record_rows import RecordError


def check_measurable(optimizer: Optimizer) -> None:
    """Raise RecordError unless the weights show the rate of an optimizer."""
    if type(optimizer) is not mx.optimizer.SGD:
        raise RecordError("measure needs mxnet.optimizer.SGD, whose update is rate times gradient, got "
                          f"{type(optimizer).__name__}")
    for option in ("momentum", "wd", "clip_gradient"):
        if value := getattr(optimizer, option):
            raise RecordError(f"measure needs an SGD without {option}, got {value!r}")


def measure_rate(optimizer: Optimizer, before: mx.nd.NDArray, gradient: mx.nd.NDArray, after: mx.nd.NDArray,
             rate: float) -> float | None:
    """Return the rate if it gives the new weights bit for bit, else what the largest gradient shows; None for 0."""
    scaled = gradient * optimizer.rescale_grad
    largest = int(scaled.abs().reshape(-1).argmax(axis=0).asscalar())
    if not float(scaled.reshape(-1)[largest].asscalar()):
        return None
    change = float((before - after).reshape(-1)[largest].asscalar())
    mx.nd.sgd_update(before, gradient, lr=rate, wd=0, rescale_grad=optimizer.rescale_grad, out=before)
    if (before == after).min().asscalar():
        return rate
    return change / float(scaled.reshape(-1)[largest].asscalar())
