"""The mixture of Welling and Teh 2011, section 5.1: its data, its posterior on a grid, and shares of samples.

theta1 ~ N(0, 10), theta2 ~ N(0, 1), and each point x ~ N(theta1, 2) / 2 + N(theta1 + theta2, 2) / 2, with variances in
the second place. The posterior of 100 points is a formula up to its factor, which the sum over the grid gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from frameworks.schedule import PowerLaw

#: The number of points, and the updates of the paper: one point each, 10,000 sweeps.
POINTS, SWEEPS = 100, 10_000
#: From .01 to .0001 over the paper's updates, gamma .55.
SCHEDULE = PowerLaw(base_lr=0.01, power=0.55, timescale=POINTS * SWEEPS / (100 ** (1 / 0.55) - 1))
#: The bounds of the cells in which shares are compared, of theta1 and of theta2.
BOUNDS: Any = np.linspace(-1.5, 2.5, 21), np.linspace(-3, 3, 21)
#: The grid's points in a cell, along each side.
FINE = 10


def draw_points(seed: int) -> np.ndarray:
    """Return the data, float64, shape (100,): drawn with theta1 = 0 and theta2 = 1."""
    random = np.random.default_rng((seed, 0))
    return random.integers(0, 2, POINTS) + 2**0.5 * random.standard_normal(POINTS)


def draw_first(seed: int, chains: int) -> np.ndarray:
    """Return the first means of each chain, float64, shape (2, chains), drawn from the prior."""
    return np.random.default_rng((seed, 1)).standard_normal((2, chains)) * np.array([[10**0.5], [1.0]])


def draw_sweeps(seed: int, points: np.ndarray, chains: int, sweeps: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the points and the noise of each sweep: every chain sees each point once, in a different order."""
    for sweep in range(sweeps):
        random = np.random.default_rng((seed, 2, sweep))
        orders = random.permuted(np.tile(points, (chains, 1)), axis=1)
        yield np.ascontiguousarray(orders.T), random.standard_normal((len(points), 2, chains))


def compute_posterior(points: np.ndarray) -> np.ndarray:
    """Return the posterior's share of each cell, shape (20, 20); the cells hold all but a millionth of it."""
    first, second = (np.linspace(bounds[0], bounds[-1], FINE * (len(bounds) - 1) + 1) for bounds in BOUNDS)
    theta1, theta2 = ((grid[1:] + grid[:-1]) / 2 for grid in (first, second))
    mean, other = theta1[:, None], theta1[:, None] + theta2
    logs = -mean**2 / 20 - theta2**2 / 2
    for point in points:
        logs = logs + np.logaddexp(-(point - mean)**2 / 4, -(point - other)**2 / 4)
    density = np.exp(logs - logs.max())
    cells = tuple(len(bounds) - 1 for bounds in BOUNDS)
    return density.reshape(cells[0], FINE, cells[1], FINE).sum(axis=(1, 3)) / density.sum()


def compute_shares(samples: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Return the share of samples in each cell; the rest of 1 is outside.

    samples: shape (sweeps, 2, chains). rates: of each sweep, shape (sweeps,): the weights of the paper's equation 11.
    """
    weights = np.repeat(rates, samples.shape[2])
    counts, *_ = np.histogram2d(samples[:, 0].ravel(), samples[:, 1].ravel(), bins=BOUNDS, weights=weights)
    return counts / weights.sum()


def measure_distance(shares: np.ndarray, posterior: np.ndarray) -> float:
    """Return the total variation distance, from 0 to 1; samples outside the cells count as wrong."""
    return float(np.abs(shares - posterior).sum() + 1 - shares.sum()) / 2


def compute_below(shares: np.ndarray) -> float:
    """Return the share of the cells with theta2 < 0, the one mode."""
    return float(shares[:, BOUNDS[1][:-1] < -1e-9].sum())


def compute_interval(values: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a mean, by resampling the values 10,000 times."""
    chosen = np.random.default_rng(0).choice(values, (10_000, len(values)))
    low, high = np.quantile(chosen.mean(axis=1), (0.025, 0.975))
    return float(low), float(high)
