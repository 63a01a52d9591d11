"""Builds the chapter's LeNet in Gluon, with given weights."""

from __future__ import annotations

from types import ModuleType

import mxnet as mx
import numpy as np
from mxnet.gluon import HybridBlock, nn

from frameworks.weights import SHAPES

_ARRAY = mx.nd.NDArray | mx.sym.Symbol


class LeNet(HybridBlock):
    """Two convolutions, each with ReLU and max-pooling, and three dense layers.

    The fast kernels of oneDNN in MXNet 1.9.1 need 8 or 16 channels. With 6, four of five passes use other kernels,
    which take three times as long. So the first convolution has ten extra filters of zeros, and the second reads eight
    channels, two of them zero. These zeros are not parameters; they add nothing to any sum and are not trained.

    The ReLU follows the pooling, where it processes a quarter of the numbers. The result is the same: the largest of
    four numbers, clipped, is the largest of the four clipped numbers.
    """

    def __init__(self, dtype: str) -> None:
        super().__init__()
        self.dtype = dtype
        with self.name_scope():
            for layer in ("convolution1", "convolution2"):
                for kind, init in (("weight", None), ("bias", "zeros")):
                    name, shape = f"{layer}_{kind}", SHAPES[f"{layer}.{kind}"]
                    setattr(self, name, self.params.get(name, shape=shape, dtype=dtype, init=init))
            self.dense = nn.HybridSequential()
            self.dense.add(
                nn.Dense(120, in_units=16 * 5 * 5, activation="relu", dtype=dtype),
                nn.Dense(84, in_units=120, activation="relu", dtype=dtype),
                nn.Dense(10, in_units=84, dtype=dtype),
            )

    def hybrid_forward(
        self, F: ModuleType, images: _ARRAY, convolution1_weight: _ARRAY, convolution1_bias: _ARRAY,
        convolution2_weight: _ARRAY, convolution2_bias: _ARRAY,
    ) -> _ARRAY:
        """Return the logits, shape (n, 10), of images of shape (n, 1, 28, 28)."""
        zeros = {"dtype": self.dtype}
        filters = F.concat(convolution1_weight, F.zeros((10, 1, 5, 5), **zeros), dim=0)
        biases = F.concat(convolution1_bias, F.zeros(10, **zeros), dim=0)
        kernels = F.concat(convolution2_weight, F.zeros((16, 2, 5, 5), **zeros), dim=1)
        pooling = {"kernel": (2, 2), "stride": (2, 2), "pool_type": "max"}

        features = F.Convolution(images, filters, biases, kernel=(5, 5), pad=(2, 2), num_filter=16)
        features = F.slice_axis(F.Pooling(features, **pooling), axis=1, begin=0, end=8)
        features = F.Convolution(F.relu(features), kernels, convolution2_bias, kernel=(5, 5), num_filter=16)
        return self.dense(F.relu(F.Pooling(features, **pooling)))


def build_lenet(weights: dict[str, np.ndarray], device: mx.Context) -> LeNet:
    """Return the network on a device, hybridised, with given weights.

    weights: by the names of `frameworks.weights.SHAPES`, in their order and layouts, which are Gluon's too; their type,
        float32 or float64, is that of the network.
    device: the device.

    Source: the chapter's LeNet, with ReLU and max-pooling.
    """
    net = LeNet(weights["dense3.bias"].dtype.name)
    net.initialize(mx.init.Zero(), ctx=device)
    set_weights(net, weights)
    net.hybridize(static_alloc=True)
    return net


def set_weights(net: HybridBlock, weights: dict[str, np.ndarray]) -> None:
    """Replace the weights of a network.

    net: the network of `build_lenet`.
    weights: as `build_lenet` accepts them.
    """
    for parameter, weight in zip(net.collect_params().values(), weights.values(), strict=True):
        parameter.set_data(mx.nd.array(weight, dtype=weight.dtype))


def read_weights(net: HybridBlock) -> dict[str, np.ndarray]:
    """Return a copy of a network's weights, by the names of `frameworks.weights.SHAPES`, in the canonical layout.

    net: the network of `build_lenet`.
    """
    arrays = (parameter.data().asnumpy() for parameter in net.collect_params().values())
    return dict(zip(SHAPES, arrays, strict=True))
