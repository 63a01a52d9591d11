"""Load the state of Gluon's SGD into torch's."""

import numpy
import torch


def load_arrays(arrays_file, named_parameters, optimizer, next_rate):
    """named_parameters: by Gluon's names; next_rate: lr(num_update), the rate of the next update, not 0."""
    arrays = dict(numpy.load(arrays_file))
    num_update = int(arrays.pop("num_update"))
    for name, velocity in arrays.items():
        velocity = torch.from_numpy(velocity)  # transposed or permuted as the weight was
        optimizer.state[named_parameters[name]]["momentum_buffer"] = velocity / -next_rate
    return num_update
