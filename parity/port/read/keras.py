"""Keras' schedules: an optimizer asks with its `iterations`, which is 0 at the first update.

Given Python numbers they compute in float32: what they apply is some ULP off what is read here. Source: keras 3.15,
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
from parity.port.read.arguments import Context, above_0, number, positive, whole, whole_list
from parity.port.read.literal import PortError
from parity.port.rising import rising

REFUSED = {
    "LearningRateSchedule": "it is the base of the others and has no rates of its own",
}
#: Of a class whose rates grow without end, so many rounds are written down at most.
ROUNDS = 8
_FLOAT32 = "{name} computes in float32 if it is given Python numbers: its rates are some ULP off."


def _initial(c: Context, value: Any) -> float:
    """Return the initial rate. Its type is the one in which Keras computes: pi is 3 in whole numbers."""
    if isinstance(value, int) and value:
        raise PortError(f"initial_learning_rate must be a float, got {value!r}: Keras computes in whole numbers with "
                        f"it; write {value}.0")
    if isinstance(value, int):
        c.traps.append("An initial_learning_rate of 0 is a whole number, which Keras 3 cannot mix with others: it "
                       "raises TypeError or stays at 0. Read as 0.0, which is what to write.")
    return number("initial_learning_rate", value)


def exponential_decay(c: Context, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any, staircase: Any = False,
                      name: Any = None) -> Schedule:
    """A factor every decay_steps updates, or a part of it at each."""
    c.traps.append(_FLOAT32.format(name="ExponentialDecay"))
    base, rate = _initial(c, initial_learning_rate), above_0("decay_rate", decay_rate)
    every = whole("decay_steps", decay_steps, 1, floats=True)
    if rate > 1:
        return rising(c, "ExponentialDecay", base, rate, every, steps=bool(staircase))
    if staircase or every == 1:
        return Factor(base_lr=base, factor=rate, every=every)
    c.traps.append("Without staircase=True it falls at every update; StepLR and FactorScheduler wait for decay_steps.")
    return Exponential(base_lr=base, factor=rate, updates=every)


def inverse_time_decay(c: Context, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any,
                       staircase: Any = False, name: Any = None) -> Schedule:
    """Divided by 1 + decay_rate * t / decay_steps, or by 1 + decay_rate * floor(t / decay_steps)."""
    c.traps.append(_FLOAT32.format(name="InverseTimeDecay"))
    base, rate = _initial(c, initial_learning_rate), number("decay_rate", decay_rate)
    steps = number("decay_steps", decay_steps)
    if steps == 0:
        raise PortError(f"Argument `decay_steps` must be > 0, got {decay_steps!r}")
    if rate == 0:
        return Constant(base_lr=base)
    if not staircase:
        return InverseTime(base_lr=base, timescale=steps / rate)
    every = whole("decay_steps", decay_steps, 1, floats=True)
    return Hold(updates=every, of=InverseTime(base_lr=base, timescale=1 / rate))


def piecewise_constant_decay(c: Context, boundaries: Any, values: Any, name: Any = None) -> Schedule:
    """The old value still at its boundary: `step <= boundary`."""
    found = whole_list("boundaries", boundaries, 0, floats=True)
    if not isinstance(values, list | tuple) or len(values) != len(found) + 1:
        raise PortError(f"The length of boundaries should be 1 less than the length of values, got {len(found)} and "
                        f"{len(values) if isinstance(values, list | tuple) else values!r}")
    c.traps.append("PiecewiseConstantDecay keeps the old value at its boundary: each drop comes one update later than "
                   "with torch's MultiStepLR or Gluon's MultiFactorScheduler.")
    if len({isinstance(value, float) for value in values}) > 1:
        raise PortError(f"values must all be floats, got {list(values)}: Keras raises TypeError for whole numbers "
                        "among them")
    parts = [Constant(base_lr=number("values", value)) for value in values]
    return Sequence(parts=parts, boundaries=[one + 1 for one in found])


def polynomial_decay(c: Context, initial_learning_rate: Any, decay_steps: Any, end_learning_rate: Any = 0.0001,
                     power: Any = 1.0, cycle: Any = False, name: Any = None) -> Schedule:
    """Down to end_learning_rate (not 0 if it is not given) by update decay_steps."""
    c.traps.append(_FLOAT32.format(name="PolynomialDecay"))
    exponent = positive("power", power)
    if cycle:
        c.traps.append("With cycle=True compiled code, as in fit, jumps one update early at some ends.")
    return (PolynomialCycle if cycle else Polynomial)(
        base_lr=_initial(c, initial_learning_rate), final_lr=number("end_learning_rate", end_learning_rate),
        power=exponent, updates=whole("decay_steps", decay_steps, 1, floats=True))


def cosine_decay(c: Context, initial_learning_rate: Any, decay_steps: Any, alpha: Any = 0.0, name: Any = None,
                 warmup_target: Any = None, warmup_steps: Any = 0) -> Schedule:
    """decay_steps are those after the warm-up; alpha is the final rate as a share of the highest."""
    c.traps.append(_FLOAT32.format(name="CosineDecay"))
    base, updates = _initial(c, initial_learning_rate), whole("decay_steps", decay_steps, 1, floats=True)
    share, warm = number("alpha", alpha), whole("warmup_steps", warmup_steps, floats=True)
    if warmup_target is None:
        if warm:
            c.traps.append(f"warmup_steps={warm} has no effect without a warmup_target.")
        return Cosine(base_lr=base, final_lr=share * base, updates=updates)
    target = number("warmup_target", warmup_target)
    after = Cosine(base_lr=target, final_lr=share * target, updates=updates)
    return Warmup(updates=warm, begin_lr=base, peak_lr=target, then=after) if warm else after


def cosine_decay_restarts(c: Context, initial_learning_rate: Any, first_decay_steps: Any, t_mul: Any = 2.0,
                          m_mul: Any = 1.0, alpha: Any = 0.0, name: Any = None) -> Schedule:
    """Half a wave down, again and again, t_mul times as long each time, from m_mul times as high."""
    c.traps.append(_FLOAT32.format(name="CosineDecayRestarts"))
    base = _initial(c, initial_learning_rate)
    length = whole("first_decay_steps", first_decay_steps, 1, floats=True)
    times, lower, share = number("t_mul", t_mul), number("m_mul", m_mul), number("alpha", alpha)
    if times < 1 or not times.is_integer():
        raise PortError(f"t_mul must be a whole number of at least 1, got {t_mul!r}: the specification counts whole "
                        "updates")
    low = share * base
    if times == lower == 1:
        return Repeat(updates=length, of=Cosine(base_lr=base, final_lr=low, updates=length))
    if times > 1:
        c.traps.append("CosineDecayRestarts takes a logarithm for the round, in float32: after thousands of times "
                       "first_decay_steps, some restarts come one update early or late.")
    if 0 < lower <= 1:
        return CosineRestarts(base_lr=base, final_lr=low, updates=length, growth=int(times), decay=lower)
    if lower == 0:
        return Sequence(parts=[Cosine(base_lr=base, final_lr=low, updates=length), Constant(base_lr=low)],
                        boundaries=[length])
    return _rising(c, base, low, _growing(length, int(times)), lower)


def _growing(length: int, times: int) -> list[int]:
    """Return the lengths of rounds of which each is so many times as long, as far as updates are counted."""
    lengths = [length * times**done for done in range(ROUNDS)]
    return [one for done, one in enumerate(lengths) if sum(lengths[:done + 1]) <= MAX_COUNT] or lengths[:1]


def _rising(c: Context, base: float, low: float, lengths: list[int], higher: float) -> Schedule:
    """Of rounds that grow higher without end, the first few."""
    c.traps.append(f"CosineDecayRestarts' rounds grow higher without end: the specification follows it for "
                   f"{sum(lengths)} updates, and is held after them.")
    c.followed.append(sum(lengths))
    parts = [Cosine(base_lr=low + (base - low) * higher**done, final_lr=low, updates=one)
             for done, one in enumerate(lengths)]
    return Sequence(parts=parts, boundaries=[sum(lengths[:index]) for index in range(1, len(lengths))])


READERS = {"ExponentialDecay": exponential_decay, "InverseTimeDecay": inverse_time_decay,
           "PiecewiseConstantDecay": piecewise_constant_decay, "PolynomialDecay": polynomial_decay,
           "CosineDecay": cosine_decay, "CosineDecayRestarts": cosine_decay_restarts}
