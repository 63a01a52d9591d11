"""Checks that the networks compute the same as the built-in layers of their frameworks."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.schedule import Constant, Cosine, Hold
from frameworks.weights import SHAPES, draw_first_weights
from reproduce.trainer.batches import draw_batches

constant = Constant(base_lr=0.05)


def train(framework, images, net=None, schedule=constant, epochs=1):
    """Train the network, or a given one, and return its epochs."""
    ported = backend(framework)
    device = ported.choose_device("cpu")
    net = net or ported.build_lenet(draw_first_weights(0), device)
    orders = [draw_batches(0, epoch, len(images.training[0])) for epoch in range(epochs)]
    return list(ported.train(net, schedule, images.training, images.testing, orders, device))


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_come_back_as_they_went_in(dtype, framework):
    """`read_weights` returns the weights that `build_lenet` got, in their type."""
    ported = backend(framework)
    weights = {name: weight.astype(dtype) for name, weight in draw_first_weights(7).items()}
    back = ported.read_weights(ported.build_lenet(weights, ported.choose_device("cpu")))
    assert list(back) == list(weights)
    assert all(back[name].dtype == dtype and np.array_equal(back[name], weights[name]) for name in weights)


def test_torchs_layout_changes_no_bit(images, monkeypatch):
    """Compares with the layers in sequence: oneDNN's layout in convolution and pooling, ReLU after the pooling."""
    import torch

    from frameworks.torch.lenet import LeNet

    schedule = Hold(updates=4, of=Cosine(base_lr=0.1, final_lr=0.01, updates=3))
    fast = train("torch", images, schedule=schedule, epochs=3)
    used = []
    monkeypatch.setattr(LeNet, "forward", lambda net, x: (used.append(1), torch.nn.Sequential.forward(net, x))[1])
    plain = train("torch", images, schedule=schedule, epochs=3)
    assert used
    assert [epoch.losses.tolist() for epoch in fast] == [epoch.losses.tolist() for epoch in plain]
    assert [epoch.test_correct for epoch in fast] == [epoch.test_correct for epoch in plain]


def test_gluons_zero_filters_change_nothing(images):
    """Compares with Gluon's layers in sequence, up to the rounding of float32, where another rate would be seen."""
    import mxnet as mx
    from mxnet.gluon import nn

    plain = nn.HybridSequential()
    plain.add(
        nn.Conv2D(6, kernel_size=5, padding=2, in_channels=1, activation="relu"), nn.MaxPool2D(pool_size=2, strides=2),
        nn.Conv2D(16, kernel_size=5, in_channels=6, activation="relu"), nn.MaxPool2D(pool_size=2, strides=2),
        nn.Dense(120, in_units=400, activation="relu"), nn.Dense(84, in_units=120, activation="relu"),
        nn.Dense(10, in_units=84))
    plain.initialize()
    for parameter, weight in zip(plain.collect_params().values(), draw_first_weights(0).values(), strict=True):
        parameter.set_data(mx.nd.array(weight))
    (expected,), (epoch,) = train("mxnet", images, plain), train("mxnet", images)
    np.testing.assert_allclose(epoch.losses, expected.losses, rtol=1e-5)


def test_kerass_late_bias_changes_nothing(images):
    """Compares with Keras' layers in sequence, up to the rounding of float32."""
    import keras
    from keras import layers

    plain = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, kernel_size=5, padding="same", activation="relu"), layers.MaxPool2D(pool_size=2, strides=2),
        layers.Conv2D(16, kernel_size=5, activation="relu"), layers.MaxPool2D(pool_size=2, strides=2),
        layers.Permute((3, 1, 2)), layers.Flatten(),
        layers.Dense(120, activation="relu"), layers.Dense(84, activation="relu"), layers.Dense(10)])
    ported = backend("tensorflow")
    plain.set_weights(ported.build_lenet(draw_first_weights(0), "/CPU:0").get_weights())
    (expected,), (epoch,) = train("tensorflow", images, plain), train("tensorflow", images)
    np.testing.assert_allclose(epoch.losses, expected.losses, rtol=1e-5)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_printed_networks_start_as_their_tabs_do(framework):
    """Weights are within 1 / sqrt(fan_in) in torch, biases too; in Gluon and Keras they are as in the text variant."""
    ported = backend(framework)
    device = ported.choose_device("cpu")
    weights = ported.read_weights(ported.build_printed_lenet(3, device))
    assert {name: weight.shape for name, weight in weights.items()} == SHAPES
    bound = 1 / 400**0.5 if framework == "torch" else (6 / 520) ** 0.5
    assert 0.99 * bound < np.abs(weights["dense1.weight"]).max() <= bound
    assert weights["dense1.bias"].any() == (framework == "torch")
    again, other = (ported.read_weights(ported.build_printed_lenet(number, device))["dense1.weight"]
                    for number in (3, 4))
    assert np.array_equal(weights["dense1.weight"], again)
    assert not np.array_equal(weights["dense1.weight"], other)


def test_tensorflows_printed_network_is_another(images):
    """torch computes the same: average pooling, a sigmoid, the channels last when it is flattened."""
    import torch
    from torch.nn import functional

    ported = backend("tensorflow")
    net = ported.build_printed_lenet(5, ported.choose_device("cpu"))
    weights = [torch.from_numpy(weight) for weight in ported.read_weights(net).values()]
    inputs = images.testing[0][:20]
    features = functional.relu(functional.conv2d(torch.from_numpy(inputs[:, None]), *weights[0:2], padding=2))
    features = functional.relu(functional.conv2d(functional.avg_pool2d(features, 2), *weights[2:4]))
    features = functional.avg_pool2d(features, 2).permute(0, 2, 3, 1).flatten(1)
    features = functional.relu(functional.linear(features, *weights[4:6]))
    expected = functional.linear(torch.sigmoid(functional.linear(features, *weights[6:8])), *weights[8:10])
    np.testing.assert_allclose(net(inputs[..., None]).numpy(), expected.numpy(), rtol=1e-4, atol=1e-6)
