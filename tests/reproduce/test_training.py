"""Checks that training has the same start, rates and losses in every framework."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.chapter import BATCH, EPOCH
from frameworks.schedule import Constant, Cosine, Hold, lrs
from frameworks.weights import SHAPES, draw_first_weights
from reproduce.trainer.batches import draw_batches, draw_fixed_batches


def train(framework, images, schedule, epochs, **options):
    """Train the network and return its epochs."""
    orders = (draw_batches(0, epoch, len(images.training[0])) for epoch in range(epochs))
    ported = backend(framework)
    device = ported.choose_device("cpu")
    net = ported.build_lenet(draw_first_weights(0), device)
    return list(ported.train(net, schedule, images.training, images.testing, orders, device, **options))


schedule = Hold(updates=4, of=Cosine(base_lr=0.1, final_lr=0.01, updates=3))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_network_learns_with_the_specified_rates(framework, images):
    """`progress` gets the results of each update; rates and losses of the epochs are the same."""
    seen = []
    epochs = train(framework, images, schedule, 5, progress=lambda loss, rate, part: seen.append(
        (loss(), float(rate), part())))
    rates = np.concatenate([epoch.rates for epoch in epochs])
    assert rates.astype(np.float32).tolist() == lrs(schedule, 20).astype(np.float32).tolist()
    assert [epoch.sizes.tolist() for epoch in epochs] == [[256, 256, 256, 96]] * 5
    assert len(seen) == 20
    assert [loss for loss, _, _ in seen] == np.concatenate([epoch.losses for epoch in epochs]).tolist()
    assert [rate for _, rate, _ in seen] == rates.tolist()
    for update, (_, _, part) in enumerate(seen):
        whole = epochs[update // 4]
        assert part.losses.tolist() == whole.losses[:update % 4 + 1].tolist()
        assert part.sizes.tolist() == whole.sizes[:update % 4 + 1].tolist()
    assert [seen[update][2].train_correct for update in (3, 19)] == [epochs[0].train_correct, epochs[4].train_correct]
    assert epochs[-1].train_correct > 4 * epochs[0].train_correct
    assert epochs[-1].train_loss < epochs[0].train_loss
    assert epochs[-1].test_correct > 90


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_at_a_rate_of_0_an_epochs_results_are_those_of_its_network(framework, images):
    """Compares the results on all training images, in batches of 256 and of 96, and on the test images."""
    ported = backend(framework)
    device = ported.choose_device("cpu")
    net = ported.build_lenet(draw_first_weights(3), device)
    order = draw_batches(0, 0, len(images.training[0]))
    (epoch,) = ported.train(net, Constant(base_lr=0.0), images.training, images.testing, [order], device)
    trained, tested = (ported.evaluate(net, part, device) for part in (images.training, images.testing))
    assert epoch.train_loss == pytest.approx(trained.loss, rel=1e-6)
    assert abs(epoch.losses.mean() / trained.loss - 1) > 1e-5  # the batches' mean is another number
    assert (epoch.train_correct, epoch.test_correct) == (trained.correct, tested.correct)
    assert epoch.test_loss == tested.loss > 2


def test_all_frameworks_train_the_same(images):
    """The first four losses agree; later, the rounding of float32 separates the frameworks."""
    losses = [train(framework, images, Constant(base_lr=0.05), 1)[0].losses for framework in FRAMEWORKS]
    np.testing.assert_allclose(losses[1:], losses[:1] * 2, rtol=1e-5)
    assert abs(losses[0][3] - losses[0][0]) > 1e-3  # they do change


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_another_rate_shows_in_the_losses(framework, images):
    """The counterpart of the test above: a rate 1 % higher changes the third loss."""
    losses, changed = (
        train(framework, images, Constant(base_lr=rate), 1)[0].losses for rate in (0.05, 0.0505))
    assert losses[0] == changed[0]
    assert abs(losses[2] / changed[2] - 1) > 1e-5


def test_first_weights_are_xavier_uniform():
    """Weights are within the bounds of Xavier, biases are 0, and the seed decides."""
    weights = draw_first_weights(3)
    assert {name: weight.shape for name, weight in weights.items()} == SHAPES
    for name, bound in [("convolution1.weight", (6 / (25 + 150)) ** 0.5), ("convolution2.weight", (6 / 550) ** 0.5),
                        ("dense1.weight", (6 / 520) ** 0.5), ("dense3.weight", (6 / 94) ** 0.5)]:
        assert 0.9 * bound < np.abs(weights[name]).max() <= bound
    assert not weights["dense1.bias"].any()
    assert np.array_equal(weights["dense2.weight"], draw_first_weights(3)["dense2.weight"])
    assert not np.array_equal(weights["dense2.weight"], draw_first_weights(4)["dense2.weight"])


def test_batches_have_every_image_once_in_a_new_order_each_epoch():
    """Seed and epoch decide the order."""
    epochs = [draw_batches(0, epoch, 60000) for epoch in range(2)]
    for epoch in epochs:
        assert [len(batch) for batch in epoch] == [BATCH] * (EPOCH - 1) + [96]
        assert np.array_equal(np.sort(np.concatenate(epoch)), np.arange(60000))
    assert not np.array_equal(epochs[0][0], epochs[1][0])
    assert not np.array_equal(epochs[0][0], draw_batches(1, 0, 60000)[0])


def test_fixed_batches_are_always_the_same_in_another_order():
    """As in the book's TensorFlow tab, each epoch has the same batches; the short one may be anywhere."""
    epochs = [draw_fixed_batches(0, epoch, 60000) for epoch in range(2)]
    for epoch in epochs:
        assert sorted(int(batch[0]) for batch in epoch) == list(range(0, 60000, BATCH))
        assert all((np.diff(batch) == 1).all() for batch in epoch)
    assert [batch[0] for batch in epochs[0]] != [batch[0] for batch in epochs[1]]


def test_changing_the_rate_compiles_nothing_again(images):
    """The rate changes at every update; TensorFlow traces its update once."""
    import tensorflow as tf

    traced = []
    function = tf.function

    def count_traces(*arguments, **options):
        def wrap(body):
            def once(*inputs):
                traced.append(1)
                return body(*inputs)
            return function(*arguments, **options)(once)
        return wrap

    tf.function = count_traces
    try:
        epochs = train("tensorflow", images, Cosine(base_lr=0.1, updates=8), 2)
    finally:
        tf.function = function
    assert len(set(epochs[0].rates) | set(epochs[1].rates)) == 8
    assert len(traced) == 1
