"""Everything that decides a run, from NumPy and one seed: first weights, and the order of the batches.

No framework's random numbers are used, so a run is the same experiment in each of them.
"""

from __future__ import annotations

import numpy as np

from frameworks.canonical import SHAPES

#: Images per update, and updates per epoch of 60,000 images; the last batch has the 96 that are left.
BATCH = 256
EPOCH = 235


def first_weights(seed: int) -> dict[str, np.ndarray]:
    """Return the weights a run starts from, float32: uniform within sqrt(6 / (fan_in + fan_out)), biases 0.

    That is mxnet's `init.Xavier()` and Keras' "glorot_uniform".
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


def batches(seed: int, epoch: int, images: int) -> list[np.ndarray]:
    """Return the indices of the images of each batch of an epoch, int64: each image once, in a new order each time."""
    order = np.random.default_rng((seed, 1 + epoch)).permutation(images)
    return [order[start:start + BATCH] for start in range(0, images, BATCH)]


def fixed_batches(seed: int, epoch: int, images: int) -> list[np.ndarray]:
    """Return the batches of the book's TensorFlow tab: it makes them once, in the files' order, and shuffles them."""
    made = [np.arange(start, min(start + BATCH, images)) for start in range(0, images, BATCH)]
    return [made[index] for index in np.random.default_rng((seed, 1 + epoch)).permutation(len(made))]
