"""The training loop in PyTorch: plain SGD, the schedule's rate at every update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import nn

from frameworks.epoch import NOTHING, TEST_BATCH, UNTESTED, DeviceMissing, Epoch, Evaluation, Progress
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
    progress: Progress = lambda *update: None,
    pause: Callable[[], object] = lambda: None,
) -> Iterator[Epoch]:
    """Train a network where it is and give an Epoch after each epoch.

    training, testing: images of shape (n, 28, 28) in the type of the weights, labels int64 of shape (n,). epochs: for
    each epoch, the indices of each batch. progress: called after each update. pause: called after each test batch.
    What either raises ends the training.
    """
    images, labels = tensors(training, place)
    test_images, test_labels = tensors(testing, place)
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters())
    scheduler = build(schedule, optimizer)

    for batches in epochs:
        sizes, rates, losses, correct = [len(batch) for batch in batches], [], [], []
        for batch in torch.from_numpy(np.concatenate(batches)).to(place).split(sizes) if batches else ():
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
            progress(losses[-1].item, rates[-1], partial(made, sizes, rates, losses, correct))
        yield made(sizes, rates, losses, correct, evaluate_tensors(net, test_images, test_labels, pause))


def made(
    sizes: list[int], rates: list[float], losses: list[torch.Tensor], correct: list[torch.Tensor],
    tested: Evaluation = UNTESTED,
) -> Epoch:
    """Fetch what has been made of an epoch. tested: the results on the test images after it."""
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


def tensors(data: tuple[np.ndarray, np.ndarray], place: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images of shape (n, 1, 28, 28) and labels of shape (n,) on a device."""
    return torch.from_numpy(data[0][:, None]).to(place), torch.from_numpy(data[1]).to(place)


def evaluate(
    net: nn.Module, data: tuple[np.ndarray, np.ndarray], place: torch.device,
    pause: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Return a network's results on images, shape (n, 28, 28), and labels, shape (n,), with its weights as they are."""
    return evaluate_tensors(net, *tensors(data, place), pause)


@torch.inference_mode()
def evaluate_tensors(
    net: nn.Module, images: torch.Tensor, labels: torch.Tensor, pause: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Return a network's results on images and labels that are on its device. pause: called after each batch."""
    loss_of, losses, correct = nn.CrossEntropyLoss(reduction="sum"), [], []
    for inputs, targets in zip(images.split(TEST_BATCH), labels.split(TEST_BATCH), strict=True):
        outputs = net(inputs)
        losses.append(loss_of(outputs, targets))
        correct.append((outputs.argmax(dim=1) == targets).sum())
        pause()
    return Evaluation(float(torch.stack(losses).double().sum()) / len(labels), int(torch.stack(correct).sum()))


def chosen_device(name: str) -> torch.device:
    """Return the device for "auto" (a GPU if there is one), "cpu" or "gpu". Raises DeviceMissing."""
    found = torch.cuda.is_available()
    if name == "gpu" and not found:
        raise DeviceMissing("device gpu: torch sees no GPU here")
    return torch.device("cuda" if found and name != "cpu" else "cpu")
