"""Accuracy, loss and calibration of predicted probabilities."""

from __future__ import annotations

from collections.abc import Sequence

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


def measure_samples(samples: Sequence[np.ndarray], rates: Sequence[float], labels: np.ndarray,
                    ) -> dict[str, dict[str, float]]:
    """Return the measures of each of `PREDICTIONS`.

    samples: the probabilities of each sample, shape (n, classes). rates: of the update that made each sample: the
    weights of Welling and Teh 2011, equation 11. labels: int64, shape (n,).
    """
    return {"last": measure_predictions(samples[-1], labels),
            "average": measure_predictions(np.average(samples, axis=0), labels),
            "weighted": measure_predictions(np.average(samples, axis=0, weights=rates), labels)}
