"""Trains and evaluates a network in Gluon: plain SGD, with the schedule's rate at every update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon

from frameworks.epoch import NOTHING, TEST_BATCH, UNTESTED, DeviceMissingError, Epoch, Evaluation, Progress
from frameworks.mxnet.schedules import build
from frameworks.schedule import Schedule


def train(
    net: gluon.HybridBlock,
    schedule: Schedule,
    training: tuple[np.ndarray, np.ndarray],
    testing: tuple[np.ndarray, np.ndarray],
    epochs: Iterable[list[np.ndarray]],
    device: mx.Context,
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
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": build(schedule)})

    for batches in epochs:
        sizes, rates, losses, correct = [len(batch) for batch in batches], [], [], []
        order, start = mx.nd.array(np.concatenate(batches), device, "int32") if batches else (), 0
        for size in sizes:
            batch = order[start:start + size]
            inputs, targets = images.take(batch), labels.take(batch)
            with autograd.record():
                outputs = net(inputs)
                loss = loss_of(outputs, targets)
            loss.backward()
            trainer.step(size)  # divides the gradient of the summed loss
            rates.append(trainer.learning_rate)
            losses.append(loss.mean())
            correct.append((outputs.argmax(axis=1) == targets).sum())
            start += size
            progress(losses[-1].asscalar, rates[-1], partial(fetch_epoch, sizes, rates, losses, correct))
        yield fetch_epoch(sizes, rates, losses, correct, evaluate_tensors(net, test_images, test_labels, pause))


def fetch_epoch(
    sizes: list[int], rates: list[float], losses: list[mx.nd.NDArray], correct: list[mx.nd.NDArray],
    tested: Evaluation = UNTESTED,
) -> Epoch:
    """Fetch the results of the updates of an epoch so far. tested: the results on the test images after the epoch."""
    if not losses:
        return replace(NOTHING, test_correct=tested.correct, test_loss=tested.loss)
    return Epoch(
        losses=mx.nd.concat(*losses, dim=0).asnumpy().astype(np.float64),
        rates=np.array(rates, np.float64),
        sizes=np.array(sizes[:len(losses)]),
        train_correct=int(mx.nd.concat(*correct, dim=0).asnumpy().sum()),
        test_correct=tested.correct,
        test_loss=tested.loss,
    )


def build_tensors(data: tuple[np.ndarray, np.ndarray], device: mx.Context) -> tuple[mx.nd.NDArray, mx.nd.NDArray]:
    """Return images of shape (n, 1, 28, 28) and labels of shape (n,), both in the images' type, on a device."""
    dtype = data[0].dtype
    return mx.nd.array(data[0][:, None], device, dtype), mx.nd.array(data[1], device, dtype)


def evaluate(
    net: gluon.HybridBlock, data: tuple[np.ndarray, np.ndarray], device: mx.Context,
    pause: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Return a network's mean loss and number of correct answers on some images; its weights stay as they are.

    net: the network of `build_lenet`, on the device.
    data: images, shape (n, 28, 28), in the type of the weights, and labels, int64, shape (n,).
    device: the device.
    pause: called after each batch of `TEST_BATCH` images (default: does nothing).
    """
    return evaluate_tensors(net, *build_tensors(data, device), pause)


def evaluate_tensors(
    net: gluon.HybridBlock, images: mx.nd.NDArray, labels: mx.nd.NDArray, pause: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Return a network's results on images and labels on its device. pause: called after each batch."""
    loss_of, losses, correct = gluon.loss.SoftmaxCrossEntropyLoss(), [], []
    for start in range(0, len(images), TEST_BATCH):
        inputs, targets = images[start:start + TEST_BATCH], labels[start:start + TEST_BATCH]
        outputs = net(inputs)
        losses.append(loss_of(outputs, targets).sum())
        correct.append((outputs.argmax(axis=1) == targets).sum())
        pause()
    losses, correct = (mx.nd.concat(*values, dim=0).asnumpy() for values in (losses, correct))
    return Evaluation(float(losses.astype(np.float64).sum()) / len(labels), int(correct.sum()))


def choose_device(name: str) -> mx.Context:
    """Return a device of this machine.

    name: "auto" (a GPU if there is one), "cpu" or "gpu".

    Raises DeviceMissingError if `name` is "gpu" and the framework finds no GPU.
    """
    gpus = mx.context.num_gpus()
    if name == "gpu" and not gpus:
        raise DeviceMissingError("device gpu: mxnet sees no GPU here")
    return mx.gpu() if gpus and name != "cpu" else mx.cpu()
