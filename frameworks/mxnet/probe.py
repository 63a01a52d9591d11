"""Measures the rate that each update of a `gluon.Trainer` applies."""

from __future__ import annotations

from collections.abc import Callable

import mxnet as mx
import numpy as np
from mxnet import gluon

from frameworks.mxnet.schedules import build
from frameworks.observation import GRADIENTS, SHAPES, SIZES, Observation
from frameworks.schedule import Schedule


def observe(schedule: Schedule, updates: int, *, build: Callable = build, optimizer: str = "sgd") -> Observation:
    """Make updates with plain SGD and return the rate that each of them applied to each weight.

    schedule: the schedule; update 0 is the first.
    updates: the number of updates, 1 or more.
    build: builds the scheduler from the schedule (default: `build` of this package).
    optimizer: a name registered with MXNet (default: "sgd").
    """
    parameters = [gluon.Parameter(f"weight{i}", shape=shape, init="zeros") for i, shape in enumerate(SHAPES)]
    for parameter, gradient in zip(parameters, GRADIENTS):
        parameter.initialize()
        parameter.grad()[:] = gradient
    weights = [parameter.data() for parameter in parameters]
    trainer = gluon.Trainer(parameters, optimizer, {"lr_scheduler": build(schedule)})

    seen = np.empty((updates, sum(SIZES)), np.float32)
    reported = np.empty(updates)
    for update in range(updates):
        for weight in weights:
            mx.nd.zeros_like(weight, out=weight)
            weight._fresh_grad = True  # as backward() does; else the Trainer treats the gradient as stale
        trainer.step(1)
        seen[update] = np.concatenate([weight.asnumpy().ravel() for weight in weights])
        reported[update] = trainer.learning_rate
    return Observation.from_weights(seen, reported)
