"""Finds two mistakes at once: both in the schedule, or one in the whole training and one at a resume."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from frameworks.schedule import Schedule, lrs
from parity.mistakes import trainings
from parity.mistakes.record import About
from parity.mistakes.search.causes import Cause
from parity.mistakes.search.hypotheses import (
    choose_updates,
    compute_wanted,
    is_b,
    is_explained_by,
    is_small,
    list_candidates,
)
from parity.mistakes.search.mistakes import try_mistakes
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.resumes import find_resumes
from parity.mistakes.search.sequences import list_shifts, scale_first
from parity.mistakes.search.steps import list_steps
from parity.mistakes.search.subject import Subject
from parity.mistakes.wanted import Search

#: The maximum number of hypotheses. Most of them are refused after one rate.
MAX_DOUBLE = 50_000
#: Two mistakes are not searched for if fewer updates differ, or if A or B has fewer different rates.
MIN_DIFFERING, MIN_RATES = 4, 3
#: This number of different rates is enough for a mistake and a resume; a restart also shows by its changes.
MANY_RATES = 6
#: The maximum numbers of rates and of mistakes in the search for a mistake and a resume.
MAX_RESUMED, MAX_MISTAKEN = 20_000_000, 1000


def find_double(pair: Pair) -> tuple[Cause, ...]:
    """Return the first two mistakes that together make B's rates from A's."""
    rates = min(len(np.unique(side[pair.compared])) for side in (pair.rates_a, pair.rates_b))
    if pair.a.schedule is None or len(pair.differing) < MIN_DIFFERING or rates < MIN_RATES:
        return ()
    for once, twice, causes in _try_pairs(pair):
        if is_explained_by(pair, twice) and (lrs(once, pair.updates) != lrs(pair.a.schedule, pair.updates)).any():
            return causes
    return ()


def _try_pairs(pair: Pair) -> Iterator[tuple[Schedule, Schedule, tuple[Cause, Cause]]]:
    rates, search = list_candidates(pair), Search(MAX_DOUBLE)
    for once, first in try_mistakes(pair.a.expanded, About(rates), search):
        if not search.has_tries(pair.a.weight):
            return
        left = [t for t in choose_updates(pair.differing) if not is_b(pair, once, t)]
        for twice, second in try_mistakes(once, About(rates, compute_wanted(pair, left)), search):
            if first.name != second.name and search.has_tries(pair.a.weight):
                yield once, twice, (first, second)


def find_resumed(pair: Pair) -> tuple[Cause, ...]:
    """Return a mistake of the whole training and one at a resume, which together make B's rates from A's."""
    if not is_small(pair):
        return ()
    first, tries = pair.compared[:MIN_RATES], Search(MAX_RESUMED // pair.updates)
    for subject, cause, rounded in _list_mistaken(pair):
        changed = replace(pair, a=subject, rounded=rounded)
        before = subject.list_rates(int(first[-1]) + 1)[first]
        if not changed.is_equal(before, pair.rates_b[first]).all():
            continue  # nothing is resumed before these updates
        if not tries.has_tries():
            return ()
        if (changed.rates_a != pair.rates_a).any() and len(changed.differing):
            for resumed in find_resumes(changed):
                if _is_shown(pair, resumed, only_restarts=rounded):
                    return cause, resumed
    return ()


def _is_shown(pair: Pair, resumed: Cause, *, only_restarts: bool) -> bool:
    """Return whether B has enough different rates, or enough changes, to show two mistakes.

    only_restarts: after a factor only a restart shows, since any two lines from 0 have a factor.
    """
    rates = pair.rates_b[pair.compared]
    changes = int((rates[1:] != rates[:-1]).sum())
    restarted = resumed.name == trainings.RESTARTED.name
    return (restarted and changes >= MIN_RATES) or (not only_restarts and len(np.unique(rates)) >= MANY_RATES)


def _list_mistaken(pair: Pair) -> Iterator[tuple[Subject, Cause, bool]]:
    """Yield A with a mistake that is not about a resume, the mistake, and whether its rates are rounded."""
    for rates, cause in chain(list_steps(pair), list_shifts(pair)):
        yield Subject(pair.a.name, logged=rates), cause, False
    if pair.a.schedule is not None:
        for once, cause in try_mistakes(pair.a.expanded, About(list_candidates(pair)), Search(MAX_MISTAKEN)):
            yield Subject(pair.a.name, schedule=once), cause, False
    for rates, cause in scale_first(pair):
        yield Subject(pair.a.name, logged=rates), cause, True
