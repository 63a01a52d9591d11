"""Trains and evaluates a network in PyTorch: plain SGD, with the schedule's rate at every update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import nn

from frameworks.epoch import NOTHING, TEST_BATCH, UNTESTED, DeviceMissingError, Epoch, Evaluation, Progress
from frameworks.schedule import Schedule
from frameworks.torch.schedules import build


def train(
    net: nn.Module,
    schedule: Schedule,
    training: tuple[np.ndarray, np.ndarray],
    testing: tuple[np.ndarray, np.ndarray],
    epochs: Iterable[list[np.ndarray]],
    device: torch.device,
    *,
    progress: Progress = lambda *update: None,
    pause: Callable[[], object] = lambda: None,
) -> Iterator[Epoch]:
    """Train a network and yield an Epoch after each epoch.

    net: the network of `build_lenet`, on the device; its weights are trained.
    schedule: the rate of each update, counted over all epochs.
    training: images, shape (n, 28, 28), in the type of the weights, and labels, int64, shape (n,).
    testing: the same of the images that are evaluated after each epoch.
    epochs: for each epoch, the indices of the images of each batch.
    device: the device.
    progress: called after each update, see `Progress` (default: does nothing); its exceptions end the training.
    pause: called after each test batch (default: does nothing); its exceptions end the training.

    Source: the training loop of the chapter.
    """
    images, labels = build_tensors(training, device)
    test_images, test_labels = build_tensors(testing, device)
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters())
    scheduler = build(schedule, optimizer)

    for batches in epochs:
        sizes, rates, losses, correct = [len(batch) for batch in batches], [], [], []
        for batch in torch.from_numpy(np.concatenate(batches)).to(device).split(sizes) if batches else ():
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
            progress(losses[-1].item, rates[-1], partial(fetch_epoch, sizes, rates, losses, correct))
        yield fetch_epoch(sizes, rates, losses, correct, evaluate_tensors(net, test_images, test_labels, pause))


def fetch_epoch(
    sizes: list[int], rates: list[float], losses: list[torch.Tensor], correct: list[torch.Tensor],
    tested: Evaluation = UNTESTED,
) -> Epoch:
    """Fetch the results of the updates of an epoch so far. tested: the results on the test images after the epoch."""
    if not losses:
        return replace(NOTHING, test_correct=tested.correct, test_loss=tested.loss)
    return Epoch(
        losses=torch.stack(losses).double().cpu().numpy(),
        rates=np.array(rates, np.float64),
        sizes=np.array(sizes[:len(losses)]),
        train_correct=int(torch.stack(correct).sum()),
        test_correct=tested.correct,
        test_loss=tested.loss,
    )


def build_tensors(data: tuple[np.ndarray, np.ndarray], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images of shape (n, 1, 28, 28) and labels of shape (n,) on a device."""
    return torch.from_numpy(data[0][:, None]).to(device), torch.from_numpy(data[1]).to(device)


def evaluate(
    net: nn.Module, data: tuple[np.ndarray, np.ndarray], device: torch.device,
    pause: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Return a network's mean loss and number of correct answers on some images; its weights stay as they are.

    net: the network of `build_lenet`, on the device.
    data: images, shape (n, 28, 28), in the type of the weights, and labels, int64, shape (n,).
    device: the device.
    pause: called after each batch of `TEST_BATCH` images (default: does nothing).
    """
    return evaluate_tensors(net, *build_tensors(data, device), pause)


@torch.inference_mode()
def evaluate_tensors(
    net: nn.Module, images: torch.Tensor, labels: torch.Tensor, pause: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Return a network's results on images and labels on its device. pause: called after each batch."""
    loss_of, losses, correct = nn.CrossEntropyLoss(reduction="sum"), [], []
    for inputs, targets in zip(images.split(TEST_BATCH), labels.split(TEST_BATCH), strict=True):
        outputs = net(inputs)
        losses.append(loss_of(outputs, targets))
        correct.append((outputs.argmax(dim=1) == targets).sum())
        pause()
    return Evaluation(float(torch.stack(losses).double().sum()) / len(labels), int(torch.stack(correct).sum()))


def choose_device(name: str) -> torch.device:
    """Return a device of this machine.

    name: "auto" (a GPU if there is one), "cpu" or "gpu".

    Raises DeviceMissingError if `name` is "gpu" and the framework finds no GPU.
    """
    has_gpu = torch.cuda.is_available()
    if name == "gpu" and not has_gpu:
        raise DeviceMissingError("device gpu: torch sees no GPU here")
    return torch.device("cuda" if has_gpu and name != "cpu" else "cpu")
