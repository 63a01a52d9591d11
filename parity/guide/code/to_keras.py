import numpy


def load_arrays(arrays_file, names, optimizer):
    """After optimizer.build(variables): names are Gluon's, in the order of the variables."""
    arrays = numpy.load(arrays_file)
    optimizer.iterations.assign(arrays["num_update"])
    for name, velocity in zip(names, optimizer.momentums):
        velocity.assign(arrays[name])  # transposed or permuted as the weight was
