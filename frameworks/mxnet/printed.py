"""Builds the network of the book's Gluon tab, as its code does (the book variant)."""

from __future__ import annotations

import mxnet as mx

from frameworks.mxnet.lenet import LeNet


def build_printed_lenet(seed: int, device: mx.Context) -> LeNet:
    """Return the network of the book variant: LeNet with the weights of `init.Xavier()`.

    The weights are distributed as in the text variant, but come from Gluon's random numbers.

    seed: the seed of the weights, from 0.
    device: the device.

    Source: the book's Gluon tab.
    """
    mx.random.seed(seed)
    net = LeNet("float32")
    net.initialize(mx.init.Xavier(), ctx=device)
    net.hybridize(static_alloc=True)
    return net
