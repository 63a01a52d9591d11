"""LeNet's parameters in the layout that all frameworks convert from and to: their first values, and fingerprints."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

#: Convolutions (out, in, height, width), dense layers (out, in).
SHAPES = {
    "convolution1.weight": (6, 1, 5, 5),
    "convolution1.bias": (6,),
    "convolution2.weight": (16, 6, 5, 5),
    "convolution2.bias": (16,),
    "dense1.weight": (120, 400),
    "dense1.bias": (120,),
    "dense2.weight": (84, 120),
    "dense2.bias": (84,),
    "dense3.weight": (10, 84),
    "dense3.bias": (10,),
}
#: For each sweep of a sampling, the indices of the images of each batch, and normal noise for each weight.
Sweeps = Iterable[Iterable[tuple[np.ndarray, list[np.ndarray]]]]


def compute_digest(arrays: Iterable[np.ndarray]) -> str:
    """Return the SHA-256, in hexadecimal, of the arrays' bytes one after another: C order, little-endian."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def draw_first_weights(seed: int) -> dict[str, np.ndarray]:
    """Return the weights a run starts from, float32: uniform within sqrt(6 / (fan_in + fan_out)), biases 0.

    mxnet's `init.Xavier()` and Keras' "glorot_uniform" draw from this distribution.
    """
    random = np.random.default_rng((seed, 0))
    weights = {}
    for name, shape in SHAPES.items():
        if len(shape) == 1:
            weights[name] = np.zeros(shape, np.float32)
        else:
            receptive = int(np.prod(shape[2:]))
            bound = np.sqrt(6 / ((shape[0] + shape[1]) * receptive))
            weights[name] = random.uniform(-bound, bound, shape).astype(np.float32)
    return weights
