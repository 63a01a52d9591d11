"""Reads a row's constructor as `python -m parity port` does, and compares the rates with the row."""

from __future__ import annotations

import numpy as np

from frameworks.schedule import Schedule, lrs
from parity.pages.coverage.agree import count_comparable
from parity.pages.coverage.metric_driven import MetricDriven
from parity.pages.coverage.reference import TOTAL, UPDATES_PER_EPOCH
from parity.pages.coverage.row import LR, Row
from parity.port import PortError, plateau, read_text
from parity.port.read import MULTIPLYING
from parity.port.read.literal import parse_call


class ReadDifferentlyError(RuntimeError):
    """Raised when `port` reads other rates than those of the table."""


def read_back(row: Row, source: str) -> Schedule | MetricDriven | None:
    """Return the schedule that `port` reads from a row's constructor; None if `port` refuses it.

    Raises ReadDifferentlyError if its rates are not those of the row, or if the row is not expressible.
    """
    try:
        if isinstance(row.schedule, MetricDriven) and source not in plateau.READERS:
            return None
        if isinstance(row.schedule, MetricDriven):
            schedule = MetricDriven(plateau=plateau.read_call(parse_call(row.call), source, LR).plateau)
        else:
            schedule = read_text(row.call, source, lr=LR if source in MULTIPLYING else None,
                                 updates_per_epoch=UPDATES_PER_EPOCH, total=TOTAL).schedule
    except PortError:
        return None
    if row.schedule is None:
        raise ReadDifferentlyError(f"{row.call}: not expressible ({row.refused}), but `port` reads {schedule!r}")
    n = count_comparable(row)
    read, expected = lrs(schedule, n), lrs(row.schedule, n)
    if np.any(np.abs(read - expected) > 8 * 2.0**-53 * np.maximum.accumulate(expected)):
        t = int(np.argmax(np.abs(read - expected)))
        raise ReadDifferentlyError(f"{row.call}: `port` reads {read[t]!r} at update {t}, the table has {expected[t]!r}")
    return schedule
