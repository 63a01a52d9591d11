"""The chapter's LeNet in PyTorch, starting from given weights."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from frameworks.weights import SHAPES


class LeNet(nn.Sequential):
    """The layers, one after another; on a CPU, convolution and pooling stay in the layout of oneDNN.

    oneDNN's kernels want channels in blocks of 16. Converting before and after each of them takes as long as they do,
    so the layout is kept from a convolution to the end of its pooling. There the ReLU has only a quarter to do: the
    largest of four numbers, clipped, is the largest of the four clipped. The numbers are the same to the last bit.
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


def lenet(weights: dict[str, np.ndarray], device: torch.device) -> LeNet:
    """Return the network on a device, with the canonical weights and in their type, float32 or float64.

    weights: by the names of `frameworks.weights.SHAPES`, in order; torch's own layouts are the canonical ones.
    """
    net = LeNet().to(torch.from_numpy(weights["dense3.bias"]).dtype)
    set_weights(net, weights)
    return net.to(device)


def set_weights(net: nn.Module, weights: dict[str, np.ndarray]) -> None:
    """Give a network the canonical weights."""
    with torch.no_grad():
        for parameter, weight in zip(net.parameters(), weights.values(), strict=True):
            parameter.copy_(torch.from_numpy(weight))


def weights_of(net: nn.Module) -> dict[str, np.ndarray]:
    """Return a copy of a network's weights in the canonical layout."""
    found = (parameter.detach().cpu().numpy().copy() for parameter in net.parameters())
    return dict(zip(SHAPES, found, strict=True))
