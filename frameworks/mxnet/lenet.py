"""The chapter's LeNet in Gluon, starting from given weights."""

from __future__ import annotations

import mxnet as mx
import numpy as np
from mxnet.gluon import nn


def lenet(weights: dict[str, np.ndarray], context: mx.Context) -> nn.HybridSequential:
    """Return the network on a device, hybridised, with the canonical weights.

    weights: by the names of `reproduce.start.SHAPES`, in order; Gluon's own layouts are the canonical ones.
    """
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(6, kernel_size=5, padding=2, in_channels=1, activation="relu"),
        nn.MaxPool2D(pool_size=2, strides=2),
        nn.Conv2D(16, kernel_size=5, in_channels=6, activation="relu"),
        nn.MaxPool2D(pool_size=2, strides=2),
        nn.Dense(120, in_units=16 * 5 * 5, activation="relu"),
        nn.Dense(84, in_units=120, activation="relu"),
        nn.Dense(10, in_units=84),
    )
    net.initialize(ctx=context)
    for parameter, weight in zip(net.collect_params().values(), weights.values(), strict=True):
        parameter.set_data(mx.nd.array(weight, ctx=context))
    net.hybridize(static_alloc=True)
    return net
