"""Trains many networks at once in PyTorch: each with its weights, its batches and its schedule, in one update."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from frameworks.schedule import Schedule
from frameworks.torch import build
from frameworks.torch.training import build_tensors
from tests.harness.gpu.torch_graph import capture

#: The side of a kernel, and the padding of each convolution.
KERNEL, PADDING = 5, (2, 0)


@dataclass(frozen=True)
class Epochs:
    """One epoch of `runs` trainings. losses: shape (updates, runs), float64. rates: the applied ones, of that shape."""

    losses: np.ndarray
    rates: np.ndarray


class Batched:
    """Some LeNets with stacked weights, and the update of all of them as one function.

    weights: of each run, as `build_lenet` accepts them. schedules: of each run; equal ones share a scheduler.
    training: images and labels. device: the device.

    Each weight has one element more, the probe: an array of one number per run with gradient 1, which shows the rate
    that the update applied.
    """

    def __init__(self, weights: list[dict[str, np.ndarray]], schedules: list[Schedule],
                 training: tuple[np.ndarray, np.ndarray], device: torch.device) -> None:
        self.device, self.runs = device, len(weights)
        self.images, self.labels = build_tensors(training, device)
        self.weights = [torch.from_numpy(np.stack([run[name] for run in weights])).to(device).requires_grad_()
                        for name in weights[0]]
        self.probe = torch.zeros(self.runs, dtype=self.images.dtype, device=device)
        distinct = list(dict.fromkeys(schedule.model_dump_json() for schedule in schedules))
        self.which = torch.tensor([distinct.index(schedule.model_dump_json()) for schedule in schedules], device=device)
        self.rate_of = torch.zeros(len(distinct), device=device)
        first = {schedule.model_dump_json(): schedule for schedule in schedules}
        self.schedulers = [self._build_scheduler(first[text], self.rate_of[index])
                           for index, text in enumerate(distinct)]
        self.begin, self.count = (torch.zeros(1, dtype=torch.int64, device=device) for _ in range(2))
        self.order = torch.empty(0, dtype=torch.int64, device=device)
        self.losses = self.rates = self.order
        self.updates: dict[int, Any] = {}

    def _build_scheduler(self, schedule: Schedule, rate: torch.Tensor) -> Any:
        """Return a scheduler that writes into one element of `rate_of`; its optimizer has nothing to train."""
        scheduler = build(schedule, torch.optim.SGD([nn.Parameter(torch.zeros(1, device=self.device))], lr=rate))
        scheduler.optimizer.step()  # without a gradient it changes nothing; without a step torch would warn
        return scheduler

    def train(self, epochs: Iterable[np.ndarray], batch: int) -> Iterator[Epochs]:
        """Train, and yield the results of each epoch. epochs: the order of the images of each run, (runs, images)."""
        for order in epochs:
            sizes = [min(batch, order.shape[1] - start) for start in range(0, order.shape[1], batch)]
            if not self.updates:
                self.order = torch.empty(order.shape, dtype=torch.int64, device=self.device)
                self.losses = torch.zeros(len(sizes), self.runs, dtype=self.images.dtype, device=self.device)
                self.rates = torch.zeros_like(self.losses)
            self.order.copy_(torch.from_numpy(order))
            self.begin.zero_()
            self.count.zero_()
            for size in sizes:
                self.update(size)
                for scheduler in self.schedulers:
                    scheduler.step()
            yield Epochs(self.losses.double().cpu().numpy(), self.rates.double().cpu().numpy())

    def update(self, size: int) -> None:
        """Make the next update of every run, each of a batch of `size` images."""
        if size not in self.updates:
            begin, count = self.begin.clone(), self.count.clone()
            self.begin.zero_()  # the calls before the capture need images that are there
            self.count.zero_()
            state = [*self.weights, self.probe, self.begin, self.count]
            self.updates[size] = capture(partial(self._update, size), self.device, state)
            self.begin.copy_(begin)
            self.count.copy_(count)
        self.updates[size]()

    def _update(self, size: int) -> None:
        batch = self.order[:, self.begin + torch.arange(size, device=self.device)]
        logits = compute_logits(self.weights, self.images[batch])
        losses = nn.functional.cross_entropy(logits.flatten(0, 1), self.labels[batch].flatten(), reduction="none")
        losses = losses.unflatten(0, (self.runs, size)).mean(dim=1)
        gradients = torch.autograd.grad(losses.sum(), self.weights)  # of each run: its loss depends on its weights only
        with torch.no_grad():
            rates = self.rate_of[self.which].to(self.images.dtype)
            pairs = zip([*self.weights, self.probe], [*gradients, torch.ones_like(self.probe)], strict=True)
            for weight, gradient in pairs:
                weight.addcmul_(gradient, rates.view(-1, *[1] * (weight.ndim - 1)), value=-1)
            self.losses.index_copy_(0, self.count, losses[None])
            self.rates.index_copy_(0, self.count, -self.probe[None])
            self.probe.zero_()
            self.begin.add_(size)
            self.count.add_(1)

    def read_weights(self, run: int) -> list[np.ndarray]:
        """Return the weights of a run."""
        return [weight[run].detach().cpu().numpy().copy() for weight in self.weights]


def compute_logits(weights: list[torch.Tensor], images: torch.Tensor) -> torch.Tensor:
    """Return the logits of LeNet, shape (runs, n, 10), of images of shape (runs, n, 1, 28, 28); each run's weights."""
    features = images.flatten(0, 1)
    for kernel, bias, padding in zip(weights[0:4:2], weights[1:4:2], PADDING):
        features = nn.functional.max_pool2d(_convolve(features, kernel, bias, padding).relu(), 2)
    features = features.reshape(*images.shape[:2], -1)
    for layer, (weight, bias) in enumerate(zip(weights[4::2], weights[5::2])):
        features = torch.baddbmm(bias[:, None], features.relu() if layer else features, weight.transpose(1, 2))
    return features


def _convolve(features: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor, padding: int) -> torch.Tensor:
    """Convolve images of all runs, shape (runs * n, channels, side, side), each run with its kernel, in one product.

    Grouped convolutions are slow, and so is torch's `unfold` on a GPU: it starts one kernel for each image.
    """
    patches = nn.functional.pad(features, [padding] * 4).unfold(2, KERNEL, 1).unfold(3, KERNEL, 1)
    rows = patches.permute(0, 2, 3, 1, 4, 5).reshape(len(kernel), -1, kernel[0, 0].numel())
    products = torch.baddbmm(bias[:, None], rows, kernel.flatten(2).transpose(1, 2))
    return products.reshape(*patches.shape[:1], *patches.shape[2:4], -1).permute(0, 3, 1, 2)
