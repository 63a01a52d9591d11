"""Reads Keras' schedules: an optimizer calls them with its `iterations`, which is 0 at the first update.

With Python numbers they compute in float32: their rates differ by some ULP from what is read here. Source: keras 3.15,
optimizers/schedules/learning_rate_schedule.py.
"""

from __future__ import annotations

from typing import Any

from frameworks.schedule import (
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    InverseTime,
    Polynomial,
    PolynomialCycle,
    Repeat,
    Schedule,
    Sequence,
    Warmup,
)
from frameworks.schedule.fields import MAX_COUNT
from parity.port.keras_graph import DROPS, RESTARTS, describe_division
from parity.port.read.arguments import Context, check_above_0, check_number, check_whole, check_whole_list
from parity.port.read.literal import Float64, PortError
from parity.port.rising import read_increase

REFUSED = {
    "LearningRateSchedule": "it is the base class of the others and defines no rates",
}
#: The most cycles that are read of a class whose rates increase without limit.
ROUNDS = 8


def _note_float32(c: Context, name: str, value: Any) -> None:
    if not isinstance(value, Float64):
        c.traps.append(f"{name} computes in float32 with Python numbers: its rates are some ULP off.")


def _note_division(c: Context, every: int, late: str, early: str) -> None:
    if sentence := describe_division(every, late, early):
        c.traps.append(sentence)


def _check_initial(c: Context, value: Any) -> float:
    """Return the initial rate. Keras computes in its type: pi is 3 in whole numbers."""
    if isinstance(value, int) and value:
        raise PortError(f"initial_learning_rate must be a float, got {value!r}: Keras computes in whole numbers with "
                        f"it; write {value}.0")
    if isinstance(value, int):
        c.traps.append("An initial_learning_rate of 0 is a whole number, which Keras 3 cannot mix with others: it "
                       "raises TypeError or stays at 0. Read as 0.0; write 0.0.")
    return check_number("initial_learning_rate", value)


def read_exponential_decay(c: Context, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any,
                           staircase: Any = False,
                           name: Any = None) -> Schedule:
    """Read a factor every decay_steps updates, applied smoothly unless staircase is True."""
    _note_float32(c, "ExponentialDecay", initial_learning_rate)
    base, rate = _check_initial(c, initial_learning_rate), check_above_0("decay_rate", decay_rate)
    every = check_whole("decay_steps", decay_steps, 1, floats=True)
    if rate > 1:
        return read_increase(c, "ExponentialDecay", base, rate, every, steps=bool(staircase))
    if staircase or every == 1:
        _note_division(c, every, *DROPS)
        return Factor(base_lr=base, factor=rate, every=every)
    c.traps.append("Without staircase=True it falls at every update; StepLR and FactorScheduler wait for decay_steps.")
    return Exponential(base_lr=base, factor=rate, updates=every)


def read_inverse_time_decay(c: Context, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any,
                            staircase: Any = False, name: Any = None) -> Schedule:
    """Read a division by 1 + decay_rate * t / decay_steps, or by 1 + decay_rate * floor(t / decay_steps)."""
    _note_float32(c, "InverseTimeDecay", initial_learning_rate)
    base, rate = _check_initial(c, initial_learning_rate), check_number("decay_rate", decay_rate)
    steps = check_number("decay_steps", decay_steps)
    if steps == 0:
        raise PortError(f"Argument `decay_steps` must be > 0, got {decay_steps!r}")
    if rate == 0:
        return Constant(base_lr=base)
    if not staircase:
        return InverseTime(base_lr=base, timescale=steps / rate)
    every = check_whole("decay_steps", decay_steps, 1, floats=True)
    _note_division(c, every, *DROPS)
    return Hold(updates=every, of=InverseTime(base_lr=base, timescale=1 / rate))


def read_piecewise_constant_decay(c: Context, boundaries: Any, values: Any, name: Any = None) -> Schedule:
    """Read constant values. The old value still applies at its boundary: `step <= boundary`."""
    steps = check_whole_list("boundaries", boundaries, 0, floats=True)
    if not isinstance(values, list | tuple) or len(values) != len(steps) + 1:
        raise PortError(f"The length of boundaries should be 1 less than the length of values, got {len(steps)} and "
                        f"{len(values) if isinstance(values, list | tuple) else values!r}")
    c.traps.append("PiecewiseConstantDecay keeps the old value at its boundary: each drop comes one update later than "
                   "with torch's MultiStepLR or Gluon's MultiFactorScheduler.")
    if len({isinstance(value, float) for value in values}) > 1:
        raise PortError(f"values must all be floats, got {list(values)}: Keras raises TypeError for whole numbers "
                        "among them")
    parts = [Constant(base_lr=check_number("values", value)) for value in values]
    return Sequence(parts=parts, boundaries=[step + 1 for step in steps])


def read_polynomial_decay(c: Context, initial_learning_rate: Any, decay_steps: Any, end_learning_rate: Any = 0.0001,
                          power: Any = 1.0, cycle: Any = False, name: Any = None) -> Schedule:
    """Read a decay to end_learning_rate (default: 0.0001, not 0) by update decay_steps."""
    _note_float32(c, "PolynomialDecay", initial_learning_rate)
    exponent, base = check_number("power", power), _check_initial(c, initial_learning_rate)
    final, updates = check_number("end_learning_rate", end_learning_rate), check_whole("decay_steps", decay_steps, 1,
                                                                                       floats=True)
    if not exponent:
        c.traps.append("With power=0, PolynomialDecay stays at initial_learning_rate.")
        return Constant(base_lr=base)
    if cycle:
        c.traps.append("With cycle=True compiled code, as in fit, jumps one update early at some ends.")
    return (PolynomialCycle if cycle else Polynomial)(
        base_lr=base, final_lr=final, power=exponent, updates=updates)


def read_cosine_decay(c: Context, initial_learning_rate: Any, decay_steps: Any, alpha: Any = 0.0, name: Any = None,
                      warmup_target: Any = None, warmup_steps: Any = 0) -> Schedule:
    """Read a cosine decay. decay_steps: after the warm-up. alpha: final rate as a share of the highest."""
    _note_float32(c, "CosineDecay", initial_learning_rate)
    base, updates = _check_initial(c, initial_learning_rate), check_whole("decay_steps", decay_steps, 1, floats=True)
    share, warm = check_number("alpha", alpha), check_whole("warmup_steps", warmup_steps, floats=True)
    if warmup_target is None:
        if warm:
            c.traps.append(f"warmup_steps={warm} has no effect without a warmup_target.")
        return Cosine(base_lr=base, final_lr=share * base, updates=updates)
    target = check_number("warmup_target", warmup_target)
    after = Cosine(base_lr=target, final_lr=share * target, updates=updates)
    return Warmup(updates=warm, begin_lr=base, peak_lr=target, then=after) if warm else after


def read_cosine_decay_restarts(c: Context, initial_learning_rate: Any, first_decay_steps: Any, t_mul: Any = 2.0,
                               m_mul: Any = 1.0, alpha: Any = 0.0, name: Any = None) -> Schedule:
    """Read cosine cycles, each t_mul times as long as the one before and m_mul times as high."""
    _note_float32(c, "CosineDecayRestarts", initial_learning_rate)
    base = _check_initial(c, initial_learning_rate)
    length = check_whole("first_decay_steps", first_decay_steps, 1, floats=True)
    times, lower, share = check_number("t_mul", t_mul), check_number("m_mul", m_mul), check_number("alpha", alpha)
    if times < 1 or not times.is_integer():
        raise PortError(f"t_mul must be a whole number of at least 1, got {t_mul!r}: the specification counts whole "
                        "updates")
    low = share * base
    if times == 1:
        _note_division(c, length, *RESTARTS)
    if times == lower == 1:
        return Repeat(updates=length, of=Cosine(base_lr=base, final_lr=low, updates=length))
    if times > 1:
        c.traps.append("CosineDecayRestarts computes the cycle by a logarithm in float32: after thousands of times "
                       "first_decay_steps, some restarts come one update early or late.")
    if 0 < lower <= 1:
        return CosineRestarts(base_lr=base, final_lr=low, updates=length, growth=int(times), decay=lower)
    if lower == 0:
        return Sequence(parts=[Cosine(base_lr=base, final_lr=low, updates=length), Constant(base_lr=low)],
                        boundaries=[length])
    return _read_first_cycles(c, base, low, _list_lengths(length, int(times)), lower)


def _list_lengths(first: int, times: int) -> list[int]:
    """Return the lengths of at most ROUNDS cycles, each `times` as long as the one before, up to MAX_COUNT updates."""
    lengths = [first * times**done for done in range(ROUNDS)]
    return [length for done, length in enumerate(lengths) if sum(lengths[:done + 1]) <= MAX_COUNT] or lengths[:1]


def _read_first_cycles(c: Context, base: float, low: float, lengths: list[int], higher: float) -> Schedule:
    """Return the first cycles of a class whose cycles grow higher without limit."""
    c.traps.append(f"The cycles of CosineDecayRestarts grow higher without limit: the specification follows them for "
                   f"{sum(lengths)} updates, then holds its rate.")
    c.followed.append(sum(lengths))
    parts = [Cosine(base_lr=low + (base - low) * higher**done, final_lr=low, updates=length)
             for done, length in enumerate(lengths)]
    return Sequence(parts=parts, boundaries=[sum(lengths[:index]) for index in range(1, len(lengths))])


READERS = {"ExponentialDecay": read_exponential_decay, "InverseTimeDecay": read_inverse_time_decay,
           "PiecewiseConstantDecay": read_piecewise_constant_decay, "PolynomialDecay": read_polynomial_decay,
           "CosineDecay": read_cosine_decay, "CosineDecayRestarts": read_cosine_decay_restarts}
