import numpy
import torch


def load_arrays(arrays_file, named_parameters, optimizer, next_rate):
    """named_parameters: of Gluon's names; next_rate: lr(num_update), not 0, what the next update applies."""
    arrays = numpy.load(arrays_file)
    for name, parameter in named_parameters.items():
        velocity = torch.from_numpy(arrays[name])  # transposed or permuted as the weight was
        optimizer.state[parameter]["momentum_buffer"] = velocity / -next_rate
    return int(arrays["num_update"])
