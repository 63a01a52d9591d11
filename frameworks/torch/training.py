"""The training loop in PyTorch: plain SGD, the schedule's rate at every update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch import nn

from frameworks.epoch import TEST_BATCH, DeviceMissing, Epoch
from frameworks.schedule import Schedule
from frameworks.torch.schedules import build


def train(
    net: nn.Module,
    schedule: Schedule,
    training: tuple[np.ndarray, np.ndarray],
    testing: tuple[np.ndarray, np.ndarray],
    epochs: Iterable[list[np.ndarray]],
    place: torch.device,
    *,
    progress: Callable[[], object] = lambda: None,
) -> Iterator[Epoch]:
    """Train a network where it is and give an Epoch after each epoch.

    training, testing: images of shape (n, 28, 28) in the type of the weights, labels int64 of shape (n,). epochs: for
    each epoch, the indices of each batch. progress: called after each update.
    """
    images, labels = torch.from_numpy(training[0][:, None]).to(place), torch.from_numpy(training[1]).to(place)
    test_images, test_labels = torch.from_numpy(testing[0][:, None]).to(place), torch.from_numpy(testing[1]).to(place)
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters())
    scheduler = build(schedule, optimizer)

    for batches in epochs:
        sizes, rates, losses, correct = [len(batch) for batch in batches], [], [], []
        for batch in torch.from_numpy(np.concatenate(batches)).to(place).split(sizes):
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
            sizes=np.array(sizes),
            train_correct=int(torch.stack(correct).sum()),
            test_correct=count_correct(net, test_images, test_labels),
        )


@torch.inference_mode()
def count_correct(net: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> int:
    """Count the images that the network classifies correctly."""
    correct = []
    for inputs, targets in zip(images.split(TEST_BATCH), labels.split(TEST_BATCH), strict=True):
        correct.append((net(inputs).argmax(dim=1) == targets).sum())
    return int(torch.stack(correct).sum())


def chosen_device(name: str) -> torch.device:
    """Return the device for "auto" (a GPU if there is one), "cpu" or "gpu". Raises DeviceMissing."""
    found = torch.cuda.is_available()
    if name == "gpu" and not found:
        raise DeviceMissing("device gpu: torch sees no GPU here")
    return torch.device("cuda" if found and name != "cpu" else "cpu")
