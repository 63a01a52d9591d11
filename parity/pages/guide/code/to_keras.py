"""Load the state of Gluon's SGD into Keras'."""

import numpy


def load_arrays(arrays_file, names, optimizer):
    """Call after optimizer.build(model.trainable_variables); names: Gluon's, in the order of these variables."""
    arrays = dict(numpy.load(arrays_file))
    optimizer.iterations.assign(arrays.pop("num_update"))
    velocities = dict(zip(names, optimizer.momentums))
    for name, velocity in arrays.items():
        velocities[name].assign(velocity)  # transposed or permuted as the weight was
