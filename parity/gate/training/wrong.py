"""Defines trainings with one mistake each, in the real framework: the gate must detect them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np

from frameworks.schedule import Constant, Schedule, Sequence, Shift
from parity.mistakes.record import Mistake


@dataclasses.dataclass(frozen=True)
class Trained:
    """The inputs of a training.

    schedule: of the rate, in updates.
    weights: the first weights, by parameter.
    data: images and labels.
    batches: the indices of the images of each.
    alter: changes the network (default: not at all).
    """

    schedule: Schedule
    weights: dict[str, np.ndarray]
    data: tuple[np.ndarray, np.ndarray]
    batches: list[np.ndarray]
    alter: Callable[[Any], None] = lambda net: None


#: The update whose rate is one ULP off, and the first of two batches that swap a sample.
ULP_AT, SWAP_AT = 5, 3
#: By id. `make(framework, how)` is a context that yields the changed inputs; `at` is the first loss that shows it.
WRONG: dict[str, Mistake] = {}


def wrong(effect: str, at: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that registers a mistake of training in WRONG."""
    def register(make: Callable[..., Any]) -> Callable[..., Any]:
        WRONG[make.__name__] = Mistake(make.__name__.replace("_", " "), "training", effect, make=make, at=at)
        return make

    return register


@wrong("the rate of one update is the next float32 number: later losses differ", at=ULP_AT + 1)
@contextmanager
def rate_one_ulp_off(framework: str, how: Trained) -> Iterator[Trained]:
    """Change the rate of one update to the next float32 number."""
    rate = np.nextafter(np.float32(how.schedule.lr(ULP_AT)), np.float32(np.inf))
    parts = [how.schedule, Constant(base_lr=float(rate)), Shift(by=ULP_AT + 1, of=how.schedule)]
    yield dataclasses.replace(how, schedule=Sequence(parts=parts, boundaries=[ULP_AT, ULP_AT + 1]))


@wrong("a sample of one batch is exchanged with a sample of the next one: losses differ from there on", at=SWAP_AT)
@contextmanager
def samples_swapped(framework: str, how: Trained) -> Iterator[Trained]:
    """Swap a sample of one batch with a sample of the next."""
    batches = [batch.copy() for batch in how.batches]
    batches[SWAP_AT][0], batches[SWAP_AT + 1][0] = how.batches[SWAP_AT + 1][0], how.batches[SWAP_AT][0]
    yield dataclasses.replace(how, batches=batches)


@wrong("features are flattened as (height, width, channel), as Keras does: the weights of the next layer belong to "
       "other features; reorder them", at=0)
@contextmanager
def flattened_channels_last(framework: str, how: Trained) -> Iterator[Trained]:
    """Reorder the weights of the first dense layer, as for another order of flattening."""
    columns = how.weights["dense1.weight"].reshape(-1, 16, 5, 5).transpose(0, 2, 3, 1).reshape(-1, 400)
    yield dataclasses.replace(how, weights=how.weights | {"dense1.weight": np.ascontiguousarray(columns)})


@wrong("the losses of a batch are summed: gradients are larger by its size; compute the mean", at=0)
@contextmanager
def loss_summed(framework: str, how: Trained) -> Iterator[Trained]:
    """Sum the losses of a batch instead of averaging them."""
    if framework == "mxnet":
        from mxnet import gluon

        step = gluon.Trainer.step
        changed = patch.object(gluon.Trainer, "step", lambda trainer, size: step(trainer, 1))
    elif framework == "torch":
        from torch import nn

        changed = patch.object(nn, "CrossEntropyLoss", partial(nn.CrossEntropyLoss, reduction="sum"))
    else:
        from keras import losses

        summed = partial(losses.SparseCategoricalCrossentropy, reduction="sum")
        changed = patch.object(losses, "SparseCategoricalCrossentropy", summed)
    with changed:
        yield how


@wrong("ReLU is written as x where x >= 0: its slope at 0, as on a black background, is 1, not 0; use x > 0", at=1)
@contextmanager
def relu_of_zero_has_slope_one(framework: str, how: Trained) -> Iterator[Trained]:
    """Replace the ReLU by one whose slope at 0 is 1."""
    if framework == "mxnet":
        import mxnet as mx

        with patch.object(mx.sym, "relu", lambda x: mx.sym.maximum(x, 0)):
            yield how
    elif framework == "torch":
        import torch

        with patch.object(torch.nn.ReLU, "forward", lambda layer, x: torch.where(x >= 0, x, torch.zeros_like(x))):
            yield how
    else:
        import tensorflow as tf

        def alter(net: Any) -> None:
            for layer in net.layers:
                if layer.name.startswith("conv"):
                    layer.activation = lambda x: tf.maximum(x, tf.zeros((), x.dtype))

        yield dataclasses.replace(how, alter=alter)
