"""Watch a `gluon.Trainer` at work: which rate does each update apply?"""

from __future__ import annotations

from collections.abc import Callable

import mxnet as mx
import numpy as np
from mxnet import gluon

from frameworks.mxnet.schedules import build
from frameworks.observation import GRADIENTS, SHAPES, SIZES, Observation
from frameworks.schedule import Schedule


def observe(schedule: Schedule, updates: int, *, build: Callable = build, optimizer: str = "sgd") -> Observation:
    """Make `updates` updates with plain SGD and return the rate that each one applied to each weight.

    `build` makes the scheduler; `optimizer` is a name registered with MXNet.
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
            weight._fresh_grad = True  # what backward() does; without it the Trainer takes the gradient for stale
        trainer.step(1)
        seen[update] = np.concatenate([weight.asnumpy().ravel() for weight in weights])
        reported[update] = trainer.learning_rate
    return Observation.of_weights(seen, reported)
