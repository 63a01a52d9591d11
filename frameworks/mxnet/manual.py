"""Setting the rate by hand in Gluon, as the chapter shows before it comes to schedulers."""

from __future__ import annotations

import mxnet as mx
from mxnet import autograd, gluon


def set_rate(trainer: gluon.Trainer, rate: float) -> float:
    """Set the learning rate of the next updates and return what the trainer says it is.

    Raises UserWarning, as MXNet does, if the trainer has a scheduler.
    """
    trainer.set_learning_rate(rate)
    return float(trainer.learning_rate)


def demonstrated(rate: float) -> tuple[float, float]:
    """Set the rate between two updates of a weight from 0 with gradient 1; return what is said and what is applied."""
    weight = gluon.Parameter("weight", shape=(1,))
    weight.initialize(mx.init.Zero())
    trainer = gluon.Trainer([weight], "sgd", {"learning_rate": 0.3})
    said = 0.3
    for update in range(2):
        if update:
            said = set_rate(trainer, rate)
        weight.set_data(mx.nd.zeros(1))
        with autograd.record():
            loss = weight.data().sum()
        loss.backward()
        trainer.step(1)
    return said, -weight.data().asscalar().item()
