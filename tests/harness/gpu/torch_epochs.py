"""Trains a network in PyTorch without waiting for the device within an epoch: each update replays a CUDA graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from frameworks.epoch import Epoch
from frameworks.schedule import Schedule
from frameworks.torch import build
from frameworks.torch.training import build_tensors, evaluate_tensors
from tests.harness.gpu.torch_graph import capture

Data = tuple[np.ndarray, np.ndarray]
#: Reads its rate from a tensor on the device, at each replay.
FUSED = partial(torch.optim.SGD, fused=True)


class Resident:
    """The data, the network and the results of an epoch, all on the device, and the update as one function.

    net: the network of `build_lenet`, on the device. training: images and labels. device: the device. optimizer: builds
    it from parameters and `lr`, a tensor on the device.

    The optimizer has one parameter more, the probe: 0 before each update, with gradient 1. After an update it is minus
    the rate that the optimizer applied, which is recorded on the device.
    """

    def __init__(self, net: nn.Module, training: Data, device: torch.device, optimizer: Callable[..., Any]) -> None:
        self.net, self.device, self.parameters = net, device, list(net.parameters())
        self.images, self.labels = build_tensors(training, device)
        self.probe = nn.Parameter(torch.zeros(1, device=device))
        self.probe.grad = torch.ones_like(self.probe)
        rate = torch.zeros((), device=device)
        self.optimizer = optimizer([*self.parameters, self.probe], lr=rate)
        self.begin, self.count = (torch.zeros(1, dtype=torch.int64, device=device) for _ in range(2))
        self.order = torch.empty(0, dtype=torch.int64, device=device)
        self.losses = self.rates = self.correct = self.order
        self.updates: dict[int, Callable[[], Any]] = {}

    def start_epoch(self, batches: list[np.ndarray]) -> None:
        """Copy the order of the images to the device; the first epoch decides how many images and batches there are."""
        order = torch.from_numpy(np.concatenate(batches))
        if not self.updates:
            self.order = torch.empty_like(order, device=self.device)
            self.losses = torch.zeros(len(batches), dtype=self.images.dtype, device=self.device)
            self.rates = torch.zeros(len(batches), device=self.device)
            self.correct = torch.zeros(len(batches), dtype=torch.int64, device=self.device)
        self.order.copy_(order)
        self.begin.zero_()
        self.count.zero_()

    def update(self, size: int) -> None:
        """Make the next update, of a batch of `size` images."""
        if size not in self.updates:
            state = [*self.parameters, self.probe, self.begin, self.count]
            begin, count = self.begin.clone(), self.count.clone()
            self.begin.zero_()  # the calls before the capture need images that are there
            self.count.zero_()
            self.updates[size] = capture(partial(self._update, size), self.device, state)
            self.begin.copy_(begin)
            self.count.copy_(count)
        self.updates[size]()

    def _update(self, size: int) -> None:
        batch = self.order[self.begin + torch.arange(size, device=self.device)]
        targets = self.labels[batch]
        outputs = self.net(self.images[batch])
        loss = nn.functional.cross_entropy(outputs, targets)
        for parameter, gradient in zip(self.parameters, torch.autograd.grad(loss, self.parameters), strict=True):
            parameter.grad = gradient
        self.optimizer.step()
        with torch.no_grad():
            self.losses.index_copy_(0, self.count, loss[None])
            self.correct.index_copy_(0, self.count, (outputs.argmax(dim=1) == targets).sum()[None])
            self.rates.index_copy_(0, self.count, -self.probe)
            self.probe.zero_()
            self.begin.add_(size)
            self.count.add_(1)


def train(
    net: nn.Module, schedule: Schedule, training: Data, testing: Data, epochs: Iterable[list[np.ndarray]],
    device: torch.device, *, optimizer: Callable[..., Any] = FUSED,
) -> Iterator[Epoch]:
    """Train a network and yield an Epoch after each epoch, as `train` of the back end; its rates are the applied ones.

    The scheduler writes each rate into the tensor on the device, from which the graph reads it. Nothing waits for the
    device until the end of the epoch. Every epoch has as many images and batches as the first.
    """
    resident = Resident(net, training, device, optimizer)
    test_images, test_labels = build_tensors(testing, device)
    scheduler = build(schedule, resident.optimizer)
    for batches in epochs:
        resident.start_epoch(batches)
        sizes = [len(batch) for batch in batches]
        for size in sizes:
            resident.update(size)
            scheduler.step()
        tested = evaluate_tensors(net, test_images, test_labels)
        yield Epoch(
            losses=resident.losses.double().cpu().numpy(),
            rates=resident.rates.double().cpu().numpy() + 0.0,  # without the sign of a zero
            sizes=np.array(sizes),
            train_correct=int(resident.correct.sum()),
            test_correct=tested.correct,
            test_loss=tested.loss,
        )
