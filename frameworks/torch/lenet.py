"""Builds the chapter's LeNet in PyTorch, with given weights."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from frameworks.weights import SHAPES


class LeNet(nn.Sequential):
    """Two convolutions, each with ReLU and max-pooling, and three dense layers.

    On a CPU, oneDNN's kernels need channels in blocks of 16. A conversion before and after each kernel takes as long as
    the kernel itself, so the layout is kept from a convolution to the end of its pooling.

    There the ReLU follows the pooling, where it processes a quarter of the numbers. The result is the same, to the last
    bit: the largest of four numbers, clipped, is the largest of the four clipped numbers.
    """

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2),
            nn.Conv2d(6, 16, kernel_size=5), nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2),
            nn.Flatten(),
            nn.Linear(16 * 5 * 5, 120), nn.ReLU(),
            nn.Linear(120, 84), nn.ReLU(),
            nn.Linear(84, 10),
        )

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]  (torch calls the parameter input)
        self, images: torch.Tensor,
    ) -> torch.Tensor:
        """Return the logits, shape (n, 10), of images of shape (n, 1, 28, 28)."""
        if images.is_cuda or images.dtype != torch.float32 or not torch.backends.mkldnn.is_available():
            return super().forward(images)
        features, layers = images, list(self)
        for convolution, relu, pool in (layers[0:3], layers[3:6]):
            features = relu(pool(convolution(features.to_mkldnn())).to_dense())
        for layer in layers[6:]:
            features = layer(features)
        return features


def build_lenet(weights: dict[str, np.ndarray], device: torch.device) -> LeNet:
    """Return the network on a device, with given weights.

    weights: by the names of `frameworks.weights.SHAPES`, in their order and layouts, which are torch's too; their type,
        float32 or float64, is that of the network.
    device: the device.

    Source: the chapter's LeNet, with ReLU and max-pooling.
    """
    net = LeNet().to(torch.from_numpy(weights["dense3.bias"]).dtype)
    set_weights(net, weights)
    return net.to(device)


def set_weights(net: nn.Module, weights: dict[str, np.ndarray]) -> None:
    """Replace the weights of a network.

    net: the network of `build_lenet`.
    weights: as `build_lenet` accepts them.
    """
    with torch.no_grad():
        for parameter, weight in zip(net.parameters(), weights.values(), strict=True):
            parameter.copy_(torch.from_numpy(weight))


def read_weights(net: nn.Module) -> dict[str, np.ndarray]:
    """Return a copy of a network's weights, by the names of `frameworks.weights.SHAPES`, in the canonical layout.

    net: the network of `build_lenet`.
    """
    arrays = (parameter.detach().cpu().numpy().copy() for parameter in net.parameters())
    return dict(zip(SHAPES, arrays, strict=True))
