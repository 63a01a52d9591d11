"""Everything that decides a run, from NumPy and one seed: first weights, and the order of the batches.

No framework's random numbers are used, so a run is the same experiment in each of them.
"""

from __future__ import annotations

import numpy as np

#: Images per update, and updates per epoch of 60,000 images; the last batch has the 96 that are left.
BATCH = 256
EPOCH = 235

#: The parameters of LeNet in their canonical layout: convolutions (out, in, height, width), dense layers (out, in).
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
