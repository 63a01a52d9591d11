"""MXNet's schedulers, as a Gluon Trainer applies them: its first update asks for 1.

FactorScheduler and MultiFactorScheduler compare with `>`, so that asking for one more and dropping one later cancel:
what is applied is not shifted. PolyScheduler, CosineScheduler and every warm-up are: a shift by 1.
Source: mxnet 1.9.1, lr_scheduler.py and optimizer/optimizer.py.
"""

from __future__ import annotations

from typing import Any

from frameworks.schedule import (
    Constant,
    Cosine,
    Factor,
    MultiFactor,
    Polynomial,
    Schedule,
    Sequence,
    Shift,
    Warmup,
)
from parity.port.read.arguments import Context, number, one_of, whole, whole_list
from parity.port.read.literal import Call, PortError

REFUSED = {"LRScheduler": "it is the base of the others and has no rates of its own"}
#: The rate that an optimizer writes into its scheduler if it is given none: those whose first argument it is.
DEFAULT_RATES = {"adam": 0.001, "adamax": 0.002, "lamb": 0.001, "nadam": 0.001, "rmsprop": 0.001, "signum": 0.01}
#: Those that leave the scheduler alone if they are given none; ftrl keeps its rate for itself, whatever it is given.
SILENT = ("adagrad", "ccsgd", "dcasgd", "ftml", "ftrl", "groupadagrad", "lars", "nag", "sgd", "sgld")
_EARLY = ("Gluon's Trainer asks for 1 at its first update, so {name}(0) is never applied and every rate comes one "
          "update earlier than its formula says.")


def factor_scheduler(c: Context, step: Any, factor: Any = 1, stop_factor_lr: Any = 1e-08, base_lr: Any = 0.01,
                     warmup_steps: Any = 0, warmup_begin_lr: Any = 0, warmup_mode: Any = "linear") -> Schedule:
    """Drops at update step, 2 step, ...: `num_update > count + step` is first true for the update that step precede."""
    every = whole("step", step, 1, floats=True)
    factor = _factor(factor)
    peak = number("base_lr", base_lr)
    floor = number("stop_factor_lr", stop_factor_lr)
    base = _overwritten(c, peak, "FactorScheduler", listens=True)
    if floor > base:  # a factor of 1 does not keep it from rising
        c.traps.append(f"stop_factor_lr is above base_lr: the first drop, at update {every}, raises the rate to it.")
        after: Schedule = Sequence(parts=[Constant(base_lr=base), Constant(base_lr=floor)], boundaries=[every])
    else:
        after = Factor(base_lr=base, factor=factor, every=every, min_lr=min(floor, base))
        c.traps.append(f"FactorScheduler does not go below stop_factor_lr, {floor:g} here; torch's StepLR and Keras' "
                       "ExponentialDecay have no floor.")
    return _warmed(c, "FactorScheduler", after, peak, warmup_steps, warmup_begin_lr, warmup_mode)


def multi_factor_scheduler(c: Context, step: Any, factor: Any = 1, base_lr: Any = 0.01, warmup_steps: Any = 0,
                           warmup_begin_lr: Any = 0, warmup_mode: Any = "linear") -> Schedule:
    """Drops at each milestone: `num_update > step` is first true for the update that `step` others precede."""
    if isinstance(step, tuple):
        raise PortError(f"step must be a list, got {step!r}: the class asserts that it is one")
    milestones = whole_list("step", step, floats=True)
    peak = number("base_lr", base_lr)
    base = _overwritten(c, peak, "MultiFactorScheduler", listens=True)
    after = MultiFactor(base_lr=base, factor=_factor(factor), milestones=milestones)
    c.traps.append("MultiFactorScheduler only goes forward: one that was plotted, or asked for a later update, trains "
                   "on with its last rate.")
    return _warmed(c, "MultiFactorScheduler", after, peak, warmup_steps, warmup_begin_lr, warmup_mode)


def poly_scheduler(c: Context, max_update: Any, base_lr: Any = 0.01, pwr: Any = 2, final_lr: Any = 0,
                   warmup_steps: Any = 0, warmup_begin_lr: Any = 0, warmup_mode: Any = "linear") -> Schedule:
    """max_update is the end of everything, the warm-up included. Held afterwards (its docstring says 0)."""
    power = number("pwr", pwr)
    if power == 0:
        raise PortError("pwr must be above 0, got 0: the rate would stay at base_lr and drop at the end")

    def curve(base: float, updates: int) -> Schedule:
        return Polynomial(base_lr=base, final_lr=number("final_lr", final_lr), power=power, updates=updates)

    return _curved(c, "PolyScheduler", curve, max_update, base_lr, warmup_steps, warmup_begin_lr, warmup_mode)


def cosine_scheduler(c: Context, max_update: Any, base_lr: Any = 0.01, final_lr: Any = 0, warmup_steps: Any = 0,
                     warmup_begin_lr: Any = 0, warmup_mode: Any = "linear") -> Schedule:
    """max_update is the end of everything, the warm-up included. Held afterwards."""
    def curve(base: float, updates: int) -> Schedule:
        return Cosine(base_lr=base, final_lr=number("final_lr", final_lr), updates=updates)

    return _curved(c, "CosineScheduler", curve, max_update, base_lr, warmup_steps, warmup_begin_lr, warmup_mode)


def _curved(c: Context, name: str, curve: Any, max_update: Any, base_lr: Any, warmup_steps: Any, begin: Any,
            mode: Any) -> Schedule:
    end, base = whole("max_update", max_update, 1), number("base_lr", base_lr)
    steps, begin, mode = _warmup(base, warmup_steps, begin, mode)
    held = _overwritten(c, base, name, listens=steps > end)  # its curve, from base_lr, is then never asked for
    if steps == end:
        raise PortError(f"warmup_steps and max_update are both {end}: the class divides by 0 at its update {end}")
    c.traps.append(_EARLY.format(name=name))
    if steps:
        c.traps.append(f"max_update is the end of everything: after {steps} updates of warm-up, {max(end - steps, 0)} "
                       "are left to fall. torch's T_max and Keras' decay_steps are those alone.")
    after = curve(base, end - steps) if end > steps else Constant(base_lr=held)
    if not steps:
        return Shift(by=1, of=after)
    return Shift(by=1, of=Warmup(updates=steps, begin_lr=begin, peak_lr=base, mode=mode, then=after))


def _warmed(c: Context, name: str, after: Schedule, peak: float, steps: Any, begin: Any, mode: Any) -> Schedule:
    """A warm-up whose updates the schedule counts too. Asked for 1 first, it is over one update sooner."""
    steps, begin, mode = _warmup(peak, steps, begin, mode)
    if steps < 2:
        return after  # asked for 1 first, a warm-up of one update is never seen
    c.traps.append(f"{name} counts the updates of its warm-up: the drops that fall into it come together at its end, "
                   f"update {steps - 1}. Asked for 1 first, it warms up in {steps - 1} updates.")
    warm = Shift(by=1, of=Warmup(updates=steps, begin_lr=begin, peak_lr=peak, mode=mode, then=Constant(base_lr=peak)))
    return Sequence(parts=[warm, Shift(by=steps - 1, of=after)], boundaries=[steps - 1])


def _warmup(peak: float, steps: Any, begin: Any, mode: Any) -> tuple[int, float, str]:
    steps, begin = whole("warmup_steps", steps), number("warmup_begin_lr", begin)
    if begin > peak:
        raise PortError(f"Base lr has to be higher than warmup_begin_lr, got {peak:g} and {begin:g}")
    return steps, begin, one_of("warmup_mode", mode, ("linear", "constant"))


def _factor(value: Any) -> float:
    factor = number("factor", value, None)
    if factor > 1:
        raise PortError(f"Factor must be no more than 1 to make lr reduce, got {value!r}")
    if factor <= 0:
        raise PortError(f"factor must be above 0, got {value!r}")
    return factor


def _overwritten(c: Context, base_lr: float, name: str, *, listens: bool) -> float:
    """Return the base rate after an optimizer was made with the scheduler."""
    written = written_by(c.optimizer)
    if c.optimizer is None or written is None or written == base_lr:
        return base_lr
    if not listens:
        c.traps.append(f"{c.optimizer.name} writes its learning_rate, {written:g}, into the scheduler's base_lr; "
                       f"{name} takes no notice and goes on from {base_lr:g}.")
        return base_lr
    c.traps.append(f"{c.optimizer.name} writes its learning_rate, {written:g}, into the scheduler: it takes the place "
                   f"of base_lr, {base_lr:g}, but a warm-up still aims at that.")
    return written


def written_by(optimizer: Call | None) -> float | None:
    """Return the rate that an optimizer writes into its scheduler, None if it writes none. Raises PortError."""
    if optimizer is None:
        return None
    name = optimizer.name.lower()
    if name == "lbsgd":
        raise PortError("LBSGD gives its first parameter another rate than the others: it cannot be ported")
    if name == "adadelta":
        raise PortError("AdaDelta takes no learning rate: its scheduler has no effect")
    if name not in DEFAULT_RATES and name not in SILENT:
        known = ", ".join(sorted((*DEFAULT_RATES, *SILENT)))
        raise PortError(f"{optimizer.name} is no optimizer of MXNet 1.9.1 that is known here; known: {known}")
    given = optimizer.keywords.get("learning_rate", DEFAULT_RATES.get(name))
    if optimizer.arguments:
        if name not in DEFAULT_RATES:
            raise PortError(f"the first argument of {optimizer.name} is not its learning_rate, which must be given by "
                            f"name, got {optimizer.arguments[0]!r}")
        if "learning_rate" in optimizer.keywords:
            raise PortError(f"the first argument of {optimizer.name} is its learning_rate, which is given twice")
        given = optimizer.arguments[0]
    if given is None or name == "ftrl":
        return None  # one that is given None leaves the scheduler alone, whatever it takes without
    return number("learning_rate", given)


READERS = {"FactorScheduler": factor_scheduler, "MultiFactorScheduler": multi_factor_scheduler,
           "PolyScheduler": poly_scheduler, "CosineScheduler": cosine_scheduler}
