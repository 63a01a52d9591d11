"""Samples in a framework, and compares the samples with the posterior."""

from __future__ import annotations

from argparse import Namespace
from importlib import import_module
from typing import Any

import numpy as np

from frameworks import backend, quiet, version
from frameworks.schedule import Schedule
from frameworks.weights import compute_digest
from reproduce.exercises.sgld import posterior


def sample(framework: str, schedule: Schedule, seed: int, chains: int, sweeps: int, noise: float = 1.0) -> np.ndarray:
    """Return the means after each sweep, float64, shape (sweeps, 2, chains).

    noise: multiplies the noise, so anything but 1 is a mistake (default: 1).
    """
    quiet()
    backend(framework)
    points = posterior.draw_points(seed)
    given = ((some, noise * normal) for some, normal in posterior.draw_sweeps(seed, points, chains, sweeps))
    yielded = import_module(f"frameworks.{framework}.langevin").sample_mixture(
        schedule, posterior.draw_first(seed, chains), len(points), given)
    return np.array(list(yielded))


def measure(samples: np.ndarray, rates: np.ndarray, seed: int) -> dict[str, Any]:
    """Return the distances of samples from the posterior of a seed's data.

    together: of all chains. mean, interval: the mean of the chains with its 95 % interval. independent: of as many
    independent draws as there are samples of all chains. below, posterior_below: the shares with theta2 < 0.
    samples: shape (sweeps, 2, chains). rates: of each sweep.
    """
    expected = posterior.compute_posterior(posterior.draw_points(seed))
    chains = [samples[:, :, [chain]] for chain in range(samples.shape[2])]
    shares, *others = (posterior.compute_shares(part, rates) for part in (samples, *chains))
    each = [posterior.measure_distance(other, expected) for other in others]
    drawn = np.random.default_rng((seed, 3)).multinomial(samples[:, 0].size, expected.ravel() / expected.sum())
    return {"together": posterior.measure_distance(shares, expected), "mean": float(np.mean(each)),
            "interval": posterior.compute_interval(np.array(each)),
            "independent": posterior.measure_distance(drawn.reshape(expected.shape) / drawn.sum(), expected),
            "below": posterior.compute_below(shares), "posterior_below": posterior.compute_below(expected)}


def build_record(chosen: Namespace, samples: np.ndarray, schedule: Schedule) -> dict[str, Any]:
    """Return the options, and `distances` by part of the run: from one sweep to another."""
    end = len(samples)
    rates = np.array([schedule.lr(posterior.POINTS * sweep - 1) for sweep in range(1, end + 1)])
    parts = [(0, end), (0, end // 10), (end // 10, end), (end // 2, end)]
    distances = [{"from": first, "to": last, **measure(samples[first:last], rates[first:last], chosen.seed)}
                 for first, last in parts if first < last]
    return {"framework": chosen.framework, "version": version(chosen.framework), "seed": chosen.seed,
            "dry_run": chosen.dry_run, "chains": chosen.chains, "sweeps": end, "updates": posterior.POINTS * end,
            "schedule": schedule.model_dump(), "samples_sha256": compute_digest([samples]), "distances": distances}
