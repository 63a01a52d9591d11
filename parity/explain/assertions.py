"""Compares the rates of a recorded training with a specification; what `assert_applied` of the back ends does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from frameworks.record import Rates
from frameworks.schedule import Schedule, expand, lrs
from parity.measuring.compare import compare, compute_ulps
from parity.mistakes.search.failed import describe_failure
from parity.mistakes.search.subject import MAX_UPDATES


class NotAppliedError(AssertionError):
    """Raised if a training applied other rates than those specified."""


def check_applied(rates: Rates | Sequence[float] | np.ndarray, schedule: Schedule, group: int, ulp: int) -> None:
    """Raise NotAppliedError unless each recorded update applied the specified rate; see `assert_applied`."""
    __tracebackhide__ = True
    expand(schedule)  # raises TypeError
    if isinstance(ulp, bool) or not isinstance(ulp, int) or ulp < 0:
        raise ValueError(f"ulp must be a whole number, at least 0, got {ulp!r}")
    start, applied = _read_rates(rates, group)
    if not len(applied):
        raise ValueError("no update was recorded: there is no rate to compare")
    specified = lrs(schedule, start + len(applied)).astype(np.float32)
    followed = np.concatenate((specified[:start], applied))
    if ulp:
        near = np.abs(compute_ulps(followed, schedule)) <= ulp
        followed[near] = specified[near]
    first = compare(schedule, followed[:, None]).first
    if first is not None:
        sentence = str(first).removesuffix(f", parameter {first.parameter}")
        raise NotAppliedError("\n".join((sentence, *_explain(schedule, start, applied))))


def _read_rates(rates: Rates | Sequence[float] | np.ndarray, group: int) -> tuple[int, np.ndarray]:
    """Return the number of updates before the first rate, and the rates: float32, shape (updates,)."""
    if isinstance(rates, Rates):
        applied = rates.read_rates(group).astype(np.float32)
        first = int(np.argmin(np.isnan(applied))) if len(applied) else 0  # a group may have been added later
        return int(rates.read_columns()["t"][first]) if len(applied) else 0, applied[first:]
    applied = np.asarray(rates, np.float32)
    if applied.ndim != 1:
        raise ValueError(f"rates must have the shape (updates,), got {applied.shape}")
    return 0, applied


def _explain(schedule: Schedule, start: int, applied: np.ndarray) -> list[str]:
    known = np.concatenate((np.full(start, np.nan, np.float32), applied))
    if len(known) > MAX_UPDATES:
        return [f"known mistake: not searched for, since there are more than {MAX_UPDATES} updates"]
    return describe_failure("recorded", schedule, known)
