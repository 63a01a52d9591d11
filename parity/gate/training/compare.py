"""How far two frameworks' numbers are apart, and where they part."""

from __future__ import annotations

import numpy as np

#: Relative: of logits, of each gradient, of each loss, of each weight afterwards; and of a float32 loss.
LOGITS, GRADIENTS, LOSSES, WEIGHTS, LOSSES32 = 1e-12, 1e-11, 1e-9, 1e-8, 1e-4


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference of two arrays, relative to the largest number of the first; inf if one is no number."""
    difference = np.abs(one - other).max() / np.abs(one).max()
    return float(difference) if np.isfinite(difference) else float("inf")


def parts_at(one: list[float], other: list[float], tolerance: float = LOSSES) -> int | None:
    """The first update whose losses differ by more than a tolerance, relatively; None if there is none."""
    if len(one) != len(other):
        raise ValueError(f"{len(one)} losses against {len(other)}")
    found = (at for at, (a, b) in enumerate(zip(one, other, strict=True)) if not abs(a - b) <= tolerance * abs(a))
    return next(found, None)
