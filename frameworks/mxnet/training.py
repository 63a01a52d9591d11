"""The training loop in Gluon: plain SGD, the schedule's rate at every update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon

from frameworks.epoch import TEST_BATCH, DeviceMissing, Epoch
from frameworks.mxnet.schedules import build
from frameworks.schedule import Schedule


def train(
    net: gluon.HybridBlock,
    schedule: Schedule,
    training: tuple[np.ndarray, np.ndarray],
    testing: tuple[np.ndarray, np.ndarray],
    epochs: Iterable[list[np.ndarray]],
    context: mx.Context,
    *,
    progress: Callable[[], object] = lambda: None,
) -> Iterator[Epoch]:
    """Train a network where it is and give an Epoch after each epoch.

    training, testing: images of shape (n, 28, 28) in the type of the weights, labels int64 of shape (n,). epochs: for
    each epoch, the indices of each batch. progress: called after each update.
    """
    dtype = training[0].dtype
    images, labels = (mx.nd.array(array, context, dtype) for array in (training[0][:, None], training[1]))
    test_images, test_labels = (mx.nd.array(array, context, dtype) for array in (testing[0][:, None], testing[1]))
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": build(schedule)})

    for batches in epochs:
        sizes, rates, losses, correct = [len(batch) for batch in batches], [], [], []
        order, start = mx.nd.array(np.concatenate(batches), context, "int32"), 0
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
            progress()
        yield Epoch(
            losses=mx.nd.concat(*losses, dim=0).asnumpy().astype(np.float64),
            rates=np.array(rates, np.float64),
            sizes=np.array(sizes),
            train_correct=int(mx.nd.concat(*correct, dim=0).asnumpy().sum()),
            test_correct=count_correct(net, test_images, test_labels),
        )


def count_correct(net: gluon.HybridBlock, images: mx.nd.NDArray, labels: mx.nd.NDArray) -> int:
    """Count the images that the network classifies correctly."""
    correct = []
    for start in range(0, len(images), TEST_BATCH):
        inputs, targets = images[start:start + TEST_BATCH], labels[start:start + TEST_BATCH]
        correct.append((net(inputs).argmax(axis=1) == targets).sum())
    return int(mx.nd.concat(*correct, dim=0).asnumpy().sum())


def chosen_device(name: str) -> mx.Context:
    """Return the device for "auto" (a GPU if there is one), "cpu" or "gpu". Raises DeviceMissing."""
    gpus = mx.context.num_gpus()
    if name == "gpu" and not gpus:
        raise DeviceMissing("device gpu: mxnet sees no GPU here")
    return mx.gpu() if gpus and name != "cpu" else mx.cpu()
