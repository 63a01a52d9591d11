"""Measures how far the numbers of two frameworks are apart, and from which update on."""

from __future__ import annotations

import numpy as np

#: Relative tolerances: of logits, each gradient, each loss, each final weight; and of a float32 loss.
LOGITS, GRADIENTS, LOSSES, WEIGHTS, LOSSES32 = 1e-12, 1e-11, 1e-9, 1e-8, 1e-4


def compute_distance(first: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference of two arrays, relative to the largest number of the first; inf if it is nan."""
    difference = np.abs(first - other).max() / np.abs(first).max()
    return float(difference) if np.isfinite(difference) else float("inf")


def find_first_difference(first: list[float], other: list[float], tolerance: float = LOSSES) -> int | None:
    """Return the first update whose losses differ by more than a relative tolerance; None if all agree."""
    if len(first) != len(other):
        raise ValueError(f"{len(first)} losses against {len(other)}")
    differing = (at for at, (a, b) in enumerate(zip(first, other, strict=True)) if not abs(a - b) <= tolerance * abs(a))
    return next(differing, None)
