"""Tests reduce on plateau: three implementations of one rule, and the libraries' built-in classes."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frameworks import FRAMEWORKS, backend
from frameworks.schedule import Constant, ReduceOnPlateau
from parity.cases.plateau import CASES

NUMBERS = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, 1.0 + 1e-9, -1.0, math.nan, math.inf, -math.inf]),
                    st.floats(-2, 2, allow_subnormal=False, width=32))
#: Few different numbers, often repeated, so that metrics often are equal to the best one.
METRICS = st.lists(NUMBERS, min_size=1, max_size=4).flatmap(lambda some: st.lists(st.sampled_from(some), max_size=14))
PLATEAUS = st.builds(
    lambda base_lr, floor, **fields: ReduceOnPlateau(base_lr=base_lr, min_lr=base_lr * floor, **fields),
    base_lr=st.floats(1e-3, 10), floor=st.sampled_from([0.0, 1e-3, 0.3, 1.0]),
    factor=st.one_of(st.sampled_from([0.1, 0.5]), st.floats(0.01, 0.999)), patience=st.integers(0, 3),
    rule=st.sampled_from(["exceeds", "reaches"]), direction=st.sampled_from(["min", "max"]),
    threshold_mode=st.sampled_from(["relative", "absolute"]), cooldown=st.integers(0, 3),
    in_cooldown=st.sampled_from(["watch", "watch", "ignore"]),
    threshold=st.sampled_from([0.0, 1e-4, 0.25, 0.5, 0.1]), least_change=st.sampled_from([0.0, 1e-8, 1e-2]),
    precision=st.sampled_from(["float64", "float32"]))


def compute_rates(plateau, metrics):
    return np.float32([plateau.lr([]), *plateau.lrs(metrics)]).tolist()


def measure_rates(framework, plateau, metrics, **how):
    rates = backend(framework).observe_plateau(plateau, metrics, **how).applied
    assert (rates == rates[:, :1]).all()
    return rates[:, 0].tolist()


@given(plateau=PLATEAUS, metrics=METRICS, stop=st.integers(0, 14))
@settings(max_examples=40, deadline=None)
def test_the_three_ports_apply_what_is_specified(plateau, metrics, stop):
    rates = {framework: measure_rates(framework, plateau, metrics, resume_at={stop}) for framework in FRAMEWORKS}
    assert rates == dict.fromkeys(FRAMEWORKS, compute_rates(plateau, metrics))


@given(plateau=PLATEAUS, metrics=METRICS)
@settings(max_examples=300, deadline=None)
def test_the_rates_of_a_history_are_those_of_its_beginnings(plateau, metrics):
    assert plateau.lrs(metrics).tolist() == [plateau.lr(metrics[:seen]) for seen in range(1, len(metrics) + 1)]


@given(plateau=PLATEAUS, metrics=METRICS)
@settings(max_examples=300, deadline=None)
def test_keras_patience_and_cooldown_are_torchs_and_one_more(plateau, metrics):
    metrics = [metric for metric in metrics if math.isfinite(metric)]  # they differ for a first NaN
    counted = plateau.model_copy(update={"rule": "exceeds"})
    more = {"rule": "reaches", "patience": plateau.patience + 1, "cooldown": plateau.cooldown and plateau.cooldown + 1}
    assert counted.model_copy(update=more).lrs(metrics).tolist() == counted.lrs(metrics).tolist()


def test_a_reduction_of_least_change_or_less_is_not_made():
    plateau = ReduceOnPlateau(base_lr=0.5, factor=0.5, patience=0, least_change=0.125)
    assert plateau.lrs([1.0] * 4).tolist() == [0.5, 0.25, 0.25, 0.25]


@pytest.mark.parametrize(("fields", "metrics"), [
    ({"direction": "min"}, [8.0, 6.0, 5.9375, 4.5]), ({"direction": "max"}, [8.0, 10.0, 10.0625, 12.5]),
    ({"direction": "min", "threshold_mode": "absolute"}, [8.0, 7.75, 7.6875, 7.5]),
    ({"direction": "max", "threshold_mode": "absolute"}, [8.0, 8.25, 8.3125, 8.5])])
def test_a_metric_at_the_threshold_is_no_better(fields, metrics):
    """The first metric is the best; the second is at the threshold; the third is better; the fourth is not."""
    plateau = ReduceOnPlateau(base_lr=0.5, factor=0.5, patience=0, threshold=0.25, **fields)
    assert plateau.lrs(metrics).tolist() == [0.5, 0.25, 0.25, 0.125]


def test_reaches_counts_patience_and_cooldown_one_shorter():
    plateau = ReduceOnPlateau(base_lr=0.5, factor=0.5, rule="reaches", patience=2, cooldown=2)
    assert plateau.lrs([1.0] * 8).tolist() == [0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("stop", [1, 12, 13, 14, 21, 29])
def test_resumed_in_the_middle(framework, stop):
    for name in ("accuracy_torch", "accuracy_keras"):
        plateau, metrics = CASES[name].plateau, CASES[name].metrics
        assert measure_rates(framework, plateau, metrics, resume_at={stop}) == compute_rates(plateau, metrics)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_rate_stays_between_metrics(framework):
    case = CASES["cooldown_exceeds"]
    found = measure_rates(framework, case.plateau, case.metrics, updates=3)
    assert found == np.repeat(np.float32(compute_rates(case.plateau, case.metrics)), 3).tolist()


def torchs(plateau, metrics, **more):
    """Return the rates that torch's class sets, read from its optimizer."""
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=plateau.base_lr)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=plateau.factor, patience=plateau.patience, mode=plateau.direction,
        threshold=plateau.threshold, threshold_mode=plateau.threshold_mode[:3], cooldown=plateau.cooldown,
        min_lr=plateau.min_lr, eps=plateau.least_change)
    found = []
    for metric in metrics:
        scheduler.step(metric)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def kerases(plateau, metrics):
    """Return the rates that Keras' callback sets, read from the optimizer of its model."""
    import keras

    callback = keras.callbacks.ReduceLROnPlateau(
        "loss", factor=plateau.factor, patience=plateau.patience, mode=plateau.direction, cooldown=plateau.cooldown,
        min_delta=plateau.threshold, min_lr=plateau.min_lr)
    optimizer = keras.optimizers.SGD(plateau.base_lr)
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    found = []
    for epoch, metric in enumerate(metrics):
        callback.on_epoch_end(epoch, {"loss": metric})
        found.append(float(optimizer.learning_rate))
    return found


@given(plateau=PLATEAUS, metrics=METRICS)
@settings(max_examples=200, deadline=None)
def test_torchs_built_in_class_is_exceeds_in_float64(plateau, metrics):
    plateau = plateau.model_copy(update={"rule": "exceeds", "precision": "float64", "in_cooldown": "watch"})
    assert torchs(plateau, metrics) == plateau.lrs(metrics).tolist()


@given(plateau=PLATEAUS, metrics=METRICS)
@settings(max_examples=200, deadline=None)
def test_keras_own_callback_is_reaches_in_float32(plateau, metrics):
    own = {"rule": "reaches", "precision": "float32", "threshold_mode": "absolute", "least_change": 0.0,
           "in_cooldown": "watch"}
    plateau = plateau.model_copy(update=own)
    assert kerases(plateau, metrics) == plateau.lrs(metrics).tolist()


TORCHS = [name for name, case in CASES.items() if (case.plateau.rule, case.plateau.in_cooldown) == ("exceeds", "watch")]
KERASES = [name for name, case in CASES.items()
           if case.plateau.rule == "reaches" and case.plateau.threshold_mode == "absolute"
           and case.plateau.in_cooldown == "watch"]


@pytest.mark.parametrize("name", TORCHS)
def test_torchs_built_in_class_over_the_cases(name):
    assert torchs(CASES[name].plateau, CASES[name].metrics) == CASES[name].plateau.lrs(CASES[name].metrics).tolist()


@pytest.mark.parametrize("name", KERASES)
def test_keras_own_callback_over_the_cases(name):
    assert kerases(CASES[name].plateau, CASES[name].metrics) == CASES[name].plateau.lrs(CASES[name].metrics).tolist()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_state_is_plain_and_has_all_its_parts(framework):
    case = CASES["cooldown_reaches"]
    states = []

    def build(plateau, owner):
        built = backend(framework).Plateau(plateau, owner, *(["loss"] if framework == "tensorflow" else []))
        states.append(built)
        return built

    backend(framework).observe_plateau(case.plateau, case.metrics[:3], build=build)
    (built,) = states
    state = built.state_dict()
    assert json.loads(json.dumps(state)) == state
    assert state == {"rate": float(np.float32(float(np.float32(0.1)) * 0.1)), "best": 1.0, "bad": 0, "cooldown":
                     1 if framework == "torch" else 2}  # torch also counts ignored metrics
    with pytest.raises(ValueError, match=r"^the state must have bad, best, cooldown, rate, got best$"):
        built.load_state_dict({"best": 1.0})


@pytest.mark.parametrize("metric", ["0.3", None, [1.0, 2.0]])
def test_a_metric_is_a_number(metric):
    with pytest.raises(TypeError, match=r"^metrics\[1\] must be a number, got "):
        CASES["floor"].plateau.lr([1.0, metric])


def test_what_takes_numbers_takes_those_of_libraries():
    plateau = CASES["floor"].plateau
    assert plateau.lrs([np.float32(1), np.array(1.0), 1, True]).tolist() == plateau.lrs([1.0] * 4).tolist()


def test_it_is_no_schedule():
    assert not isinstance(CASES["floor"].plateau, Constant.__mro__[1])
    with pytest.raises(TypeError, match="not a schedule"):
        backend("mxnet").build(CASES["floor"].plateau)
