"""Computes the rates that an optimizer applied from the changes of its weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: The shapes of the observed parameters, and the gradient that every element of each one has. The weights are 0 before
#: an update, so after one of plain SGD a weight is minus rate times gradient; as the gradients are powers of two,
#: dividing by them is exact.
SHAPES = ((1,), (2, 3), (2, 1, 2))
GRADIENTS = (1.0, -2.0, 4.0)
#: Updates that a framework makes at once: its objects for one need a hundred times the memory of its rates.
CHUNK = 10_000
SIZES = tuple(int(np.prod(shape)) for shape in SHAPES)


@dataclass(frozen=True)
class Observation:
    """The rates of `n` updates.

    applied: float32, shape (n, 11), the rate of each element of the parameters of `SHAPES`, in their order.
    reported: float64, shape (n,), the rate that the framework reports.
    """

    applied: np.ndarray
    reported: np.ndarray

    @classmethod
    def from_weights(cls, weights: np.ndarray, reported: list[float] | np.ndarray) -> Observation:
        """Take the rates from the weights after each update: float32, shape (n, 11)."""
        gradients = np.repeat(np.array(GRADIENTS, np.float32), SIZES)
        applied = weights / -gradients
        applied += np.float32(0)  # without the sign of a zero
        return cls(applied, np.asarray(reported, np.float64))


def format_bits(rate: float | np.floating) -> str:
    """Return a rate's float32 bits as eight hexadecimal digits.

    >>> format_bits(0.3)
    '3e99999a'
    """
    return f"{np.float32(rate).view(np.uint32):08x}"


def parse_bits(digits: list[str]) -> np.ndarray:
    """Return the float32 rates whose bits are given as hexadecimal digits.

    >>> parse_bits(["3e99999a", "00000000"]).tolist()
    [0.30000001192092896, 0.0]
    """
    return np.array([int(text, 16) for text in digits], np.uint32).view(np.float32)
