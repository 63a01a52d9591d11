"""Checks SGD with noise: the same chains in each framework, samples of the posterior, and what is caught as wrong."""

from __future__ import annotations

import json
from argparse import Namespace
from importlib import import_module

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.chapter import BATCH
from frameworks.schedule import Constant, Scale
from frameworks.weights import draw_first_weights
from reproduce.exercises.sgld import calibration, chain, measured, mixture, posterior

CHAINS, SWEEPS = 8, 3


@pytest.fixture(scope="module")
def chains():
    return {name: measured.sample(name, posterior.SCHEDULE, 0, CHAINS, SWEEPS) for name in FRAMEWORKS}


@pytest.mark.parametrize("framework", FRAMEWORKS[1:])
def test_the_chains_are_the_same_to_rounding(framework, chains):
    """The counterpart is a rate that is one millionth larger."""
    assert chains["mxnet"].shape == (SWEEPS, 2, CHAINS)
    assert np.abs(chains[framework] - chains["mxnet"]).max() < 1e-13
    other = measured.sample("torch", Scale(by=1 + 1e-6, of=posterior.SCHEDULE), 0, CHAINS, SWEEPS)
    assert np.abs(other - chains["mxnet"]).max() > 1e-8


def test_the_updates_are_those_of_the_paper(chains):
    """Repeats the updates with the gradient written out, in NumPy."""
    means, points, update = posterior.draw_first(0, CHAINS), posterior.draw_points(0), 0
    for some, noises in posterior.draw_sweeps(0, points, CHAINS, SWEEPS):
        for x, noise in zip(some, noises):
            rate = np.float64(np.float32(posterior.SCHEDULE.lr(update)))
            first, second = (x - means[0]), (x - means[0] - means[1])
            share = 1 / (1 + np.exp(second**2 / 4 - first**2 / 4))  # of the second part of the mixture
            slope1 = -means[0] / 10 + 100 * ((1 - share) * first + share * second) / 2
            slope2 = -means[1] + 100 * share * second / 2
            means = means + rate / 2 * np.array([slope1, slope2]) + rate**0.5 * noise
            update += 1
    assert np.abs(means - chains["torch"][-1]).max() < 1e-10


def test_the_rates_fall_from_a_hundredth_to_a_ten_thousandth():
    assert posterior.SCHEDULE.lr(0) == 0.01
    assert posterior.SCHEDULE.lr(10**6) == pytest.approx(0.0001, rel=1e-9)


def test_the_posterior_on_the_grid():
    """Its two modes are near the means that drew the data, and near those that exchange the two parts."""
    shares = posterior.compute_posterior(posterior.draw_points(0))
    assert shares.sum() == pytest.approx(1)
    assert shares[[0, -1]].sum() + shares[:, [0, -1]].sum() < 1e-5
    assert shares[7:8, 13].sum() > 0.005
    assert shares[12, 6] > 0.005
    assert posterior.measure_distance(shares, shares) == pytest.approx(0, abs=1e-12)
    assert posterior.measure_distance(np.zeros_like(shares), shares) == pytest.approx(1)
    assert posterior.compute_below(shares) == pytest.approx(shares[:, :10].sum())
    assert 0.3 < posterior.compute_below(shares) < 0.7


def test_samples_follow_the_posterior_and_mistakes_do_not():
    """A large rate that stays, and updates without noise, are far from it."""
    def distance(schedule, noise=1.0):
        samples = measured.sample("tensorflow", schedule, 0, 32, 300, noise)[60:]
        return measured.measure(samples, np.ones(240), 0)

    right = distance(Constant(base_lr=0.0005))
    assert right["together"] < 0.1
    assert right["interval"][0] < right["mean"] < right["interval"][1]
    assert distance(Constant(base_lr=0.01))["together"] > 0.4
    assert distance(Constant(base_lr=0.0005), noise=0.0)["together"] > 0.4


def test_the_command_writes_a_record(tmp_path, capsys):
    out = tmp_path / "run"
    assert mixture.main(["--framework", "torch", "--dry-run", "--chains", "2", "--out", str(out)]) == 0
    record = json.loads((out / "record.json").read_text())
    assert (record["updates"], record["chains"], len(record["samples_sha256"])) == (100, 2, 64)
    assert np.load(out / "samples.npy").shape == (1, 2, 2)
    assert "distance from the posterior" in capsys.readouterr().out
    for dry_run, code in ((True, 0), (False, 2)):  # a dry run replaces a dry run, and no other run
        (out / "record.json").write_text(json.dumps(record | {"dry_run": dry_run}))
        assert mixture.main(["--framework", "torch", "--dry-run", "--chains", "2", "--out", str(out)]) == code
    assert capsys.readouterr().err == (f"{out}/record.json: there is a run already; move it away, or choose another "
                                       "folder with --out\n")
    assert json.loads((out / "record.json").read_text())["dry_run"] is False


@pytest.mark.parametrize(("arguments", "message"), [
    (["--chains", "0"], "argument --chains: must be a whole number from 1 to 10000, got '0'"),
    (["--chains", "2000"], "argument --chains: times --sweeps must be at most 10000000, got 20000000"),
])
def test_bad_arguments(arguments, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        mixture.main(["--framework", "torch", *arguments])
    assert (stopped.value.code, capsys.readouterr().err) == (2, f"mixture: {message}\n")


def test_a_stopped_run_states_that_nothing_was_saved(tmp_path, monkeypatch, capsys):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(measured, "sample", stop)
    assert mixture.main(["--framework", "torch", "--dry-run", "--out", str(tmp_path / "run")]) == 130
    assert (capsys.readouterr().err, list(tmp_path.iterdir())) == ("interrupted: nothing was saved\n", [])


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_lenets_update_is_gradient_and_noise(framework, images):
    """One update of all weights: their gradient is that of `compute_gradients`."""
    ported, weights, rate = backend(framework), draw_first_weights(0), 2e-4
    device, batch = ported.choose_device("cpu"), np.arange(BATCH)
    net = ported.build_lenet(weights, device)
    noises = [np.random.default_rng(1).standard_normal(weight.shape, np.float32) for weight in weights.values()]
    size = len(images.training[0])
    list(import_module(f"frameworks.{framework}.langevin").sample_lenet(
        net, Constant(base_lr=rate), images.training, [[(batch, noises)]], device))
    _, gradients = ported.compute_gradients(ported.build_lenet(weights, device), images.training[0][batch],
                                            images.training[1][batch], device)
    for (name, weight), noise in zip(weights.items(), noises):
        expected = weight - rate / 2 * (size * gradients[name] + weight) + rate**0.5 * noise
        np.testing.assert_allclose(ported.read_weights(net)[name], expected, rtol=1e-4, atol=2e-6)
        assert np.abs(weight - expected).max() > 0.001


def test_calibration_by_hand():
    """Two bins: .9 sure and half right, .6 sure and all right. The counterpart is exactly as sure as right."""
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    measure = calibration.measure_calibration
    assert measure(probabilities, np.array([0, 1, 1, 1])) == pytest.approx((0.4 + 0.4) / 2)
    assert measure(np.array([[0.75, 0.25]] * 4), np.array([0, 0, 0, 1])) == pytest.approx(0)
    assert calibration.measure_predictions(probabilities, np.array([0, 1, 1, 1]))["accuracy"] == 0.75


def test_samples_are_weighted_with_their_rates():
    """By hand: of .8 and .4, alike .6; with the rates 3 and 1, (3 * .8 + .4) / 4 = .7. Equal rates change nothing."""
    samples, labels = [np.array([[0.8, 0.2]]), np.array([[0.4, 0.6]])], np.array([0])
    measures = calibration.measure_samples(zip(samples, [3.0, 1.0]), 0, labels)
    assert list(measures) == list(calibration.PREDICTIONS)
    assert [round(float(np.exp(-measures[key]["loss"])), 12) for key in measures] == [0.4, 0.6, 0.7]
    assert [measures[key]["accuracy"] for key in measures] == [0, 1, 1]
    equal = calibration.measure_samples(zip(samples, [0.2, 0.2]), 0, labels)
    assert equal["weighted"] == pytest.approx(equal["average"])
    last = calibration.measure_samples(zip(samples, [3.0, 1.0]), 1, labels)
    assert last["weighted"] == last["average"] == last["last"] == measures["last"]


@pytest.mark.parametrize(("update", "samples"), [(47, 1), (48, 2), (94, 2)])
def test_a_sample_has_the_rate_of_its_last_update(update, samples, images, monkeypatch):
    """Samples are those of update 47, counted from 1, and of the last update if it is another."""
    monkeypatch.setattr(chain, "draw_batches", lambda seed, epoch, count: [np.arange(2)] * update)
    chosen = Namespace(framework="torch", device="cpu", seed=0)
    schedule, count, taken = chain.sample(chosen, images, 1)
    predicted, rates = zip(*taken)
    assert (*rates,) == (schedule.lr(46), schedule.lr(update - 1))[-samples:]
    assert [part.shape for part in predicted] == [(len(images.testing[0]), 10)] * samples
    assert count == samples


def test_lenets_rates():
    """The first is that of SGD at .1 on the mean loss, the last a tenth of it."""
    schedule = chain.build_schedule(60000, 7050)
    assert schedule.lr(0) * 60000 / 2 == pytest.approx(0.1)
    assert schedule.lr(7050) == pytest.approx(schedule.lr(0) / 10)


def test_the_records_are_of_one_sampling(root):
    """The full run and the shorter runs have the same options."""
    folder = root / "reproduce/exercises/sgld/results"
    records = {name: json.loads((folder / f"mixture-{name}.json").read_text()) for name in FRAMEWORKS}
    assert {name: record["sweeps"] for name, record in records.items()} == {
        "mxnet": 500, "torch": 500, "tensorflow": posterior.SWEEPS}
    for record in records.values():
        assert (record["seed"], record["chains"]) == (0, 32)
        assert record["schedule"] == posterior.SCHEDULE.model_dump()
