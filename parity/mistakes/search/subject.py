"""One side of a comparison: a specification, or the rates that a training has logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from frameworks.schedule import MultiFactor, Schedule, expanded, lrs

#: More updates than this are not compared: each hypothesis computes that many rates.
MAX_UPDATES = 1_000_000


class Unreadable(ValueError):
    """Why a side cannot be read, in one sentence."""


@dataclass(frozen=True)
class Subject:
    """What rates there are, for updates from 0 on.

    name: what the user calls it. schedule: its specification, or None if it is a log; then logged: float32, a rate for
    each update, nan where the log has none. held: a log of changes, whose last rate goes on for as many updates as were
    made. ends: the log says that it goes on so for ever. followed: for how many updates the specification says what was
    applied; None for ever. digits: to how many the log has rounded its rates, 0 if it is
    exact. notes: what about it surprises, in sentences.
    """

    name: str
    schedule: Schedule | None = None
    logged: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    held: bool = False
    followed: int | None = None
    ends: bool = False
    digits: int = 0
    notes: tuple[str, ...] = ()
    _longest: list[np.ndarray] = field(default_factory=lambda: [np.empty(0, np.float32)], repr=False, compare=False)

    @cached_property
    def expanded(self) -> Schedule:
        """The specification without named kinds. Raises TypeError for a log."""
        if self.schedule is None:
            raise TypeError("a log has no specification")
        return expanded(self.schedule)

    @cached_property
    def weight(self) -> int:
        """How many more hypotheses one about the specification counts for that is compared exactly.

        A tenth of the number of schedules and milestones in it: 0 for schedules that people write.
        """
        found, every = 0, [self.expanded]
        for schedule in every:  # and those inside it
            found += 1 + (len(schedule.milestones) if isinstance(schedule, MultiFactor) else 0)
            every += schedule.inner()
        return found // 10

    @property
    def updates(self) -> int | None:
        """For how many updates there are rates; None for a side without an end."""
        if self.schedule is not None:
            return self.followed
        return None if self.ends else len(self.logged)

    def over(self, n: int) -> np.ndarray:
        """Return the rates of updates 0 to n - 1: float32, nan where they are not known. Not to be written to."""
        if self.schedule is not None:
            if len(self._longest[0]) < n:
                self._longest[0] = lrs(self.schedule, n).astype(np.float32)
            return self._longest[0][:n]
        missing = max(0, n - len(self.logged))
        return np.concatenate((self.logged[:n], np.full(missing, self.logged[-1] if self.held else np.nan, np.float32)))
