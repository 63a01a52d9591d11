"""What `python -m parity port` reads a row's constructor as."""

from __future__ import annotations

import numpy as np

from frameworks.schedule import Schedule, lrs
from parity.pages.coverage.agree import comparable
from parity.pages.coverage.row import LR, Row
from parity.pages.coverage.told import Told
from parity.port import PortError, plateau, read_text
from parity.port.read.literal import parsed


class ReadDifferently(RuntimeError):
    """`port` reads other rates than the table says."""


def read_back(row: Row, source: str) -> Schedule | Told | None:
    """Return the schedule that is read, None if the constructor is refused.

    Raises ReadDifferently if it is read as other rates than the table has, or is read at all where it has none.
    """
    try:
        if isinstance(row.schedule, Told):
            found = Told(plateau=plateau.read_call(parsed(row.call), source, LR).plateau)
        else:
            found = read_text(row.call, source, lr=LR if source == "torch" else None).schedule
    except PortError:
        return None
    if row.schedule is None:
        raise ReadDifferently(f"{row.call}: refused here ({row.refused}), but it is read as {found!r}")
    n = comparable(row)
    read, said = lrs(found, n), lrs(row.schedule, n)
    if np.any(np.abs(read - said) > 8 * 2.0**-53 * np.maximum.accumulate(said)):
        t = int(np.argmax(np.abs(read - said)))
        raise ReadDifferently(f"{row.call}: update {t} is read as {read[t]!r}, said to be {said[t]!r}")
    return found
