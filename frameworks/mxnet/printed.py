"""The network of the book's Gluon tab, as its printed code makes it."""

from __future__ import annotations

import mxnet as mx

from frameworks.mxnet.lenet import LeNet


def printed(seed: int, context: mx.Context) -> LeNet:
    """Return the described LeNet with the weights of `init.Xavier()`: as described, from Gluon's own random numbers."""
    mx.random.seed(seed)
    net = LeNet("float32")
    net.initialize(mx.init.Xavier(), ctx=context)
    net.hybridize(static_alloc=True)
    return net
