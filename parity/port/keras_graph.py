"""Finds where compiled code of Keras divides updates otherwise: t / n becomes t * (1 / n) in float32."""

from __future__ import annotations

import numpy as np

#: Beyond this length the float32 of t itself is not exact after 16 cycles.
_LONGEST = 2**20
CYCLES = 1000
#: What happens to drops, and to cosine cycles that restart.
DROPS = ("the rate before the drop still applies", "the rate after the drop already applies")
RESTARTS = ("the cycle before is at its end for one update more", "the next cycle has begun already")


def describe_division(every: int, late: str, early: str) -> str:
    """Return a sentence that names the updates at which compiled code, as in every fit, applies another rate.

    every: length of a cycle, in updates. late, early: what happens at an update whose cycle is counted one too low, or
    one too high. "" if there is no such update in the first 1,000 cycles.
    """
    if every > _LONGEST:
        return ""
    counts = np.arange(1, CYCLES + 1)
    ends, share = counts * every, np.float32(1) / np.float32(every)
    cases = ((ends[np.floor(ends.astype(np.float32) * share) < counts], late),
             (ends[np.floor((ends - 1).astype(np.float32) * share) >= counts] - 1, early))
    parts = []
    for updates, what in cases:
        if len(updates):
            shown = ", ".join(map(str, updates[:3])) + (" and others" if len(updates) > 3 else "")
            parts.append(f"{what} at {'update' if len(updates) == 1 else 'updates'} {shown}")
    return (f"In compiled code, as in every fit, t / {every} becomes t * (1 / {every}) in float32: "
            f"{'; '.join(parts)}." if parts else "")
