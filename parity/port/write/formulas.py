"""Writes a schedule as expressions of `t`, for self-contained code.

>>> from frameworks.schedule import Cosine, Warmup
>>> warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
>>> for condition, rate in write_branches(warm, PYTHON): print(condition, "|", rate)
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
from parity.port.write.formulas_rounds import cosine_restarts, write_decrease
from parity.port.write.formulas_warmups import write_warmup_curve


def write_branches(schedule: Schedule, d: Dialect, t: str = "t") -> list[tuple[str | None, str]]:
    """Return the expressions of a schedule, each with its condition. The first condition that holds applies.

    The last expression has no condition. d: the language. t: a name, or an expression of whole numbers (default: "t").
    """
    if isinstance(schedule, Shift):
        return write_branches(schedule.of, d, _add(t, schedule.by))
    if isinstance(schedule, Warmup):
        after = _delay(t, schedule.updates, d) if schedule.clock == "restart" else t
        return [(_compare(t, schedule.updates), _write_warmup(schedule, d, t)),
                *write_branches(schedule.then, d, after)]
    if isinstance(schedule, Sequence):
        starts = (0, *schedule.boundaries)
        first = [(_compare(t, end), _write(part, d, _delay(t, start, d)))
                 for part, start, end in zip(schedule.parts, starts, schedule.boundaries)]
        return [*first, *write_branches(schedule.parts[-1], d, _delay(t, starts[-1], d))]
    return [(None, _write(schedule, d, t))]


@singledispatch
def _write(schedule: Schedule, d: Dialect, t: str) -> str:
    """Write the `formula` of a class. The functions below replace it for their kinds."""
    if not schedule.formula:
        raise FormulaError(f"no code for the kind '{schedule.kind}': its class has no formula, and "
                           "parity/port/write/formulas.py no function for it")
    return write_formula(schedule, d, t)


def _register(kind: type) -> Callable:
    return _write.register(kind)


@_register(Constant)
def _constant(s: Constant, d: Dialect, t: str) -> str:
    if d is PYTHON:
        return repr(s.base_lr)
    return f"{d.number.format(s.base_lr)} + {d.number.format(0.0)} * {d.real.format(t)}"  # with the shape of t


@_register(Exponential)
def _exponential(s: Exponential, d: Dialect, t: str) -> str:
    share = d.real.format(_bracket(t))
    share = share if s.updates == 1 else f"({share} / {s.updates})"
    rate = f"{d.number.format(s.base_lr)} * {d.power.format(d.number.format(s.factor), share)}"
    return rate if s.factor <= 1 or s.max_lr is None else bent.write_increase(s, s.max_lr, d, rate, share)


@_register(Factor)
def _factor(s: Factor, d: Dialect, t: str) -> str:
    drops = _bracket(t) if s.every == 1 else f"({_bracket(t)} // {s.every})"
    drops = drops if d is PYTHON else d.real.format(drops)
    falling = f"{d.number.format(s.base_lr)} * {d.power.format(d.number.format(s.factor), drops)}"
    return d.most.format(falling, d.number.format(s.min_lr)) if s.min_lr else falling


@_register(MultiFactor)
def _multi_factor(s: MultiFactor, d: Dialect, t: str) -> str:
    passed = d.passed.format(_bracket(t), list(s.milestones))
    passed = passed if d is not JAX else d.real.format(passed)
    return f"{d.number.format(s.base_lr)} * {d.power.format(d.number.format(s.factor), passed)}"


@_register(Polynomial)
def _polynomial(s: Polynomial, d: Dialect, t: str) -> str:
    final, difference = _write_final(s, d), d.number.format(s.base_lr - s.final_lr)
    share = d.real.format(d.least.format(t, s.updates))
    if not d.inverts:
        return f"{final}{difference} * (1 - {share} / {s.updates}) ** {s.power!r}"
    # XLA multiplies by the inverse of a constant: 1 - T / T would not be exactly 0
    left = f"1 - {share} / {d.real.format(d.most.format(t, s.updates))}"
    falling = f"{final}{difference} * {d.power.format(left, d.number.format(s.power))}"
    return d.choice.format(_compare(t, s.updates), falling, d.number.format(s.final_lr))


_write.register(Annealing, lambda s, d, t: bent.annealing(s, d, _bracket(t), _compare(t, s.horizon)))
_register(CosineRestarts)(cosine_restarts)


def _write_warmup(s: Warmup, d: Dialect, t: str) -> str:
    if s.mode == "constant":
        return _constant(Constant(base_lr=s.begin_lr), d, t)
    return write_warmup_curve(s, d, _bracket(t))


@_register(Warmup)
@_register(Sequence)
@_register(Shift)
def _choose(s: Warmup | Sequence | Shift, d: Dialect, t: str) -> str:
    *first, (_, result) = write_branches(s, d, t)
    for condition, rate in reversed(first):
        result = d.choice.format(condition, rate, result)
    return result


@_register(Hold)
def _hold(s: Hold, d: Dialect, t: str) -> str:
    return _write(s.of, d, t if s.updates == 1 else f"{_bracket(t)} // {s.updates}")


@_register(Repeat)
def _repeat(s: Repeat, d: Dialect, t: str) -> str:
    return write_decrease(s, d, _bracket(t), _write(s.of, d, f"{_bracket(t)} % {s.updates}"))


@_register(Scale)
def _scale(s: Scale, d: Dialect, t: str) -> str:
    return f"{d.number.format(s.by)} * ({_write(s.of, d, t)})"


@_register(Clamp)
def _clamp(s: Clamp, d: Dialect, t: str) -> str:
    low, high = d.number.format(s.min_lr), d.number.format(s.max_lr)
    return d.least.format(d.most.format(_write(s.of, d, t), low), high)


def _write_final(s: Polynomial, d: Dialect) -> str:
    return f"{d.number.format(s.final_lr)} + " if s.final_lr else ""


def _delay(t: str, start: int, d: Dialect) -> str:
    """Return a clock that starts later. It stays at 0 or above where both sides of a choice are computed."""
    if not start:
        return t
    return _add(t, -start) if d is PYTHON else d.most.format(_add(t, -start), 0)


def _compare(t: str, end: int) -> str:
    """Return the comparison of a clock: `t + 1` and 5 give `t < 4`."""
    match = re.fullmatch(r"(\w+) ([+-]) (\d+)", t)
    return f"{match[1]} < {end - int(match[2] + match[3])}" if match else f"{t} < {end}"


def _add(t: str, by: int) -> str:
    """Return a clock plus a number: `t + 1` and -5 give `t - 4`."""
    match = re.fullmatch(r"(.+) ([+-]) (\d+)", t)
    if match and "," not in t:
        by, t = by + int(match[2] + match[3]), match[1]
    return t if not by else f"{t} {'+' if by > 0 else '-'} {abs(by)}"


def _bracket(t: str) -> str:
    return t if is_factor(t) else f"({t})"
