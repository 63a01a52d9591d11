"""Makes one forward and backward pass in PyTorch, without an update."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from frameworks.weights import SHAPES


def compute_gradients(
    net: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the logits, shape (n, 10), and the gradient of the mean loss for each weight, in the canonical layout.

    net: the network of `build_lenet`; its weights stay as they are.
    images: shape (n, 28, 28), in the type of the weights.
    labels: the digits, 0 to 9: int64, shape (n,).
    device: the device of the network.

    Source: softmax cross-entropy (nats) as the chapter computes it, averaged over the images.
    """
    outputs = net(torch.from_numpy(images[:, None]).to(device))
    loss = nn.CrossEntropyLoss()(outputs, torch.from_numpy(labels).to(device))
    tensors = torch.autograd.grad(loss, list(net.parameters()))
    return outputs.detach().cpu().numpy(), dict(zip(SHAPES, (tensor.cpu().numpy() for tensor in tensors), strict=True))
