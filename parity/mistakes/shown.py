"""Computes in which case, and at which update, each mistake shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from pydantic import ValidationError

from frameworks.schedule import Schedule, lrs
from frameworks.schedule.union import ADAPTER
from parity.cases import CASES
from parity.mistakes.catalogue import CATALOGUE, make_mistake
from parity.mistakes.nested import constant, join, shift
from parity.mistakes.record import Mistake


@dataclass(frozen=True)
class Shown:
    """A case in which a mistake shows.

    case: its name.
    update: the first update whose rate the mistake changes, from 0.
    wrong: the schedule with the mistake.
    """

    case: str
    update: int
    wrong: Schedule


@cache
def find_case(name: str) -> Shown | None:
    """Return the shortest case with a rate that a mistake changes (the first of several), or None.

    Ignores changed schedules with rates that are nan or infinite, which no optimizer can apply.
    """
    mistake = CATALOGUE[name]
    for case, specified in sorted(CASES.items(), key=lambda item: item[1].updates):
        for wrong in make_mistake(mistake, specified.schedule):
            rates = lrs(wrong, specified.updates).astype(np.float32)
            differing = np.flatnonzero(rates != _compute_applied(case))
            if len(differing) and np.isfinite(rates).all():
                wrong = _as_specification(wrong, rates, specified.schedule, _compute_applied(case))
                return Shown(case, int(differing[0]), wrong)
    return None


@cache
def _compute_applied(case: str) -> np.ndarray:
    return lrs(CASES[case].schedule, CASES[case].updates).astype(np.float32)


def _as_specification(wrong: Schedule, rates: np.ndarray, right: Schedule, expected: np.ndarray) -> Schedule:
    """Return a specification that back ends can build: the changed schedule, or a sequence with the same rates."""
    try:
        return ADAPTER.validate_python(wrong.model_dump(warnings=False))
    except ValidationError:
        same = rates == expected
        begins = [0, *(t for t in range(1, len(rates))
                       if same[t] != same[t - 1] or (not same[t] and rates[t] != rates[t - 1]))]
        return join([shift(t, right) if same[t] else constant(float(rates[t])) for t in begins], begins[1:])


def find_first_wrong(mistake: Mistake, schedule: Schedule, times: list[int]) -> tuple[int, np.float32] | None:
    """Return the first of some increasing updates whose rate a mistake changes, and the changed rate; else None."""
    return _find_first_other(mistake, schedule, times, _compute_rates(schedule, times))


def _find_first_other(
    mistake: Mistake, schedule: Schedule, times: list[int], right: np.ndarray,
) -> tuple[int, np.float32] | None:
    for changed in make_mistake(mistake, schedule):
        wrong = _compute_rates(changed, times)
        differing = np.flatnonzero(wrong != right)
        if len(differing):
            return times[differing[0]], wrong[differing[0]]
    return None


def _compute_rates(schedule: Schedule, times: list[int]) -> np.ndarray:
    """Return the rates of increasing updates: float32, shape (len(times),)."""
    return schedule._compute_over(np.array(times, np.int64)).astype(np.float32)


def list_flags(schedule: Schedule, times: list[int]) -> list[str]:
    """Return the ids of the mistakes that change the rate of one of these updates."""
    right = _compute_rates(schedule, times)
    return [mistake.id for mistake in CATALOGUE.values() if _find_first_other(mistake, schedule, times, right)]
