"""Defines what is compared: the rates of a specification, or the logged rates of a training."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from frameworks.schedule import MultiFactor, Schedule, expand, lrs

#: The maximum number of updates that are compared: each hypothesis computes that many rates.
MAX_UPDATES = 1_000_000


class UnreadableError(ValueError):
    """Raised if A or B cannot be read. Its message is one sentence."""


@dataclass(frozen=True)
class Subject:
    """The rates of A or B, for updates from 0 on.

    name: as the user wrote it.
    schedule: its specification; None for a log.
    logged: for a log, a float32 rate for each update, nan where the log has none.
    held: whether it is a log of changes, whose last rate holds until the training ends.
    followed: the number of updates for which the specification gives the applied rates; None: all.
    ends: whether the log states that its last rate does not change in the future.
    digits: the number of significant digits to which the log has rounded its rates; 0 if it is exact.
    unit: the unit of which the log's rates are multiples, as 1e-6 for "%f"; 0 if it is exact.
    notes: sentences about surprising behaviour.
    assumed: the number of first updates whose rate is not logged, but given by an option.
    """

    name: str
    schedule: Schedule | None = None
    logged: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    held: bool = False
    followed: int | None = None
    ends: bool = False
    digits: int = 0
    unit: float = 0.0
    notes: tuple[str, ...] = ()
    assumed: int = 0
    _longest: list[np.ndarray] = field(default_factory=lambda: [np.empty(0, np.float32)], repr=False, compare=False)

    @cached_property
    def expanded(self) -> Schedule:
        """The specification without composed kinds. Raises TypeError for a log."""
        if self.schedule is None:
            raise TypeError("a log has no specification")
        return expand(self.schedule)

    @cached_property
    def weight(self) -> int:
        """The extra cost, in hypotheses, of one exact comparison with the specification.

        It is a tenth of the number of schedules and milestones inside: 0 for schedules of ordinary size.
        """
        size, every = 0, [self.expanded]
        for schedule in every:  # and those inside it
            size += 1 + (len(schedule.milestones) if isinstance(schedule, MultiFactor) else 0)
            every += schedule.inner()
        return size // 10

    @property
    def updates(self) -> int | None:
        """The number of updates with rates; None if they do not end."""
        if self.schedule is not None:
            return self.followed
        return None if self.ends else len(self.logged)

    def list_rates(self, n: int) -> np.ndarray:
        """Return the rates of updates 0 to n - 1: float32, nan where they are not known. Do not write to the array."""
        if self.schedule is not None:
            if len(self._longest[0]) < n:
                self._longest[0] = lrs(self.schedule, n).astype(np.float32)
            return self._longest[0][:n]
        missing = max(0, n - len(self.logged))
        return np.concatenate((self.logged[:n], np.full(missing, self.logged[-1] if self.held else np.nan, np.float32)))
