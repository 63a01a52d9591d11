"""Samples from posteriors with SGD in PyTorch: stochastic gradient Langevin dynamics (Welling and Teh 2011).

Each update with the rate e subtracts e times the gradient of energy / 2 - noise * weight / sqrt(e). So it adds
-e / 2 times the gradient of the energy, and noise of the variance e.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from frameworks.schedule import Schedule
from frameworks.torch.schedules import build
from frameworks.torch.training import build_tensors
from frameworks.weights import Sweeps


def sample_mixture(
    schedule: Schedule, first: np.ndarray, size: int, sweeps: Iterable[tuple[np.ndarray, np.ndarray]],
) -> Iterator[np.ndarray]:
    """Yield the two means after each sweep, float64, shape (2, chains); the chains are independent.

    schedule: the rate of each update.
    first: the first means, float64, shape (2, chains).
    size: the number of data points.
    sweeps: for each sweep, the point and the normal noise of each update: shapes (updates, chains) and
        (updates, 2, chains).

    Source: Welling and Teh 2011, section 5.1: theta1 ~ N(0, 10), theta2 ~ N(0, 1), and the points x are
        N(theta1, 2) / 2 + N(theta1 + theta2, 2) / 2, with variances in the second place.
    """
    means = nn.Parameter(torch.from_numpy(first.copy()))
    optimizer = torch.optim.SGD([means])
    scheduler = build(schedule, optimizer)
    for points, noises in sweeps:
        for point, noise in zip(torch.from_numpy(points), torch.from_numpy(noises)):
            optimizer.zero_grad()
            offset = point - means[0]
            errors = offset**2 / 4 - functional.softplus(means[1] * (2 * offset - means[1]) / 4)
            prior = means[0]**2 / 20 + means[1]**2 / 2
            energy = size * errors + prior
            rate = float(optimizer.param_groups[0]["lr"])
            (energy.sum() / 2 - (noise * means).sum() / rate**0.5).backward()
            optimizer.step()
            scheduler.step()
        yield means.detach().numpy().copy()


def sample_lenet(
    net: nn.Module, schedule: Schedule, training: tuple[np.ndarray, np.ndarray], sweeps: Sweeps, device: torch.device,
) -> Iterator[None]:
    """Update the weights of a network, and yield after each sweep. Their prior is N(0, 1).

    net: the network of `build_lenet`, on the device.
    schedule: the rate of each update.
    training: images, shape (n, 28, 28), in the type of the weights, and labels, int64, shape (n,).
    sweeps: for each sweep, the indices of the images of each batch, and normal noise for each weight, in the layouts of
        `frameworks.weights.SHAPES`.
    device: the device.
    """
    images, labels = build_tensors(training, device)
    weights = list(net.parameters())
    optimizer = torch.optim.SGD(weights)
    scheduler = build(schedule, optimizer)
    for sweep in sweeps:
        for batch, noises in sweep:
            chosen = torch.from_numpy(batch).to(device)
            optimizer.zero_grad()
            error = functional.cross_entropy(net(images[chosen]), labels[chosen])
            energy = len(labels) * error + sum((weight**2).sum() for weight in weights) / 2
            rate = float(optimizer.param_groups[0]["lr"])
            noise = sum((weight * torch.from_numpy(normal).to(device)).sum() for weight, normal in zip(weights, noises))
            (energy / 2 - noise / rate**0.5).backward()
            optimizer.step()
            scheduler.step()
        yield


@torch.inference_mode()
def predict(net: nn.Module, images: np.ndarray, device: torch.device) -> np.ndarray:
    """Return the probability of each class for each image, float64, shape (n, 10).

    net: the network of `build_lenet`, on the device.
    images: shape (n, 28, 28), in the type of the weights.
    device: the device.
    """
    inputs, _ = build_tensors((images, np.zeros(len(images), np.int64)), device)
    return torch.cat([net(part).double().softmax(dim=1) for part in inputs.split(1000)]).cpu().numpy()
