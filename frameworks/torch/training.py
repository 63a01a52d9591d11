"""The training loop in PyTorch: plain SGD, the schedule's rate at every update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch import nn

from frameworks.epoch import TEST_BATCH, DeviceMissing, Epoch
from frameworks.schedule import Schedule
from frameworks.torch.lenet import lenet
from frameworks.torch.schedules import build


def train(
    schedule: Schedule,
    weights: dict[str, np.ndarray],
    training: tuple[np.ndarray, np.ndarray],
    testing: tuple[np.ndarray, np.ndarray],
    epochs: Iterable[list[np.ndarray]],
    *,
    device: str = "auto",
    progress: Callable[[], object] = lambda: None,
) -> Iterator[Epoch]:
    """Train LeNet and give an Epoch after each epoch.

    training, testing: images float32 of shape (n, 28, 28), labels int64 of shape (n,). epochs: for each epoch, the
    indices of each batch. progress: called after each update. Raises DeviceMissing.
    """
    place = chosen_device(device)
    images, labels = torch.from_numpy(training[0][:, None]).to(place), torch.from_numpy(training[1]).to(place)
    net = lenet(weights, place)
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters())
    scheduler = build(schedule, optimizer)

    for batches in epochs:
        losses, rates, correct = [], [], []
        for indices in batches:
            batch = torch.from_numpy(indices).to(place)
            inputs, targets = images[batch], labels[batch]
            optimizer.zero_grad()
            outputs = net(inputs)
            loss = loss_of(outputs, targets)
            loss.backward()
            rates.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            scheduler.step()
            losses.append(loss.detach())
            correct.append((outputs.argmax(dim=1) == targets).sum())
            progress()
        yield Epoch(
            losses=torch.stack(losses).double().cpu().numpy(),
            rates=np.array(rates, np.float64),
            sizes=np.array([len(indices) for indices in batches]),
            train_correct=int(torch.stack(correct).sum()),
            test_correct=count_correct(net, *testing, place),
        )


@torch.no_grad()
def count_correct(net: nn.Module, images: np.ndarray, labels: np.ndarray, place: torch.device) -> int:
    """Count the images that the network classifies correctly."""
    correct = []
    for start in range(0, len(images), TEST_BATCH):
        part = slice(start, start + TEST_BATCH)
        outputs = net(torch.from_numpy(images[part, None]).to(place))
        correct.append((outputs.argmax(dim=1) == torch.from_numpy(labels[part]).to(place)).sum())
    return int(torch.stack(correct).sum())


def chosen_device(name: str) -> torch.device:
    """Return the device for "auto" (a GPU if there is one), "cpu" or "gpu"."""
    found = torch.cuda.is_available()
    if name == "gpu" and not found:
        raise DeviceMissing("device gpu: torch sees no GPU here")
    return torch.device("cuda" if found and name != "cpu" else "cpu")
