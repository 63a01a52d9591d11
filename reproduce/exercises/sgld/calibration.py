"""Accuracy, loss and calibration of predicted probabilities."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

#: The classes of confidence of the expected calibration error.
BINS = 15
#: The predictions that are measured, by their key in a record.
PREDICTIONS = {"last": "of the last sample", "average": "averaged, all samples alike",
               "weighted": "averaged, samples weighted with their rates"}


def measure_calibration(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the expected calibration error, from 0 to 1: confidence minus accuracy, averaged over bins of confidence.

    probabilities: shape (n, classes). labels: int64, shape (n,). The bins have equal widths.
    Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599, equation 3.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(places, weights=confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def measure_predictions(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return accuracy, mean cross-entropy (nats) and expected calibration error."""
    given = probabilities[np.arange(len(labels)), labels]
    return {"accuracy": float(np.mean(probabilities.argmax(axis=1) == labels)),
            "loss": float(-np.log(np.maximum(given, 1e-300)).mean()),
            "calibration_error": measure_calibration(probabilities, labels)}


def measure_samples(samples: Iterable[tuple[np.ndarray, float]], first: int, labels: np.ndarray,
                    ) -> dict[str, dict[str, float]]:
    """Return the measures of each of `PREDICTIONS`; memory does not grow with the number of samples.

    samples: the probabilities, shape (n, classes), and the rate of the update that made the sample: its weight, as in
        Welling and Teh 2011, equation 11.
    first: the first sample that is averaged, counted from 0, below the number of samples.
    labels: int64, shape (n,).
    """
    last, alike, weighted, count, weights = np.empty(0), np.zeros(1), np.zeros(1), 0, 0.0
    for number, (last, rate) in enumerate(samples):
        if number >= first:
            alike, weighted = alike + last, weighted + rate * last
            count, weights = count + 1, weights + rate
    return {"last": measure_predictions(last, labels), "average": measure_predictions(alike / count, labels),
            "weighted": measure_predictions(weighted / weights, labels)}
