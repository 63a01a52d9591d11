"""Reads MXNet's schedulers as a Gluon Trainer applies them: its first update calls them with 1.

FactorScheduler and MultiFactorScheduler compare with `>`: this drops one update later, which cancels the shift of the
Trainer. PolyScheduler, CosineScheduler and every warm-up are shifted by 1.
Source: mxnet 1.9.1, lr_scheduler.py and optimizer/optimizer.py.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

from frameworks.schedule import (
    Constant,
    Cosine,
    Factor,
    Polynomial,
    Schedule,
    Sequence,
    Shift,
    Warmup,
)
from parity.port.read.arguments import Context, check_number, check_one_of, check_whole
from parity.port.read.drops import drop_at, drop_every
from parity.port.read.literal import Array, PortError
from parity.port.read.mxnet_optimizers import begin_at, find_written_rate, note_base_lr

REFUSED = {"LRScheduler": "it is the base class of the others and defines no rates"}
_EARLY = ("Gluon's Trainer calls {name} with 1 at its first update, so {name}(0) is never applied and every rate "
          "comes one update earlier than in its formula.")


def read_factor_scheduler(c: Context, step: Any, factor: Any = 1, stop_factor_lr: Any = 1e-08, base_lr: Any = 0.01,
                          warmup_steps: Any = 0, warmup_begin_lr: Any = 0, warmup_mode: Any = "linear") -> Schedule:
    """Read drops at updates step, 2 step, ...: `num_update > count + step` is first true after `step` updates."""
    every, factor = check_number("step", step, 1), _check_factor(factor)
    peak = check_number("base_lr", base_lr)
    floor = check_number("stop_factor_lr", stop_factor_lr)
    base = _overwrite(c, peak, "FactorScheduler", used=True)
    if floor > base or factor <= 0:  # the rate increases to it, also with a factor of 1
        if floor > base:
            c.traps.append(f"stop_factor_lr is above base_lr: the first drop, at update {math.floor(every)}, raises "
                           "the rate to it.")
        after: Schedule = Sequence(parts=[Constant(base_lr=base), Constant(base_lr=floor)],
                                   boundaries=[math.floor(every)])
    else:
        c.traps.append(f"FactorScheduler does not go below stop_factor_lr, {floor:g} here; torch's StepLR and Keras' "
                       "ExponentialDecay have no floor.")
        if every.is_integer():
            after = Factor(base_lr=base, factor=factor, every=int(every), min_lr=min(floor, base))
        else:
            c.traps.append(f"step is {every!r}: drop k comes at update floor(k * step), so that the drops are not "
                           "evenly spaced.")
            after = drop_every(c, base, factor, every, floor) if factor < 1 else Constant(base_lr=base)
    return _add_warmup(c, "FactorScheduler", after, peak, warmup_steps, warmup_begin_lr, warmup_mode)


def read_multi_factor_scheduler(c: Context, step: Any, factor: Any = 1, base_lr: Any = 0.01, warmup_steps: Any = 0,
                                warmup_begin_lr: Any = 0, warmup_mode: Any = "linear") -> Schedule:
    """Read drops at each milestone: `num_update > step` is first true after `step` updates."""
    if isinstance(step, tuple):
        raise PortError(f"step must be a list, got {step!r}: the class asserts that it is one")
    if not isinstance(step, list) or isinstance(step, Array) or not step:
        raise PortError(f"step must be a list of numbers, got {step!r}")
    steps = [check_number("step", item, 1) for item in step]
    if any(later <= earlier for earlier, later in itertools.pairwise(steps)):
        raise PortError(f"step must increase, got {step}")
    peak = check_number("base_lr", base_lr)
    base = _overwrite(c, peak, "MultiFactorScheduler", used=True)
    after = drop_at("factor", base, _check_factor(factor), [math.floor(item) for item in steps])
    c.traps.append("MultiFactorScheduler only goes forward: one that was plotted, or called for a later update, keeps "
                   "its last rate.")
    return _add_warmup(c, "MultiFactorScheduler", after, peak, warmup_steps, warmup_begin_lr, warmup_mode)


def read_poly_scheduler(c: Context, max_update: Any, base_lr: Any = 0.01, pwr: Any = 2, final_lr: Any = 0,
                        warmup_steps: Any = 0, warmup_begin_lr: Any = 0, warmup_mode: Any = "linear") -> Schedule:
    """Read a polynomial decay. max_update includes the warm-up. The last rate is held (the class documents 0)."""
    power = check_number("pwr", pwr)
    def curve(base: float, updates: int) -> Schedule:
        last = check_number("final_lr", final_lr)
        if power == 0:  # anything to the power of 0 is 1, also at the end
            return Constant(base_lr=base)
        return Polynomial(base_lr=base, final_lr=last, power=power, updates=updates)

    return _read_curve(c, "PolyScheduler", curve, max_update, base_lr, warmup_steps, warmup_begin_lr, warmup_mode)


def read_cosine_scheduler(c: Context, max_update: Any, base_lr: Any = 0.01, final_lr: Any = 0, warmup_steps: Any = 0,
                          warmup_begin_lr: Any = 0, warmup_mode: Any = "linear") -> Schedule:
    """Read a cosine decay. max_update includes the warm-up. The last rate is held."""
    def curve(base: float, updates: int) -> Schedule:
        return Cosine(base_lr=base, final_lr=check_number("final_lr", final_lr), updates=updates)

    return _read_curve(c, "CosineScheduler", curve, max_update, base_lr, warmup_steps, warmup_begin_lr, warmup_mode)


def _read_curve(c: Context, name: str, curve: Any, max_update: Any, base_lr: Any, warmup_steps: Any, begin: Any,
            mode: Any) -> Schedule:
    end, base = check_whole("max_update", max_update, 1), check_number("base_lr", base_lr)
    steps, begin, mode = _check_warmup(base, warmup_steps, begin, mode)
    held = _overwrite(c, base, name, used=steps > end)  # then its curve, from base_lr, is never used
    if steps == end:
        raise PortError(f"warmup_steps and max_update are both {end}: the class divides by 0 at its update {end}")
    c.traps.append(_EARLY.format(name=name))
    if steps:
        c.traps.append(f"max_update includes the warm-up: after {steps} updates of warm-up, {max(end - steps, 0)} "
                       "are left for the decay. torch's T_max and Keras' decay_steps count the decay only.")
    after = curve(base, end - steps) if end > steps else Constant(base_lr=held)
    if not steps:
        return Shift(by=1, of=after)
    return Shift(by=1, of=Warmup(updates=steps, begin_lr=begin, peak_lr=base, mode=mode, then=after))


def _add_warmup(c: Context, name: str, after: Schedule, peak: float, steps: Any, begin: Any, mode: Any) -> Schedule:
    """Put a warm-up before a schedule that counts its updates too. Called with 1 first, it ends one update sooner."""
    steps, begin, mode = _check_warmup(peak, steps, begin, mode)
    if steps < 2:
        return after  # called with 1 first, a warm-up of one update is never applied
    c.traps.append(f"{name} counts the updates of its warm-up: the drops that fall into it come together at its end, "
                   f"update {steps - 1}. Called with 1 first, it warms up in {steps - 1} updates.")
    warm = Shift(by=1, of=Warmup(updates=steps, begin_lr=begin, peak_lr=peak, mode=mode, then=Constant(base_lr=peak)))
    return Sequence(parts=[warm, Shift(by=steps - 1, of=after)], boundaries=[steps - 1])


def _check_warmup(peak: float, steps: Any, begin: Any, mode: Any) -> tuple[int, float, str]:
    steps, begin = check_whole("warmup_steps", steps), check_number("warmup_begin_lr", begin)
    if begin > peak:
        raise PortError(f"Base lr has to be higher than warmup_begin_lr, got {peak:g} and {begin:g}")
    return steps, begin, check_one_of("warmup_mode", mode, ("linear", "constant"))


def _check_factor(value: Any) -> float:
    factor = check_number("factor", value, None)
    if factor > 1:
        raise PortError(f"Factor must be no more than 1 to make lr reduce, got {value!r}")
    return factor


def _overwrite(c: Context, base_lr: float, name: str, *, used: bool) -> float:
    """Return the base rate after an optimizer is created with the scheduler. used: whether the class uses it."""
    written = find_written_rate(c.optimizer)
    if c.optimizer is None or written is None or written == base_lr:
        return base_lr
    if not used:
        c.traps.append(f"{c.optimizer.name} writes its learning_rate, {written:g}, into the scheduler's base_lr; "
                       f"{name} ignores it and continues from {base_lr:g}.")
        return base_lr
    c.traps.append(f"{c.optimizer.name} writes its learning_rate, {written:g}, into the scheduler: it replaces "
                   f"base_lr, {base_lr:g}, but a warm-up still ends at base_lr.")
    return written


def finish(c: Context, name: str, given: dict[str, Any], schedule: Schedule) -> Schedule:
    """Return the rates of a class with what its optimizer changes.

    name: the class. given: the arguments that are written, by name. schedule: what its reader returned.
    """
    c.traps.extend(note_base_lr(c.optimizer, name, given.get("base_lr")))
    return begin_at(c.optimizer, schedule)


READERS = {"FactorScheduler": read_factor_scheduler, "MultiFactorScheduler": read_multi_factor_scheduler,
           "PolyScheduler": read_poly_scheduler, "CosineScheduler": read_cosine_scheduler}
