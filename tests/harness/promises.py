"""Compares measured numbers with promises: a missed promise is named on stderr, and the exit code is 4."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from frameworks.exit_codes import FAILED


@dataclass(frozen=True)
class Promise:
    """A measured number and its limit.

    what: the name. measured: the number. limit: the most that it may be. unit: of both. at_least: limit is the least.
    """

    what: str
    measured: float
    limit: float
    unit: str = ""
    at_least: bool = False

    def is_kept(self, slack: float = 1) -> bool:
        """Return whether the number is within its limit; NaN is not. slack: times the limit (default: 1)."""
        return self.measured * slack >= self.limit if self.at_least else self.measured <= self.limit * slack

    def __str__(self) -> str:
        limit = f"at {'least' if self.at_least else 'most'} {self.limit:g}{self.unit}"
        return f"{self.what:60} {f'{self.measured:.4g}{self.unit}':>10}   {limit}"


def check(promises: Iterable[Promise], slack: float = 1) -> int:
    """Print each missed promise on stderr; return the exit code: 4 if one is missed by more than the slack, else 0."""
    missed = [promise for promise in promises if not promise.is_kept()]
    for promise in missed:
        print(f"missed: {' '.join(str(promise).split())}", file=sys.stderr)
    return 0 if all(promise.is_kept(slack) for promise in missed) else FAILED
