"""Samples from posteriors with SGD in Gluon: stochastic gradient Langevin dynamics (Welling and Teh 2011).

Each update with the rate e subtracts e times the gradient of energy / 2 - noise * weight / sqrt(e). So it adds
-e / 2 times the gradient of the energy, and noise of the variance e.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon

from frameworks.mxnet.schedules import build
from frameworks.mxnet.training import build_tensors
from frameworks.schedule import Schedule
from frameworks.weights import Sweeps

softplus = partial(mx.nd.Activation, act_type="softrelu")


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
    parameter = gluon.Parameter("means", shape=first.shape, dtype="float64")
    parameter.initialize(mx.init.Zero())
    parameter.set_data(mx.nd.array(first, dtype="float64"))
    scheduler = build(schedule)
    trainer = gluon.Trainer([parameter], "sgd", {"lr_scheduler": scheduler})
    for points, noises in sweeps:
        for point, noise in zip(mx.nd.array(points, dtype="float64"), mx.nd.array(noises, dtype="float64")):
            with autograd.record():
                means = parameter.data()
                offset = point - means[0]
                errors = offset**2 / 4 - softplus(means[1] * (2 * offset - means[1]) / 4)
                prior = means[0]**2 / 20 + means[1]**2 / 2
                energy = size * errors + prior
                rate = scheduler(trainer.optimizer.num_update + 1)
                loss = energy.sum() / 2 - (noise * means).sum() / rate**0.5
            loss.backward()
            trainer.step(1)
        yield parameter.data().asnumpy()


def sample_lenet(
    net: gluon.HybridBlock, schedule: Schedule, training: tuple[np.ndarray, np.ndarray], sweeps: Sweeps,
    device: mx.Context,
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
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    weights = list(net.collect_params().values())
    scheduler = build(schedule)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": scheduler})
    for sweep in sweeps:
        for batch, noises in sweep:
            chosen = mx.nd.array(batch, device, "int32")
            with autograd.record():
                error = loss_of(net(images.take(chosen)), labels.take(chosen)).mean()
                energy = len(labels) * error + sum((weight.data()**2).sum() for weight in weights) / 2
                rate = scheduler(trainer.optimizer.num_update + 1)
                noise = sum((weight.data() * mx.nd.array(normal, device, normal.dtype)).sum()
                            for weight, normal in zip(weights, noises))
                loss = energy / 2 - noise / rate**0.5
            loss.backward()
            trainer.step(1)
        yield


def predict(net: gluon.HybridBlock, images: np.ndarray, device: mx.Context) -> np.ndarray:
    """Return the probability of each class for each image, float64, shape (n, 10).

    net: the network of `build_lenet`, on the device.
    images: shape (n, 28, 28), in the type of the weights.
    device: the device.
    """
    inputs, _ = build_tensors((images, np.zeros(len(images), np.int64)), device)
    parts = (inputs[start:start + 1000] for start in range(0, len(images), 1000))
    return np.concatenate([net(part).astype("float64").softmax(axis=1).asnumpy() for part in parts])
