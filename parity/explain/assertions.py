"""Compares the rates of a recorded training with a specification; what `assert_applied` of the back ends does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from frameworks.record import Rates
from frameworks.record_rows import select_rates
from frameworks.schedule import Schedule, expand, lrs
from parity.measuring.compare import compare, compute_ulps
from parity.mistakes.search.failed import describe_failure
from parity.mistakes.search.subject import MAX_UPDATES


class NotAppliedError(AssertionError):
    """Raised if a training applied other rates than those specified."""


def check_applied(rates: Rates | Sequence[float] | np.ndarray, schedule: Schedule, group: int, ulp: int,
                  updates: int | None = None) -> None:
    """Raise NotAppliedError unless each recorded update applied the specified rate; see `assert_applied`."""
    __tracebackhide__ = True
    expand(schedule)  # raises TypeError
    if isinstance(ulp, bool) or not isinstance(ulp, int) or ulp < 0:
        raise ValueError(f"ulp must be a whole number, at least 0, got {ulp!r}")
    times, applied = _read_rates(rates, group)
    if updates is not None and (isinstance(updates, bool) or not isinstance(updates, int) or updates < 1):
        raise ValueError(f"updates must be a whole number, at least 1, got {updates!r}")
    if isinstance(rates, Rates) and rates.first_nan is not None:
        raise NotAppliedError(f"update {rates.first_nan} applied nan: a rate must be 0 or more, and finite")
    if not len(times):
        raise ValueError("no update was recorded: there is no rate to compare")
    specified = lrs(schedule, int(times[-1]) + 1).astype(np.float32)
    followed = specified.copy()
    followed[times] = applied  # an update whose rate is not known is not compared
    if ulp:
        near = np.abs(compute_ulps(followed, schedule)) <= ulp
        followed[near] = specified[near]
    first = compare(schedule, followed[:, None]).first
    if first is not None:
        sentence = str(first).removesuffix(f", parameter {first.parameter}")
        raise NotAppliedError("\n".join((sentence, *_explain(schedule, times, applied))))
    made = rates.updates if isinstance(rates, Rates) else len(times)
    if updates is not None and made != updates:
        raise NotAppliedError(f"each of the {made} updates applied its specified rate, but {updates} were to be made")


def _read_rates(rates: Rates | Sequence[float] | np.ndarray, group: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the updates whose rate is known, and the rates: int64 and float32, shape (updates,)."""
    if isinstance(rates, Rates):
        columns = rates.read_columns()
        applied = select_rates(columns, group).astype(np.float32)
        known = ~np.isnan(applied)  # a group may be added later, or frozen for some updates
        return columns["t"].astype(np.int64)[known], applied[known]
    if group:
        raise ValueError(f"group must be 0 for the rates of one group, got {group!r}")
    applied = np.asarray(rates, np.float32)
    if applied.ndim != 1:
        raise ValueError(f"rates must have the shape (updates,), got {applied.shape}")
    return np.arange(len(applied)), applied


def _explain(schedule: Schedule, times: np.ndarray, applied: np.ndarray) -> list[str]:
    updates = int(times[-1]) + 1
    if updates > MAX_UPDATES:
        return [f"known mistake: not searched for, since there are more than {MAX_UPDATES} updates"]
    rates, known = np.full(updates, np.nan, np.float32), np.zeros(updates, bool)
    rates[times], known[times] = applied, True
    return describe_failure("recorded", schedule, rates, known=known)
