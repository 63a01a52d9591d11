import pickle

import numpy


def save_arrays(states_file, trainer_parameters, arrays_file):
    """After trainer.save_states(states_file): the parameters in the order in which the Trainer has them."""
    with open(states_file, "rb") as file:
        states, optimizer = pickle.load(file)  # it runs what the file says: your own files only
    velocities = {parameter.name: states[index].asnumpy() for index, parameter in enumerate(trainer_parameters)}
    numpy.savez(arrays_file, num_update=optimizer.num_update, **velocities)
