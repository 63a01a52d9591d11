"""Training: the same start, the same rates and the same losses in every framework."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.canonical import SHAPES
from frameworks.schedule import Constant, Cosine, Hold, lrs
from reproduce.start import BATCH, EPOCH, batches, first_weights, fixed_batches


def train(framework, images, schedule, epochs, **options):
    orders = (batches(0, epoch, len(images.training[0])) for epoch in range(epochs))
    ported = backend(framework)
    place = ported.chosen_device("cpu")
    net = ported.lenet(first_weights(0), place)
    return list(ported.train(net, schedule, images.training, images.testing, orders, place, **options))


schedule = Hold(updates=4, of=Cosine(base_lr=0.1, final_lr=0.01, updates=3))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_network_learns_with_the_specified_rates(framework, images):
    seen = []
    epochs = train(framework, images, schedule, 5, progress=lambda: seen.append(1))
    rates = np.concatenate([epoch.rates for epoch in epochs])
    assert rates.astype(np.float32).tolist() == lrs(schedule, 20).astype(np.float32).tolist()
    assert [epoch.sizes.tolist() for epoch in epochs] == [[256, 256, 256, 96]] * 5
    assert len(seen) == 20
    assert epochs[-1].train_correct > 4 * epochs[0].train_correct
    assert epochs[-1].train_loss < epochs[0].train_loss
    assert epochs[-1].test_correct > 90


def test_all_frameworks_train_the_same(images):
    """The losses of the first four updates: float32 keeps frameworks together that long (and no longer)."""
    losses = [train(framework, images, Constant(base_lr=0.05), 1)[0].losses for framework in FRAMEWORKS]
    np.testing.assert_allclose(losses[1:], losses[:1] * 2, rtol=1e-5)
    assert abs(losses[0][3] - losses[0][0]) > 1e-3  # they do change


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_another_rate_shows_in_the_losses(framework, images):
    """The counterpart of the test above: one percent more is seen at the third update."""
    one, other = (
        train(framework, images, Constant(base_lr=rate), 1)[0].losses for rate in (0.05, 0.0505))
    assert one[0] == other[0]
    assert abs(one[2] / other[2] - 1) > 1e-5


def test_first_weights_are_xavier_uniform():
    weights = first_weights(3)
    assert {name: weight.shape for name, weight in weights.items()} == SHAPES
    for name, bound in [("convolution1.weight", (6 / (25 + 150)) ** 0.5), ("convolution2.weight", (6 / 550) ** 0.5),
                        ("dense1.weight", (6 / 520) ** 0.5), ("dense3.weight", (6 / 94) ** 0.5)]:
        assert 0.9 * bound < np.abs(weights[name]).max() <= bound
    assert not weights["dense1.bias"].any()
    assert np.array_equal(weights["dense2.weight"], first_weights(3)["dense2.weight"])
    assert not np.array_equal(weights["dense2.weight"], first_weights(4)["dense2.weight"])


def test_batches_have_every_image_once_in_a_new_order_each_epoch():
    epochs = [batches(0, epoch, 60000) for epoch in range(2)]
    for epoch in epochs:
        assert [len(batch) for batch in epoch] == [BATCH] * (EPOCH - 1) + [96]
        assert np.array_equal(np.sort(np.concatenate(epoch)), np.arange(60000))
    assert not np.array_equal(epochs[0][0], epochs[1][0])
    assert not np.array_equal(epochs[0][0], batches(1, 0, 60000)[0])


def test_fixed_batches_are_always_the_same_in_another_order():
    """The book's TensorFlow tab makes its batches once; the short one may come anywhere."""
    epochs = [fixed_batches(0, epoch, 60000) for epoch in range(2)]
    for epoch in epochs:
        assert sorted(int(batch[0]) for batch in epoch) == list(range(0, 60000, BATCH))
        assert all((np.diff(batch) == 1).all() for batch in epoch)
    assert [batch[0] for batch in epochs[0]] != [batch[0] for batch in epochs[1]]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_come_back_as_they_went_in(dtype, framework):
    ported = backend(framework)
    weights = {name: weight.astype(dtype) for name, weight in first_weights(7).items()}
    back = ported.weights_of(ported.lenet(weights, ported.chosen_device("cpu")))
    assert list(back) == list(weights)
    assert all(back[name].dtype == dtype and np.array_equal(back[name], weights[name]) for name in weights)


def test_torchs_layout_changes_no_bit(images, monkeypatch):
    """Convolution and pooling in oneDNN's layout, and the ReLU after them, against the layers one after another."""
    import torch

    from frameworks.torch.lenet import LeNet

    fast = train("torch", images, schedule, 3)
    used = []
    monkeypatch.setattr(LeNet, "forward", lambda net, x: (used.append(1), torch.nn.Sequential.forward(net, x))[1])
    plain = train("torch", images, schedule, 3)
    assert used
    assert [epoch.losses.tolist() for epoch in fast] == [epoch.losses.tolist() for epoch in plain]
    assert [epoch.test_correct for epoch in fast] == [epoch.test_correct for epoch in plain]


def test_gluons_zero_filters_change_nothing(images):
    """Against Gluon's own layers one after another: to the rounding of float32, where another rate would show."""
    import mxnet as mx
    from mxnet.gluon import nn

    from frameworks.mxnet.training import train as run

    plain = nn.HybridSequential()
    plain.add(
        nn.Conv2D(6, kernel_size=5, padding=2, in_channels=1, activation="relu"), nn.MaxPool2D(pool_size=2, strides=2),
        nn.Conv2D(16, kernel_size=5, in_channels=6, activation="relu"), nn.MaxPool2D(pool_size=2, strides=2),
        nn.Dense(120, in_units=400, activation="relu"), nn.Dense(84, in_units=120, activation="relu"),
        nn.Dense(10, in_units=84))
    plain.initialize()
    for parameter, weight in zip(plain.collect_params().values(), first_weights(0).values(), strict=True):
        parameter.set_data(mx.nd.array(weight))
    constant = Constant(base_lr=0.05)
    order = [batches(0, 0, len(images.training[0]))]
    (one,) = run(plain, constant, images.training, images.testing, order, mx.cpu())
    (other,) = train("mxnet", images, constant, 1)
    np.testing.assert_allclose(other.losses, one.losses, rtol=1e-5)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_printed_networks_start_as_their_tabs_do(framework):
    """Torch within 1 / sqrt(fan_in), biases too; Gluon and Keras as described, from their own random numbers."""
    ported = backend(framework)
    place = ported.chosen_device("cpu")
    weights = ported.weights_of(ported.printed(3, place))
    assert {name: weight.shape for name, weight in weights.items()} == SHAPES
    bound = 1 / 400**0.5 if framework == "torch" else (6 / 520) ** 0.5
    assert 0.99 * bound < np.abs(weights["dense1.weight"]).max() <= bound
    assert weights["dense1.bias"].any() == (framework == "torch")
    again, other = (ported.weights_of(ported.printed(seed, place))["dense1.weight"] for seed in (3, 4))
    assert np.array_equal(weights["dense1.weight"], again)
    assert not np.array_equal(weights["dense1.weight"], other)


def test_tensorflows_printed_network_is_another():
    ported = backend("tensorflow")
    place = ported.chosen_device("cpu")
    printed, described = ported.printed(0, place), ported.lenet(first_weights(0), place)
    names = [[type(layer).__name__ for layer in net.layers] for net in (printed, described)]
    assert [name.replace("MaxPooling2D", "AveragePooling2D") for name in names[1] if name != "Permute"] == names[0]
    assert [layer.activation.__name__ for layer in printed.layers if hasattr(layer, "activation")] == [
        "relu", "relu", "relu", "sigmoid", "linear"]


def test_changing_the_rate_compiles_nothing_anew(images):
    """The rate changes at every update; TensorFlow traces its update once, Gluon builds its graph once."""
    import tensorflow as tf

    traced = []
    function = tf.function

    def counted(*arguments, **options):
        def wrap(body):
            def once(*inputs):
                traced.append(1)
                return body(*inputs)
            return function(*arguments, **options)(once)
        return wrap

    from frameworks.tensorflow import training

    tf.function = counted
    try:
        epochs = train("tensorflow", images, Cosine(base_lr=0.1, updates=8), 2)
    finally:
        tf.function = function
    assert len(set(epochs[0].rates) | set(epochs[1].rates)) == 8
    assert len(traced) == 1
    assert training.tf is tf
