"""A schedule as expressions of `t`, for code that needs nothing of this project.

>>> from frameworks.schedule import Cosine, Warmup
>>> warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
>>> for condition, rate in branches(warm, PYTHON): print(condition, "|", rate)
t < 5 | 0.3 * t / 5
None | 0.01 + 0.29 * (1 + math.cos(math.pi * min(t - 5, 15) / 15)) / 2
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import singledispatch

from frameworks.schedule import (
    Annealing,
    Clamp,
    Constant,
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    MultiFactor,
    Polynomial,
    Repeat,
    Scale,
    Schedule,
    Sequence,
    Shift,
    Warmup,
)
from parity.port.write import formulas_annealing as bent
from parity.port.write.dialects import JAX, PYTHON, Dialect
from parity.port.write.expressions import FormulaError, is_factor, write_formula
from parity.port.write.formulas_rounds import cosine_restarts, sinking
from parity.port.write.formulas_warmups import warming


def branches(schedule: Schedule, d: Dialect, t: str = "t") -> list[tuple[str | None, str]]:
    """Return the expressions of a schedule, each with the condition under which it is the first that holds.

    The last has no condition. `t` is a name, or an expression of whole numbers.
    """
    if isinstance(schedule, Shift):
        return branches(schedule.of, d, _moved(t, schedule.by))
    if isinstance(schedule, Warmup):
        after = _later(t, schedule.updates, d) if schedule.clock == "restart" else t
        return [(_before(t, schedule.updates), _warm(schedule, d, t)), *branches(schedule.then, d, after)]
    if isinstance(schedule, Sequence):
        starts = (0, *schedule.boundaries)
        first = [(_before(t, end), _said(part, d, _later(t, start, d)))
                 for part, start, end in zip(schedule.parts, starts, schedule.boundaries)]
        return [*first, *branches(schedule.parts[-1], d, _later(t, starts[-1], d))]
    return [(None, _said(schedule, d, t))]


@singledispatch
def _said(schedule: Schedule, d: Dialect, t: str) -> str:
    """Write the `formula` of its class, unless one of the functions below is for it."""
    if not schedule.formula:
        raise FormulaError(f"no code for the kind '{schedule.kind}': its class has no formula, and "
                           "parity/port/write/formulas.py no function for it")
    return write_formula(schedule, d, t)


def _says(kind: type) -> Callable:
    return _said.register(kind)


@_says(Constant)
def _constant(s: Constant, d: Dialect, t: str) -> str:
    if d is PYTHON:
        return repr(s.base_lr)
    return f"{d.number.format(s.base_lr)} + {d.number.format(0.0)} * {d.real.format(t)}"  # of the shape of t


@_says(Exponential)
def _exponential(s: Exponential, d: Dialect, t: str) -> str:
    share = d.real.format(_bracketed(t))
    share = share if s.updates == 1 else f"({share} / {s.updates})"
    rate = f"{d.number.format(s.base_lr)} * {d.power.format(d.number.format(s.factor), share)}"
    return rate if s.factor <= 1 or s.max_lr is None else bent.rising(s, s.max_lr, d, rate, share)


@_says(Factor)
def _factor(s: Factor, d: Dialect, t: str) -> str:
    drops = _bracketed(t) if s.every == 1 else f"({_bracketed(t)} // {s.every})"
    drops = drops if d is PYTHON else d.real.format(drops)
    falling = f"{d.number.format(s.base_lr)} * {d.power.format(d.number.format(s.factor), drops)}"
    return d.most.format(falling, d.number.format(s.min_lr)) if s.min_lr else falling


@_says(MultiFactor)
def _multi_factor(s: MultiFactor, d: Dialect, t: str) -> str:
    passed = d.passed.format(_bracketed(t), list(s.milestones))
    passed = passed if d is not JAX else d.real.format(passed)
    return f"{d.number.format(s.base_lr)} * {d.power.format(d.number.format(s.factor), passed)}"


@_says(Polynomial)
def _polynomial(s: Polynomial, d: Dialect, t: str) -> str:
    final, rise = _final(s, d), d.number.format(s.base_lr - s.final_lr)
    share = d.real.format(d.least.format(t, s.updates))
    if not d.inverts:
        return f"{final}{rise} * (1 - {share} / {s.updates}) ** {s.power!r}"
    # XLA divides by a constant by multiplying with its inverse: 1 - T / T would not be quite 0
    left = f"1 - {share} / {d.real.format(d.most.format(t, s.updates))}"
    falling = f"{final}{rise} * {d.power.format(left, d.number.format(s.power))}"
    return d.choice.format(_before(t, s.updates), falling, d.number.format(s.final_lr))


_said.register(Annealing, lambda s, d, t: bent.annealing(s, d, _bracketed(t), _before(t, s.horizon)))
_says(CosineRestarts)(cosine_restarts)


def _warm(s: Warmup, d: Dialect, t: str) -> str:
    if s.mode == "constant":
        return _constant(Constant(base_lr=s.begin_lr), d, t)
    return warming(s, d, _bracketed(t))


@_says(Warmup)
@_says(Sequence)
@_says(Shift)
def _chosen(s: Warmup | Sequence | Shift, d: Dialect, t: str) -> str:
    *first, (_, result) = branches(s, d, t)
    for condition, rate in reversed(first):
        result = d.choice.format(condition, rate, result)
    return result


@_says(Hold)
def _hold(s: Hold, d: Dialect, t: str) -> str:
    return _said(s.of, d, t if s.updates == 1 else f"{_bracketed(t)} // {s.updates}")


@_says(Repeat)
def _repeat(s: Repeat, d: Dialect, t: str) -> str:
    return sinking(s, d, _bracketed(t), _said(s.of, d, f"{_bracketed(t)} % {s.updates}"))


@_says(Scale)
def _scale(s: Scale, d: Dialect, t: str) -> str:
    return f"{d.number.format(s.by)} * ({_said(s.of, d, t)})"


@_says(Clamp)
def _clamp(s: Clamp, d: Dialect, t: str) -> str:
    low, high = d.number.format(s.min_lr), d.number.format(s.max_lr)
    return d.least.format(d.most.format(_said(s.of, d, t), low), high)


def _final(s: Polynomial, d: Dialect) -> str:
    return f"{d.number.format(s.final_lr)} + " if s.final_lr else ""


def _later(t: str, start: int, d: Dialect) -> str:
    """A clock that starts later. Where both sides of a choice are computed, it may not fall below 0."""
    if not start:
        return t
    return _moved(t, -start) if d is PYTHON else d.most.format(_moved(t, -start), 0)


def _before(t: str, end: int) -> str:
    """Compare a clock: `t + 1` and 5 are `t < 4`."""
    found = re.fullmatch(r"(\w+) ([+-]) (\d+)", t)
    return f"{found[1]} < {end - int(found[2] + found[3])}" if found else f"{t} < {end}"


def _moved(t: str, by: int) -> str:
    """Add to a clock: `t + 1` and -5 are `t - 4`."""
    found = re.fullmatch(r"(.+) ([+-]) (\d+)", t)
    if found and "," not in t:
        by, t = by + int(found[2] + found[3]), found[1]
    return t if not by else f"{t} {'+' if by > 0 else '-'} {abs(by)}"


def _bracketed(t: str) -> str:
    return t if is_factor(t) else f"({t})"
