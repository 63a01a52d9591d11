"""Tests that unsupported schedulers are refused with the reason, and that no text is run."""

from __future__ import annotations

import sys

import pytest

from parity.port import PortError, read_text

REFUSED = {
    ("mxnet", "FactorScheduler(0)"): "FactorScheduler: step must be at least 1, got 0",
    ("mxnet", "FactorScheduler(3, 1.5)"): "FactorScheduler: Factor must be no more than 1 to make lr reduce, got 1.5",
    ("mxnet", "MultiFactorScheduler([30, 15])"): "MultiFactorScheduler: step must increase, got [30, 15]",
    ("mxnet", "MultiFactorScheduler([])"): "MultiFactorScheduler: step must be a list of numbers, got []",
    ("mxnet", "CosineScheduler(20, 0.1, warmup_steps=5, warmup_begin_lr=0.2)"):
        "CosineScheduler: Base lr has to be higher than warmup_begin_lr, got 0.1 and 0.2",
    ("mxnet", "CosineScheduler(5, warmup_steps=5)"):
        "CosineScheduler: warmup_steps and max_update are both 5: the class divides by 0 at its update 5",
    ("mxnet", "CosineScheduler(20.0)"): "CosineScheduler: max_update must be a whole number, got 20.0",
    ("mxnet", "CosineScheduler()"): "CosineScheduler: missing a required argument: 'max_update'",
    ("mxnet", "CosineScheduler(20, base=1)"): "CosineScheduler: got an unexpected keyword argument 'base'",
    ("mxnet", "CosinScheduler(20)"):
        "CosinScheduler is not a supported scheduler of mxnet; did you mean CosineScheduler?",
    ("mxnet", "CosineScheduler(20, warmup_mode='quadratic', warmup_steps=2)"):
        "CosineScheduler: warmup_mode must be one of linear, constant, got 'quadratic'",
    ("mxnet", "PolyScheduler(20, base_lr=-1)"): "PolyScheduler: base_lr must be at least 0, got -1",
    ("torch", "LambdaLR(optimizer, f)"):
        "LambdaLR cannot be ported: its rates are whatever its function returns",
    ("torch", "LinearLR(optimizer, 0)"):
        "LinearLR: start_factor must be above 0: torch refuses a warm-up from 0",
    ("torch", "MultiStepLR(optimizer, [15.5])"): "MultiStepLR: milestones must be a whole number, got 15.5",
    ("torch", "StepLR(optimizer, 3, gamma=-1)"):
        "StepLR: gamma must be positive, got -1 (the class accepts it, but no schedule expresses it)",
    ("torch", "StepLR(optimizer, 3, last_epoch=5)"):
        "StepLR: last_epoch must be -1: with another value the rates depend on the optimizer's current rate",
    ("torch", "OneCycleLR(optimizer, 0.1, 3)"):
        "OneCycleLR: its phases are -0.10000000000000009, 2.1 updates long: each must be above 0",
    ("torch", "OneCycleLR(optimizer, 0.1)"):
        "OneCycleLR: You must define either total_steps OR (epochs AND steps_per_epoch)",
    ("torch", "SequentialLR(optimizer, [warm, cosine], [5])"):
        "SequentialLR: schedulers must be a list of their constructors, written out",
    ("torch", "ChainedScheduler([StepLR(optimizer, 3), ChainedScheduler([CyclicLR(optimizer, 0.1, 0.5)])])"):
        "ChainedScheduler: CyclicLR sets the rate, so that what is chained before it has no effect",
    ("torch", "ChainedScheduler([ChainedScheduler([steps]), StepLR(optimizer, 3)])"):
        "ChainedScheduler: schedulers must be a list of their constructors, written out",
    ("torch", "ChainedScheduler([ExponentialLR(optimizer, 0.9), CosineAnnealingLR(optimizer, 9)])"):
        "ChainedScheduler: CosineAnnealingLR multiplies the rate only if eta_min is 0, and until T_max: the others "
        "must be over by then",
    ("torch", "ChainedScheduler([CosineAnnealingLR(optimizer, 20), CosineAnnealingLR(optimizer, 9)])"):
        "ChainedScheduler: CosineAnnealingLR multiplies the rate only if eta_min is 0, and until T_max: the others "
        "must be over by then",
    ("torch", "CyclicLR(optimizer, 0.1, 0.5, mode='exp_range', gamma=0)"):
        "CyclicLR: gamma must be positive, got 0 (the class accepts it, but no schedule expresses it)",
    ("torch", "CyclicLR(optimizer, 0.5, 0.1, mode='exp_range', gamma=0.9)"):
        "CyclicLR: max_lr must be at least base_lr for mode='exp_range', got 0.1 and 0.5: the specification adds to a "
        "rate and subtracts nothing",
    ("torch", "ReduceLROnPlateau(optimizer)"): "ReduceLROnPlateau cannot be ported: its rates depend on the training's "
                                              "metric, not on the update alone",
    ("tensorflow", "LearningRateSchedule()"):
        "LearningRateSchedule cannot be ported: it is the base class of the others and defines no rates",
    ("torch", "SequentialLR(optimizer, [SequentialLR(optimizer, [StepLR(optimizer, 3)], []), StepLR(optimizer, 3)], "
              "[9])"): "SequentialLR: nested SequentialLR is not supported: torch steps the inner one once too often "
                       "when it is built, and it cannot follow a milestone",
    ("torch", "SequentialLR(optimizer, [StepLR(optimizer, 3), ChainedScheduler([StepLR(optimizer, 3)])], [9])"):
        "SequentialLR: a ChainedScheduler cannot follow a milestone: torch raises NotImplementedError",
    ("torch", "SequentialLR(optimizer, [StepLR(optimizer, 3), OneCycleLR(optimizer, 0.3, 50)], [5])"):
        "SequentialLR: OneCycleLR overwrites the rate from which the others start",
    ("torch", "SequentialLR(optimizer, [CyclicLR(optimizer, 0.1, 0.3), StepLR(optimizer, 3)], [5])"):
        "SequentialLR: CyclicLR overwrites the rate from which the others start",
    ("torch", "SequentialLR(optimizer, [ChainedScheduler([LinearLR(optimizer), ChainedScheduler([ExponentialLR("
              "optimizer, 0.9)])]), StepLR(optimizer, 3)], [5])"):
        "SequentialLR: ExponentialLR in a ChainedScheduler that comes first multiplies once more, before the first "
        "update",
    ("torch", "CyclicLR(optimizer, 0.1, 0.5, last_epoch=5)"): "CyclicLR: last_epoch must be -1",
    ("torch", "SequentialLR(optimizer, [StepLR(optimizer, 3), ConstantLR(optimizer, 0.5, 0)], [5])"):
        "SequentialLR: a ConstantLR with total_iters=0 multiplies only if it is the first",
    ("torch", "ChainedScheduler([ConstantLR(optimizer), CosineAnnealingWarmRestarts(optimizer, 9)])"):
        "ChainedScheduler: CosineAnnealingWarmRestarts sets the rate, so that what is chained before it has no effect",
    ("torch", "ChainedScheduler([ConstantLR(optimizer, 0.5, 4), CosineAnnealingLR(optimizer, 9, 0.01)])"):
        "ChainedScheduler: CosineAnnealingLR multiplies the rate only if eta_min is 0, and until T_max: the others "
        "must be over by then",
    ("torch", "ChainedScheduler([ConstantLR(optimizer, 0.5, 10), CosineAnnealingLR(optimizer, 9)])"):
        "ChainedScheduler: CosineAnnealingLR multiplies the rate only if eta_min is 0, and until T_max: the others "
        "must be over by then",
    ("tensorflow", "ExponentialDecay(1, 10, 0.5)"):
        "ExponentialDecay: initial_learning_rate must be a float, got 1: Keras computes in whole numbers with it; "
        "write 1.0",
    ("tensorflow", "PiecewiseConstantDecay([10], [1, 0.5])"):
        "PiecewiseConstantDecay: values must all be floats, got [1, 0.5]: Keras raises TypeError for whole numbers "
        "among them",
    ("tensorflow", "PiecewiseConstantDecay([10], [1.0])"):
        "PiecewiseConstantDecay: The length of boundaries should be 1 less than the length of values, got 1 and 1",
    ("tensorflow", "CosineDecayRestarts(0.1, 10, t_mul=1.5)"):
        "CosineDecayRestarts: t_mul must be a whole number of at least 1, got 1.5: the specification counts whole "
        "updates",
    ("gluoncv", "LRScheduler('cosine', 0.1, niters=1)"):
        "LRScheduler: niters must not be 1 for mode 'cosine': it divides by niters - 1 and raises ZeroDivisionError",
    ("torch", "StepLR(optimizer, 3, gamma=args.gamma)"):
        "StepLR needs the value of args.gamma: give each with --set, such as --set args.gamma=VALUE",
    ("torch", "StepLR(optimizer, 5 * len(loader))"):
        "StepLR needs the value of len(loader): give each with --set, such as --set 'len(loader)=VALUE'",
    ("torch", "StepLR(optimizer, len(train.loader))"):
        "StepLR needs the value of len(train.loader): give each with --set, such as --set 'len(train.loader)=VALUE'",
    ("torch", "MultiStepLR(optimizer, steps.of(3))"):
        "MultiStepLR needs the value of steps.of(3): give each with --set, such as --set 'steps.of(3)=VALUE'",
    ("tensorflow", "PiecewiseConstantDecay([e.one, 3], [0.1, 0.2, 0.3])"):
        "PiecewiseConstantDecay needs the value of e.one: give each with --set, such as --set e.one=VALUE",
}


@pytest.mark.parametrize(("source", "text"), REFUSED)
def test_what_cannot_be_ported_is_refused_with_the_reason(source, text):
    """Each unsupported constructor is refused with its message."""
    with pytest.raises(PortError) as caught:
        read_text(text, source, lr=0.1 if source == "torch" else None)
    assert str(caught.value) == REFUSED[source, text]


@pytest.mark.parametrize(("optimizer", "message"), [
    ("AdaDelta()", "AdaDelta takes no learning rate: its scheduler has no effect"),
    ("LBSGD()", "LBSGD gives its first parameter another rate than the others: it cannot be ported"),
    ("Adamw()", "Adamw is not a supported optimizer of MXNet 1.9.1; supported: adagrad, adam, ")])
def test_optimizers_that_break_a_schedule_are_refused(optimizer, message):
    """Optimizers with which no schedule can be ported are refused."""
    with pytest.raises(PortError) as caught:
        read_text("FactorScheduler(3)", "mxnet", optimizer=optimizer)
    assert message in str(caught.value)


HOSTILE = {
    "__import__('os').system('touch /tmp/executed')": "must be the name of a class, got",
    "().__class__.__base__.__subclasses__()": "must be the name of a class, got",
    "CosineScheduler(__import__('os').getpid())": "must be the name of a class, got",
    "CosineScheduler(__builtins__)": "CosineScheduler needs the value of __builtins__: give each with --set",
    "__class__(3)": "must be the name of a class, got '__class__'",
    "f'{open(1)}'": "must be written out as numbers, text, lists and calls, got",
    "CosineScheduler(f'{1}')": "must be written out as numbers, text, lists and calls, got",
    "CosineScheduler([n for n in range(10**9)])": "a list of more than 100,000 items",
    "CosineScheduler((lambda: 20)())": "must be the name of a class, got",
    "CosineScheduler(x := 20)": "must be written out as numbers, text, lists and calls, got",
    "CosineScheduler([(lambda: n)() for n in range(9)])": "must be the name of a class, got",
    "CosineScheduler(9**9**9)": "a number beyond 2^63",
    "CosineScheduler(*steps)": "arguments must be written out, got *steps",
    "CosineScheduler(**options)": "arguments must be written out, got **options",
    "CosineScheduler([0] * 10**6)": "a list of more than 100,000 items",
    "CosineScheduler([[n] * 1000 for n in range(100000)])": "a list of more than 100,000 items",
    "CosineScheduler([[0] * 90000] * 90000)": "a list of more than 100,000 items",
    "CosineScheduler([[0] * 90000 for n in range(90000)])": "a list of more than 100,000 items",
    "CosineScheduler([n for n in range(90000) for m in range(2)])": "must be written out as numbers, text, lists",
    "CosineScheduler([sum([n, n, n]) for n in range(90000)])": "more than 200,000 steps of arithmetic",
    "CosineScheduler(20, base_lr=1e999)": "a number beyond 2^63",
    "CosineScheduler(" + "9" * 5000 + ")": "not a call: ",
    "CosineScheduler(20 // 0)": "in '20 // 0'",
    "CosineScheduler(20); import os": "must be one call such as CosineScheduler(20), got 2 statements",
    "CosineScheduler(20)\nimport os": "not a call: multiple statements found",
    "import os": "must be a call such as CosineScheduler(20), got 'import os'",
    "20": "must be a call such as CosineScheduler(20), got '20'",
    "": "the text is empty",
    "\0": "not a call: ",
    "CosineScheduler(20, '\udcff')": "must be text in UTF-8, got \"CosineScheduler(20, '\\udcff')\"",
    "CosineScheduler(" * 50 + ")" * 50: "nested more than 20 deep",
    "(" * 5000: "not a call: too many nested parentheses",
    "-" * 9000 + "1": "not a call: nested too deeply",
    "(" * 1_000_000: "a constructor has at most 20000 characters, got 1000000",
}


#: The audit events of the interpreter, recorded while `now` is a list.
_EVENTS: dict[str, list] = {"now": None}
sys.addaudithook(lambda event, _, seen=_EVENTS: None if seen["now"] is None else seen["now"].append(event))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:30])
def test_hostile_text_is_refused_and_not_run(text):
    """Hostile text is refused in one line, and the interpreter runs nothing of it."""
    _EVENTS["now"] = []
    try:
        with pytest.raises(PortError) as caught:
            read_text(text, "mxnet")
    finally:
        events, _EVENTS["now"] = _EVENTS["now"], None
    assert HOSTILE[text] in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not [event for event in events if event.split(".")[0] in ("exec", "import", "open", "os", "subprocess")]


def test_what_is_run_would_be_seen():
    """The audit hook records code that is run."""
    _EVENTS["now"] = []
    try:
        eval("__import__('os').getpid()")
    finally:
        events, _EVENTS["now"] = _EVENTS["now"], None
    assert "exec" in events
