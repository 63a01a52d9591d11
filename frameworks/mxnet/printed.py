"""Builds the network of the book's Gluon tab, as its code does (the book variant)."""

from __future__ import annotations

import mxnet as mx

from frameworks.mxnet.lenet import LeNet, build_lenet
from frameworks.weights import SHAPES


def build_printed_lenet(draw: int, device: mx.Context) -> LeNet:
    """Return the network of the book variant: LeNet with the weights of `init.Xavier()`.

    The weights are distributed as in the text variant, but come from MXNet's random numbers. The book sets no seed. In
    every such process MXNet has the same random numbers, those of seed 0. Each of the book's five trainings draws the
    weights again, in one process; so training n always starts from draw n. After the book's `npx.set_np()` the numbers
    are those of `mxnet.np.random`, which differ from those of `mxnet.random`.

    draw: which draw of the weights, from 1.
    device: the device.

    Source: the book's Gluon tab.
    """
    mx.random.seed(0)
    weights = {}
    with mx.util.np_shape(True), mx.util.np_array(True):
        weights = {name: mx.np.zeros(shape) for name, shape in SHAPES.items()}
        for _ in range(draw):  # the last one stays
            for name, weight in weights.items():
                mx.init.Xavier()(mx.init.InitDesc(name), weight)
    return build_lenet({name: weight.asnumpy() for name, weight in weights.items()}, device)
