"""The training loop in Gluon: plain SGD, the schedule's rate at every update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon

from frameworks.epoch import TEST_BATCH, DeviceMissing, Epoch
from frameworks.mxnet.lenet import lenet
from frameworks.mxnet.schedules import build
from frameworks.schedule import Schedule


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
    context = chosen_device(device)
    images, labels = mx.nd.array(training[0][:, None], ctx=context), mx.nd.array(training[1], ctx=context)
    net = lenet(weights, context)
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": build(schedule)})

    for batches in epochs:
        losses, rates, correct = [], [], []
        for indices in batches:
            batch = mx.nd.array(indices, ctx=context, dtype="int32")
            inputs, targets = images.take(batch), labels.take(batch)
            with autograd.record():
                outputs = net(inputs)
                loss = loss_of(outputs, targets)
            loss.backward()
            trainer.step(len(indices))  # divides the gradient of the summed loss
            rates.append(trainer.learning_rate)
            losses.append(loss.mean())
            correct.append((outputs.argmax(axis=1) == targets).sum())
            progress()
        yield Epoch(
            losses=np.array([loss.asscalar() for loss in losses], np.float64),
            rates=np.array(rates, np.float64),
            sizes=np.array([len(indices) for indices in batches]),
            train_correct=int(sum(count.asscalar() for count in correct)),
            test_correct=count_correct(net, *testing, context),
        )


def count_correct(net: gluon.HybridBlock, images: np.ndarray, labels: np.ndarray, context: mx.Context) -> int:
    """Count the images that the network classifies correctly."""
    correct = []
    for start in range(0, len(images), TEST_BATCH):
        part = slice(start, start + TEST_BATCH)
        outputs = net(mx.nd.array(images[part, None], ctx=context))
        correct.append((outputs.argmax(axis=1) == mx.nd.array(labels[part], ctx=context)).sum())
    return int(sum(count.asscalar() for count in correct))


def chosen_device(name: str) -> mx.Context:
    """Return the device for "auto" (a GPU if there is one), "cpu" or "gpu"."""
    gpus = mx.context.num_gpus()
    if name == "gpu" and not gpus:
        raise DeviceMissing("device gpu: mxnet sees no GPU here")
    return mx.gpu() if gpus and name != "cpu" else mx.cpu()
