"""Sets the rate by hand in Gluon, as the chapter does before it introduces schedulers."""

from __future__ import annotations

import mxnet as mx
from mxnet import autograd, gluon


def set_rate(trainer: gluon.Trainer, rate: float) -> float:
    """Set the learning rate of the next updates; return the rate that the Trainer then reports.

    trainer: the Trainer, without a scheduler.
    rate: the rate, 0 or more.

    Raises UserWarning, as MXNet does, if the Trainer has a scheduler. Source: the chapter's `set_learning_rate`.
    """
    trainer.set_learning_rate(rate)
    return float(trainer.learning_rate)


def demonstrate_set_rate(rate: float) -> tuple[float, float]:
    """Make two updates and set the rate between them; return the reported and the applied rate of the second.

    Both update a weight of 0, whose gradient is 1; the rate of the first is 0.3.

    rate: the rate to set, 0 or more.
    """
    weight = gluon.Parameter("weight", shape=(1,))
    weight.initialize(mx.init.Zero())
    trainer = gluon.Trainer([weight], "sgd", {"learning_rate": 0.3})
    reported = 0.3
    for update in range(2):
        if update:
            reported = set_rate(trainer, rate)
        weight.set_data(mx.nd.zeros(1))
        with autograd.record():
            loss = weight.data().sum()
        loss.backward()
        trainer.step(1)
    return reported, -weight.data().asscalar().item()
