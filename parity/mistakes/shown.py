"""Where each mistake shows: computed from the catalogue and the cases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from frameworks.schedule import Schedule, lrs
from parity.cases import CASES
from parity.mistakes.catalogue import CATALOGUE, made
from parity.mistakes.nested import Asked, constant, following


@dataclass(frozen=True)
class Shown:
    """A case in which a mistake shows: its name, the first update whose rate is another, and the wrong schedule."""

    case: str
    update: int
    wrong: Schedule


@cache
def shown(name: str) -> Shown | None:
    """Return the shortest case, the first of several, with a rate that a mistake changes; None if no case has one.

    What no optimizer can be given, rates that are nan, does not count.
    """
    mistake = CATALOGUE[name]
    for case, specified in sorted(CASES.items(), key=lambda item: item[1].updates):
        for wrong in made(mistake, specified.schedule):
            rates = lrs(wrong, specified.updates).astype(np.float32)
            differing = np.flatnonzero(rates != _applied(case))
            if len(differing) and np.isfinite(rates).all():
                return Shown(case, int(differing[0]), _as_specification(wrong, rates))
    return None


@cache
def _applied(case: str) -> np.ndarray:
    return lrs(CASES[case].schedule, CASES[case].updates).astype(np.float32)


def _as_specification(wrong: Schedule, rates: np.ndarray) -> Schedule:
    """What back ends can build: of what is asked in a way of its own, its rates one after another."""
    schedules = [wrong]
    for one in schedules:
        schedules += one.inner()
    if not any(isinstance(one, Asked) for one in schedules):
        return wrong
    changes = [0, *(np.flatnonzero(rates[1:] != rates[:-1]) + 1).tolist()]
    return following([constant(float(rates[t])) for t in changes], changes[1:])


def flags(schedule: Schedule, times: list[int]) -> list[str]:
    """Return the ids of the mistakes that change the rate, float32, of one of these updates, the last of them first."""
    right = [(t, np.float32(schedule.lr(t))) for t in times]
    return [mistake.id for mistake in CATALOGUE.values() if any(
        np.float32(wrong.lr(t)) != rate for wrong in made(mistake, schedule) for t, rate in right)]
