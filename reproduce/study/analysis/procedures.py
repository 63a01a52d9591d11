"""Applies the protocol's statistical procedures, as scipy and statsmodels implement them.

Those for means take one sample, or many at once: an array with one sample per column.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from scipy import stats  # pyright: ignore[reportMissingImports]
from statsmodels.stats import (  # pyright: ignore[reportMissingImports]
    contingency_tables,
    multitest,
    proportion,
    weightstats,
)

#: The level of every test.
ALPHA = 0.05
#: How many permutations a permutation test draws.
PERMUTATIONS = 9999


class Difference(NamedTuple):
    """A difference of means with its tests.

    size: number of pairs, or of the first of two samples.
    mean: the difference, None without a value.
    interval: of 95 %, None below two values.
    narrow: the interval of 90 %, which lies within the tolerance where TOST succeeds.
    p: of the two-sided t test.
    p_equivalence: of TOST, the larger of its two; None without a tolerance.
    spread: the standard deviation of paired differences.
    """

    size: int
    mean: float | None = None
    interval: tuple[float, float] | None = None
    narrow: tuple[float, float] | None = None
    p: float | None = None
    p_equivalence: float | None = None
    spread: float | None = None


def compute_paired_p(differences: Any) -> Any:
    """Return p of the two-sided t test that the mean of paired differences is 0."""
    return weightstats.DescrStatsW(differences).ttest_mean(0)[1]


def compute_equivalence_p(differences: Any, tolerance: float) -> Any:
    """Return p of TOST that the mean of paired differences is within the tolerance."""
    return weightstats.DescrStatsW(differences).ttost_mean(-tolerance, tolerance)[0]


def compute_interval(differences: Any, alpha: float = ALPHA) -> Any:
    """Return the ends of the t interval of the mean of paired differences. alpha: 1 minus the level (default: .05)."""
    return weightstats.DescrStatsW(differences).tconfint_mean(alpha=alpha)


def compute_welch_p(ours: Any, others: Any, tolerance: float) -> Any:
    """Return p of Welch's TOST that the means of two samples are within the tolerance of each other."""
    return weightstats.CompareMeans.from_data(ours, others).ttost_ind(-tolerance, tolerance, usevar="unequal")[0]


def compute_permutation_p(ours: Any, others: Any, tolerance: float, permutations: int = PERMUTATIONS) -> Any:
    """Return p of the same TOST by permutation: the runs change their samples, Welch's t is the statistic.

    permutations: how many are drawn, with seed 0, the same ones for all samples (default: 9,999).
    """
    places = np.split(np.arange(len(ours) + len(others)), [len(ours)])
    sides = [np.concatenate([sign * np.asarray(ours) + tolerance, sign * np.asarray(others)]) for sign in (1, -1)]
    return np.maximum(*(stats.permutation_test(
        places, partial(_compute_welch_t, side - side.mean(0)), vectorized=True, n_resamples=permutations,
        alternative="greater", rng=np.random.default_rng(0)).pvalue for side in sides))


def _compute_welch_t(values: Any, first: Any, second: Any, axis: int) -> Any:
    """Return Welch's t of two samples, whose values are at these places; of many samples, one in each column.

    It is rounded, so that equal ones compare as equal. axis: of the places, the last.
    """
    sizes, chosen = (first.shape[axis], second.shape[axis]), np.zeros((*first.shape[:-1], len(values)))
    np.put_along_axis(chosen, first, 1, axis)
    sums, squares = chosen @ values, chosen @ values**2
    means = sums / sizes[0], (values.sum(0) - sums) / sizes[1]
    others = squares / sizes[0], ((values**2).sum(0) - squares) / sizes[1]
    errors = [(square - mean**2) / (size - 1) for square, mean, size in zip(others, means, sizes)]
    with np.errstate(divide="ignore", invalid="ignore"):  # samples without spread
        return np.nan_to_num(np.round((means[0] - means[1]) / np.sqrt(sum(errors)), 9), posinf=1e9, neginf=-1e9)


def compare_pairs(differences: Sequence[float], tolerance: float | None) -> Difference:
    """Return the mean of paired differences, with intervals, t test and TOST.

    tolerance: of TOST, None for no TOST. Equal differences have no spread: their interval is one number.
    """
    values = np.asarray(differences, float)
    if values.size == 0:
        return Difference(0)
    mean = float(values.mean())
    if values.size == 1:
        return Difference(1, mean)
    if np.ptp(values) == 0:
        point = (float(values[0]), float(values[0]))
        return Difference(values.size, point[0], point, point, float(point[0] == 0),
                          None if tolerance is None else float(abs(point[0]) >= tolerance), 0.0)
    return Difference(values.size, mean, _pair(compute_interval(values)), _pair(compute_interval(values, 2 * ALPHA)),
                      float(compute_paired_p(values)),
                      None if tolerance is None else float(compute_equivalence_p(values, tolerance)),
                      float(values.std(ddof=1)))


def compare_samples(ours: Sequence[float], others: Sequence[float], tolerance: float) -> Difference:
    """Return our mean minus the others': intervals and t test by Welch, TOST by permutation; none with one of ours."""
    if len(ours) < 2:
        return Difference(len(ours), float(np.mean(ours) - np.mean(others)) if ours else None)
    both = weightstats.CompareMeans.from_data(np.asarray(ours, float), np.asarray(others, float))
    return Difference(len(ours), float(np.mean(ours) - np.mean(others)),
                      _pair(both.tconfint_diff(alpha=ALPHA, usevar="unequal")),
                      _pair(both.tconfint_diff(alpha=2 * ALPHA, usevar="unequal")),
                      float(both.ttest_ind(usevar="unequal")[1]),
                      float(compute_permutation_p(ours, others, tolerance)))


def correct(ps: Sequence[float]) -> list[float]:
    """Return the p values after Holm's correction over them."""
    return [float(p) for p in multitest.multipletests(np.asarray(ps, float), method="holm")[1]] if len(ps) else []


def correct_partly(ps: Sequence[float | None]) -> list[tuple[float, float]]:
    """Return the smallest and the largest p value that Holm's correction can give while some are unknown.

    ps: None for a test that cannot be made yet. The smallest results if all of these are 0, the largest if they are 1.
    """
    bounds = [correct([unknown if p is None else p for p in ps]) for unknown in (0.0, 1.0)]
    return list(zip(*bounds))


@cache
def compute_mcnemar_p(only_first: int, only_second: int) -> float:
    """Return p of the exact McNemar test. only_first: pairs in which the event is in the first arm alone."""
    return float(contingency_tables.mcnemar([[0, only_first], [only_second, 0]], exact=True).pvalue)


@cache
def compute_fisher_p(events: int, count: int, other_events: int, other_count: int) -> float:
    """Return p of Fisher's exact test of two shares."""
    table = [[events, count - events], [other_events, other_count - other_events]]
    return float(stats.fisher_exact(table).pvalue)


def compute_smirnov_p(ours: Any, others: Any) -> float:
    """Return p of the two-sample Kolmogorov-Smirnov test; 1 without a value of ours."""
    return 1.0 if not len(ours) else float(stats.ks_2samp(ours, others).pvalue)


@cache
def compute_share_interval(events: int, count: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    return _pair(proportion.proportion_confint(events, count, alpha=ALPHA, method="wilson"))


def simulate_power(spread: float, size: int, tolerance: float, simulations: int = 2000) -> float:
    """Return the simulated power of paired TOST without a difference, from normal differences of this spread.

    size: number of pairs. simulations: their number (default: 2000), with seed 0.
    """
    differences = np.random.default_rng(0).normal(0, spread, (size, simulations))
    return float(np.mean(compute_equivalence_p(differences, tolerance) < ALPHA))


def speed_up_corrections() -> None:
    """Exempt all present objects from garbage collection, which each call of statsmodels' correction starts."""
    gc.freeze()


def _pair(ends: Any) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])
