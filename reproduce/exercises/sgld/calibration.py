"""Accuracy, loss and calibration of predicted probabilities."""

from __future__ import annotations

import numpy as np

#: The classes of confidence of the expected calibration error.
BINS = 15


def measure_calibration(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    """Return the expected calibration error, from 0 to 1: confidence minus accuracy, averaged over bins of confidence.

    probabilities: shape (n, classes). labels: int64, shape (n,). bins: of equal width (default: 15).
    Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599, equation 3.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(places, weights=confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def measure_predictions(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return accuracy, mean cross-entropy (nats) and expected calibration error."""
    given = probabilities[np.arange(len(labels)), labels]
    return {"accuracy": float(np.mean(probabilities.argmax(axis=1) == labels)),
            "loss": float(-np.log(np.maximum(given, 1e-300)).mean()),
            "calibration_error": measure_calibration(probabilities, labels)}
