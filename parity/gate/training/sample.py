"""Reads the first images of Fashion-MNIST's training set, kept here for the gate: `python -m tests.harness.sample`.

Fashion-MNIST is Zalando Research's, under the MIT licence (https://github.com/zalandoresearch/fashion-mnist).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from frameworks.weights import compute_digest

#: uint8 images of shape (n, 28, 28), and labels of shape (n,), compressed by NumPy.
PATH = Path(__file__).with_name("sample.npz")
IMAGES = 1280
SHA256 = "a384cc129f9fa48111364e45bae18ead1e27ce45fd7cd031a692342e63dfccb1"


def sample(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images, each pixel a byte / 255 of type `dtype`, and the labels, int64. Raises ValueError."""
    with np.load(PATH) as kept:
        images, labels = kept["images"], kept["labels"]
    if compute_digest([images, labels]) != SHA256:
        raise ValueError(f"{PATH.name}: expected SHA-256 {SHA256}, found {compute_digest([images, labels])}")
    return (images / 255).astype(dtype), labels.astype(np.int64)
