"""Tests arguments that classes accept and few scripts use: what is read is what the class makes an optimizer apply."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks.schedule import lrs
from parity.port import PortError, read_text
from tests.harness.roundtrip.constructors import Constructor
from tests.harness.roundtrip.trips import check_class
from tests.port.test_port_gluoncv import compute_rates as gluoncv_applies

#: Constructors with the first rates that their classes apply, worked out by hand.
READ = {
    ("mxnet", "MultiFactorScheduler([3.5], 0.5, base_lr=1.0)"): [1, 1, 1, .5, .5],
    ("mxnet", "MultiFactorScheduler([3.2, 3.7], 0.5, base_lr=1.0)"): [1, 1, 1, .25],
    ("mxnet", "MultiFactorScheduler([2], 0.0, base_lr=1.0)"): [1, 1, 0],
    ("mxnet", "FactorScheduler(2.5, 0.5, base_lr=1.0)"): [1, 1, .5, .5, .5, .25, .25, .125],
    ("mxnet", "FactorScheduler(2.5, 0.5, 0.2, base_lr=1.0)"): [1, 1, .5, .5, .5, .25, .25, .2, .2],
    ("mxnet", "FactorScheduler(2.5, 1, base_lr=1.0)"): [1, 1, 1],
    ("mxnet", "FactorScheduler(3, 0.0, base_lr=1.0)"): [1, 1, 1, 1e-8, 1e-8],
    ("mxnet", "FactorScheduler(3, -1.0, base_lr=1.0)"): [1, 1, 1, 1e-8, 1e-8],
    ("mxnet", "PolyScheduler(5, 1.0, 0, 0.1)"): [1, 1, 1, 1, 1, 1, 1],
    ("mxnet", "PolyScheduler(6, 1.0, 0, 0.1, warmup_steps=2)"): [.5, 1, 1, 1, 1, 1, 1],
    ("torch", "LinearLR(optimizer, total_iters=0)"): [1 / 3, 1 / 3, 1 / 3],
    ("torch", "PolynomialLR(optimizer, total_iters=0)"): [1, 1, 1],
    ("torch", "PolynomialLR(optimizer, 4, power=0)"): [1, 1, 1, 1, 1, 1],
    ("torch", "SequentialLR(optimizer, [ConstantLR(optimizer), ExponentialLR(optimizer, 0.9)], [0])"): [1, .9, .81],
    ("torch", "SequentialLR(optimizer, [StepLR(optimizer, 2, 0.5), ConstantLR(optimizer), ExponentialLR(optimizer, "
     "0.5)], [3, 3])"): [1, 1, .5, 1, .5, .25],
    ("torch", "SequentialLR(optimizer, [StepLR(optimizer, 2), ExponentialLR(optimizer, 0.5)], [-3])"): [1, .5, .25],
    ("torch", "MultiStepLR(optimizer, [0, 0, 2, 2], 0.5)"): [.25, .25, .0625],
    ("torch", "CyclicLR(optimizer, [0.5], [1.0], 2, cycle_momentum=False)"): [.5, .75, 1, .75, .5],
    ("torch", "OneCycleLR(optimizer, [1.0], 11, pct_start=0.5, anneal_strategy='linear', cycle_momentum=False)"):
        [.04, None, None, None],
    ("torch", "StepLR(SGD([{'params': p, 'lr': 1.0}]), 2)"): [1, 1, .1],
    ("tensorflow", "PolynomialDecay(1.0, 5, 0.1, power=0.0)"): [1, 1, 1, 1, 1, 1, 1],
    ("tensorflow", "PolynomialDecay(1.0, 5, 0.1, power=0.0, cycle=True)"): [1, 1, 1, 1, 1, 1, 1],
    ("tensorflow", "CosineDecay(np.float64(1.0), 4)"): [1, None, .5, None, 0, 0],
    ("tensorflow", "ExponentialDecay(np.float32(0.5), 2, 0.5, True)"): [.5, .5, .25],
}


@pytest.mark.parametrize(("source", "text"), [*READ])
def test_rates_are_those_worked_out_by_hand(source, text):
    """The read schedule has the rates of the class."""
    schedule = read_text(text, source, lr=1.0 if source == "torch" else None).schedule
    for t, rate in enumerate(READ[source, text]):
        assert rate is None or schedule.lr(t) == pytest.approx(rate, rel=1e-12), t


@pytest.mark.parametrize(("source", "text"), [
    key for key in READ if "SGD(" not in key[1] and "0.0)" not in key[1] and "np." not in key[1]])
def test_the_class_applies_what_is_read(source, text):
    """An optimizer with the real class applies the read rates."""
    assert check_class(Constructor(source, text, lr=1.0 if source == "torch" else None)).rates >= 10


@pytest.mark.parametrize("optimizer", [
    "SGD(begin_num_update=25)", "sgd(learning_rate=0.2, begin_num_update=7)", "Adam(begin_num_update=3)",
    "Adam(0.3, begin_num_update=0)"])
@pytest.mark.parametrize("text", [
    "FactorScheduler(10, 0.5, base_lr=0.4)", "MultiFactorScheduler([5, 30], 0.5, 0.4, 8)",
    "CosineScheduler(40, 0.4, 0.1, warmup_steps=9)", "PolyScheduler(30, base_lr=0.4)",
    "FactorScheduler(4, 0.5, base_lr=0.4, warmup_steps=30)"])
def test_begin_num_update_is_applied(text, optimizer):
    """A scheduler of an optimizer with begin_num_update begins later; a real optimizer's scheduler agrees."""
    import mxnet as mx

    from parity.port.read.literal import parse_call

    call = parse_call(optimizer)
    scheduler = eval(text, vars(mx.lr_scheduler))
    names = dict(zip(["learning_rate"], call.arguments)) | call.keywords
    made = mx.optimizer.create(call.name.lower(), lr_scheduler=scheduler, **names)
    weight, gradient, rates = mx.nd.zeros(1), mx.nd.ones(1), []
    state = made.create_state(0, weight)
    for _ in range(40):
        made.update(0, weight, gradient, state)
        rates.append(made.lr_scheduler(made.num_update))
    read = read_text(text, "mxnet", optimizer=optimizer).schedule
    assert lrs(read, 40).tolist() == pytest.approx(rates, rel=1e-12)


#: GluonCV's constructors that were refused, or read with other rates.
GLUONCV = [
    "LRScheduler('step', base_lr=1.0, niters=20, step_iter=[0, 5], step_factor=0.5)",
    "LRScheduler('step', base_lr=1.0, niters=20, step_iter=[7, 2, 2, -1], step_factor=0.5)",
    "LRScheduler('step', base_lr=1.0, niters=20, step_iter=[2.5, 40], step_factor=0.5)",
    "LRScheduler('step', base_lr=1.0, niters=20, step_iter=[0, 5], step_factor=0.5, offset=4)",
    "LRScheduler('step', base_lr=0.1, niters=1, step_iter=[3])", "LRScheduler('step', base_lr=0.1, step_iter=[3])",
    "LRScheduler('step', base_lr=0.1, step_iter=[-1, -3])", "LRScheduler('step', base_lr=0.1, step_epoch=[3])",
    "LRScheduler('step', base_lr=0.1, niters=9, step_iter=[3], step_factor=2.0)",
    "LRScheduler('step', base_lr=0.1, niters=9, step_iter=[3], step_factor=0)",
    "LRScheduler('step', base_lr=0.1, niters=9, step_iter=[])",
    "LRScheduler('poly', base_lr=1.0, niters=10, nepochs=5)", "LRScheduler('poly', base_lr=1.0, niters=10, power=0)",
    "LRScheduler('cosine', base_lr=0.4, target_lr=0.1)", "LRScheduler('linear', 0.4)",
]


@pytest.mark.parametrize("text", GLUONCV)
def test_gluoncv_is_read_whatever_its_steps_are(text):
    """Each constructor has the rates of GluonCV's formulas."""
    assert lrs(read_text(text, "gluoncv").schedule, 60).tolist() == pytest.approx(
        gluoncv_applies(text).tolist(), rel=1e-12, abs=1e-15)


def sequence_applies(parts, updates=60):
    """Return the rates of GluonCV's LRSequential: the first segment whose end is after the update."""
    from tests.port.test_port_gluoncv import scheduler

    lengths = [part.get("niters", 0) for part in parts]
    ends = np.cumsum(lengths)
    rates = [scheduler(**part, offset=int(end - length)) for part, length, end in zip(parts, lengths, ends)]
    clipped = [min(t + 1, int(ends[-1]) - 1) for t in range(updates)]
    return [rates[int(np.argmax(ends > t))](t) for t in clipped]


@pytest.mark.parametrize("parts", [
    [("linear", 0, 0), ("cosine", 0.1, 40)], [("linear", 0, 5), ("step", 0.1, 0), ("cosine", 0.1, 40)],
    [("linear", 0, 1), ("cosine", 0.1, 40)], [("cosine", 0.1, 1), ("linear", 0.2, 7), ("poly", 0.1, 9)],
    [("linear", 0.2, 5), ("cosine", 0.1, 0)], [("linear", 0.2, 0), ("cosine", 0.1, 0)],
    [("linear", 0.2, 5), ("constant", 0.1, 1), ("cosine", 0.3, 9)]], ids=str)
def test_segments_without_iterations_are_never_applied(parts):
    """Empty segments have no effect; a first segment of one iteration is never applied."""
    given = [{"mode": mode, "base_lr": base, "niters": length} | ({"step_iter": [1]} if mode == "step" else {})
             for mode, base, length in parts]
    text = ", ".join(f"LRScheduler({', '.join(f'{key}={value!r}' for key, value in part.items())})" for part in given)
    read = read_text(f"LRSequential([{text}])", "gluoncv").schedule
    assert lrs(read, 60).tolist() == pytest.approx(sequence_applies(given), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("source", "text", "options", "message"), [
    ("mxnet", "FactorScheduler(3)", {"optimizer": "SGD(lr=0.1)"},
     "FactorScheduler: SGD has no argument lr: MXNet raises TypeError; did you mean learning_rate?"),
    ("mxnet", "FactorScheduler(3)", {"optimizer": "SGD(momentun=0.1)"},
     "FactorScheduler: SGD has no argument momentun: MXNet raises TypeError; did you mean momentum?"),
    ("mxnet", "FactorScheduler(3)", {"optimizer": "Adam(beta_1=0.1)"},
     "FactorScheduler: Adam has no argument beta_1: MXNet raises TypeError; did you mean beta1?"),
    ("mxnet", "FactorScheduler(3)", {"optimizer": "SGD(begin_num_update=-1)"},
     "FactorScheduler: begin_num_update must be at least 0, got -1"),
    ("torch", "StepLR(SGD(p, learning_rate=0.1), 3)", {},
     "StepLR: SGD has no argument learning_rate: torch raises TypeError; did you mean lr?"),
    ("torch", "StepLR(SGD([{'params': a, 'lr': 0.1}, {'params': b}], lr=0.2), 3)", {},
     "StepLR: SGD has parameter groups with the rates 0.1, 0.2: port each with --lr, or specify them together as "
     "frameworks/GROUPS.md shows"),
    ("torch", "OneCycleLR(optimizer, [0.1, 0.2], 20, cycle_momentum=False)", {"lr": 0.1},
     "OneCycleLR: max_lr must be the same for all parameter groups, got [0.1, 0.2]: port each group, or specify them "
     "together as frameworks/GROUPS.md shows"),
    ("torch", "SequentialLR(optimizer, [StepLR(optimizer, 3), LinearLR(optimizer, total_iters=0)], [4])", {"lr": 0.1},
     "SequentialLR: a LinearLR with total_iters=0 cannot follow a milestone: torch raises ZeroDivisionError there"),
    ("torch", "SequentialLR(optimizer, [StepLR(optimizer, 3), StepLR(optimizer, 3), StepLR(optimizer, 3)], [4, 2])",
     {"lr": 0.1}, "SequentialLR: milestones must increase, got [4, 2]"),
    ("gluoncv", "LRScheduler('cosine', 0.1, niters=1)", {},
     "LRScheduler: niters must not be 1 for mode 'cosine': it divides by niters - 1 and raises ZeroDivisionError"),
    ("gluoncv", "LRScheduler('step', 0.1, niters=9, step_iter=[3], step_factor=-1)", {},
     "LRScheduler: step_factor must be at least 0, got -1.0: the rates would be negative"),
    ("mxnet", "MultiFactorScheduler(np.array([3, 5]))", {},
     "MultiFactorScheduler: step must be a list of numbers, got [3, 5]"),
])
def test_refusals_are_true(source, text, options, message):
    """Each constructor that the class does not accept, or no schedule expresses, is refused with the reason."""
    with pytest.raises(PortError) as caught:
        read_text(text, source, **options)
    assert str(caught.value) == message
