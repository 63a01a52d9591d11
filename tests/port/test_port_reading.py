"""Tests that a constructor is read as the rates that its class makes an optimizer apply."""

from __future__ import annotations

import inspect
from importlib import import_module

import numpy as np
import pytest

from frameworks import backend
from frameworks.schedule import Shift, lrs
from parity.port import SOURCES, read_text

MXNET = [
    "FactorScheduler(7, 0.5, base_lr=0.3)", "FactorScheduler(1, 0.9, 0.05, 0.3)", "FactorScheduler(3)",
    "FactorScheduler(5, 0.5, stop_factor_lr=0.4, base_lr=0.3)",
    "FactorScheduler(3, .5, base_lr=1.0, warmup_steps=8)",
    "FactorScheduler(3, .5, base_lr=1.0, warmup_steps=1)", "FactorScheduler(3, .5, base_lr=1.0, warmup_steps=2)",
    "FactorScheduler(4, .5, base_lr=1.0, warmup_steps=4, warmup_begin_lr=0.2, warmup_mode='constant')",
    "MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)", "MultiFactorScheduler(step=[1], factor=0.1)",
    "MultiFactorScheduler([2, 5, 9], 0.5, 0.5, 5, 0.1)",
    "PolyScheduler(30, base_lr=0.5, pwr=2, final_lr=0.01)", "PolyScheduler(30, 0.5, 1)", "PolyScheduler(1)",
    "PolyScheduler(30, 0.5, 0.9, warmup_steps=6)", "CosineScheduler(20, base_lr=0.3, final_lr=0.01)",
    "CosineScheduler(20, base_lr=0.3, final_lr=0.01, warmup_steps=5)", "CosineScheduler(5, 0.3, warmup_steps=9)",
    "CosineScheduler(20, 0.3, 0.01, 5, 0.1, 'constant')", "CosineScheduler(20, 0.3, warmup_steps=1)",
]
TORCH = [
    "StepLR(optimizer, 7)", "StepLR(optimizer, step_size=3, gamma=0.5)", "MultiStepLR(optimizer, [15, 30], 0.5)",
    "MultiStepLR(optimizer, milestones=[0, 3])", "MultiStepLR(optimizer, [9, 4])", "ConstantLR(optimizer)",
    "ConstantLR(optimizer, 0.5, 9)", "ConstantLR(optimizer, factor=1.0)", "LinearLR(optimizer)",
    "LinearLR(optimizer, 0.2, 0.9, 12)", "ExponentialLR(optimizer, 0.9)", "PolynomialLR(optimizer)",
    "PolynomialLR(optimizer, 30, 2.0)", "CosineAnnealingLR(optimizer, 10, 0.01)",
    "CosineAnnealingWarmRestarts(optimizer, 16)", "CosineAnnealingWarmRestarts(optimizer, 3, 2, 0.01)",
    "CyclicLR(optimizer, 0.1, 0.5, 7, 9, cycle_momentum=False)",
    "CyclicLR(optimizer, 0.1, 0.5, step_size_up=8, mode='triangular2', cycle_momentum=False)",
    "CyclicLR(optimizer, 0.5, 0.1, 3, 5, mode='triangular2', cycle_momentum=False)",
    "OneCycleLR(optimizer, 0.5, total_steps=50, cycle_momentum=False)",
    "OneCycleLR(optimizer, 0.5, epochs=5, steps_per_epoch=10, pct_start=0.2, anneal_strategy='linear', "
    "cycle_momentum=False)", "OneCycleLR(optimizer, 0.5, 50, pct_start=0.3, three_phase=True, cycle_momentum=False)",
    "SequentialLR(optimizer, [LinearLR(optimizer, 0.1, total_iters=5), StepLR(optimizer, 7)], [5])",
    "SequentialLR(optimizer, schedulers=[ConstantLR(optimizer), CosineAnnealingLR(optimizer, 10)], milestones=[4])",
    "ChainedScheduler([ConstantLR(optimizer, 0.1, 20), ExponentialLR(optimizer, 0.9)])",
    "ChainedScheduler([StepLR(optimizer, 6), ConstantLR(optimizer, 0.5, 4)], optimizer=optimizer)",
    "ChainedScheduler([LinearLR(optimizer, 0.1, total_iters=9), ExponentialLR(optimizer, 0.9)])",
    "ChainedScheduler([LinearLR(optimizer, total_iters=9), CosineAnnealingLR(optimizer, 12)])",
    "ChainedScheduler([ConstantLR(optimizer, 0.5, 4), ChainedScheduler([StepLR(optimizer, 3), MultiStepLR(optimizer, "
    "[0, 7])]), PolynomialLR(optimizer, 40)])",
    "CyclicLR(optimizer, 0.1, 0.5, 7, 9, mode='exp_range', gamma=0.9, cycle_momentum=False)",
    "CyclicLR(optimizer, 0, 0.5, 7, mode='exp_range', gamma=0.99, cycle_momentum=False)",
]
KERAS = [
    "ExponentialDecay(0.3, 7, 0.5, staircase=True)", "ExponentialDecay(0.3, 1, 0.9)", "ExponentialDecay(0.3, 20, 0.5)",
    "PiecewiseConstantDecay([15, 30], [0.5, 0.25, 0.125])", "PiecewiseConstantDecay([0, 3], [0.5, 0.7, 0.1])",
    "PolynomialDecay(0.5, 30)", "PolynomialDecay(0.5, 8, 0.01, cycle=True)",
    "PolynomialDecay(0.5, 30, 0.01, power=2.0)", "CosineDecay(0.3, 20, alpha=0.1)",
    "CosineDecay(0.0, 15, alpha=0.1, warmup_target=0.3, warmup_steps=5)", "CosineDecay(0.3, 20, warmup_steps=5)",
    "InverseTimeDecay(0.3, 10, 0.5)", "InverseTimeDecay(0.3, 7, 0.5, staircase=True)", "InverseTimeDecay(0.3, 7, 0.0)",
    "CosineDecayRestarts(0.3, 16, t_mul=1.0, alpha=0.1)", "CosineDecayRestarts(0.3, 7)",
    "CosineDecayRestarts(0.3, 16, t_mul=1.0, m_mul=0.5, alpha=0.1)", "CosineDecayRestarts(0.3, 3, 3.0, 0.8, 0.1)",
    "CosineDecayRestarts(0.3, 5, m_mul=0.0, alpha=0.1)", "CosineDecayRestarts(0.3, 8, t_mul=1.0, m_mul=1.5)",
]
#: The largest difference in ULP: torch multiplies step by step, Keras computes in float32, and its cosine near 0 loses
#: most of its digits. One update early or late is a difference of millions.
ULP = {"mxnet": 0, "torch": 8, "tensorflow": 400}
CONSTRUCTORS = [(source, text) for source, texts in (("mxnet", MXNET), ("torch", TORCH), ("tensorflow", KERAS))
                for text in texts]
MODULES = {"mxnet": "mxnet.lr_scheduler", "torch": "torch.optim.lr_scheduler",
           "tensorflow": "keras.optimizers.schedules"}


def native(source, text, updates):
    """Return the rates that the class makes plain SGD apply."""
    implementation = backend(source)
    names = vars(import_module(MODULES[source]))

    def build(schedule, optimizer=None):
        if optimizer is not None:
            optimizer.param_groups[0]["lr"] = 0.3
        return eval(text, dict(names), {"optimizer": optimizer})

    return implementation.observe(None, updates, build=build).applied[:, 0]


def ulps(applied, specified):
    """Return the differences of two float32 arrays in ULP."""
    return np.abs(applied.view(np.uint32).astype(np.int64) - specified.view(np.uint32).astype(np.int64))


@pytest.mark.parametrize(("source", "text"), CONSTRUCTORS)
def test_what_is_read_is_what_is_applied(source, text):
    """The read schedule equals the applied rates within ULP, and a shift by 1 does not."""
    updates = 50 if "OneCycle" in text else 60
    schedule = read_text(text, source, lr=0.3 if source == "torch" else None).schedule
    applied = native(source, text, updates)
    off = ulps(applied, lrs(schedule, updates).astype(np.float32))
    if source == "tensorflow":
        off = off[np.abs(applied - lrs(schedule, updates)) > 1e-8]  # float32 rounds a cosine near 0
    assert off.max(initial=0) <= ULP[source]
    if len(set(applied.tolist())) > 1:
        assert ulps(applied, lrs(Shift(by=1, of=schedule), updates).astype(np.float32)).max() > 1000


@pytest.mark.parametrize(("source", "name"), [(source, name) for source in MODULES for name in SOURCES[source].READERS])
def test_signatures_are_those_of_the_classes(source, name):
    """Each reader has the signature and the defaults of its class."""
    backend(source)
    module = "torch.optim.swa_utils" if name == "SWALR" else MODULES[source]
    expected = list(inspect.signature(getattr(import_module(module), name)).parameters.values())
    read = list(inspect.signature(SOURCES[source].READERS[name]).parameters.values())[1:]
    assert [parameter.name for parameter in read] == [parameter.name for parameter in expected]
    for parameter, original in zip(read, expected):
        assert parameter.default == original.default or original.name == "name"


@pytest.mark.parametrize("source", MODULES)
def test_every_class_is_read_or_refused_by_name(source):
    """Each scheduler class of a framework has a reader or a reason for refusal."""
    backend(source)
    classes = {name for name, value in vars(import_module(MODULES[source])).items()
               if inspect.isclass(value) and not name.startswith("_") and name.endswith(("LR", "Scheduler", "Decay",
               "Restarts", "Plateau", "Schedule"))}
    assert classes <= {*SOURCES[source].READERS, *SOURCES[source].REFUSED}


def read_schedule(text, source="mxnet", **options):
    """Return the schedule that is read."""
    return read_text(text, source, **options).schedule


def test_gluoncv_is_read_by_its_formulas():
    """Computed by hand: with a Trainer, linear 1 -> 0 over 5 iterations applies .75 .5 .25 0 0."""
    line = read_schedule("LRScheduler('linear', base_lr=1, target_lr=0, niters=5)", "gluoncv")
    assert lrs(line, 5).tolist() == [0.75, 0.5, 0.25, 0, 0]
    steps = read_schedule("LRScheduler('step', base_lr=1.0, niters=20, step_iter=[4, 8], step_factor=0.5)", "gluoncv")
    assert [steps.lr(t) for t in (2, 3, 6, 7)] == [1.0, 0.5, 0.5, 0.25]
    both = read_schedule("LRSequential([LRScheduler('linear', base_lr=0, target_lr=1, niters=5), "
                         "LRScheduler('constant', base_lr=2.0, niters=5)])", "gluoncv")
    assert lrs(both, 6).tolist() == [0.25, 0.5, 0.75, 1.0, 2.0, 2.0]
    epochs = read_schedule("LRScheduler('poly', base_lr=1, nepochs=2, iters_per_epoch=3, power=1, offset=2)", "gluoncv")
    assert lrs(epochs, 4).tolist() == [1.0, 1.0, 0.8, 0.6]


@pytest.mark.parametrize(("optimizer", "rates"), [
    ("SGD()", [0.5, 0.25]), ("sgd(learning_rate=0.5)", [0.5, 0.25]), ("SGD(learning_rate=0.1)", [0.1, 0.05]),
    ("Adam()", [0.001, 0.0005]), ("mx.optimizer.Adam(learning_rate=0.25)", [0.25, 0.125])])
def test_what_an_optimizer_overwrites_is_read(optimizer, rates):
    """The rate that an MXNet optimizer writes into a scheduler is read."""
    schedule = read_schedule("FactorScheduler(3, 0.5, base_lr=0.5)", optimizer=optimizer)
    assert [schedule.lr(t) for t in (2, 3)] == rates
    name, *rest = optimizer.replace("mx.optimizer.", "").rstrip(")").split("(")
    import mxnet as mx

    scheduler = mx.lr_scheduler.FactorScheduler(3, 0.5, base_lr=0.5)
    given = {"learning_rate": float(rest[0].split("=")[1])} if rest[0] else {}
    mx.optimizer.create(name.lower(), lr_scheduler=scheduler, **given)
    assert [scheduler(3), scheduler(4)] == rates


def test_poly_and_cosine_take_no_notice_of_the_optimizers_rate():
    """PolyScheduler and CosineScheduler ignore the optimizer's rate, and a trap reports it."""
    reading = read_text("CosineScheduler(20, 0.3)", "mxnet", optimizer="Adam()")
    assert reading.schedule == read_schedule("CosineScheduler(20, 0.3)")
    assert "ignores it and continues from 0.3" in reading.traps[0]
