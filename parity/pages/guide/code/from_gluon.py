import pickle

import numpy


def save_arrays(states_file, trainer_parameters, arrays_file):
    """After trainer.save_states(states_file): the parameters in the order in which the Trainer has them."""
    with open(states_file, "rb") as file:
        states, optimizer = pickle.load(file)  # it runs what the file says: your own files only
    if type(optimizer).__name__ != "SGD" or any(isinstance(state, tuple) for state in states.values()):
        raise ValueError(f"only SGD without multi_precision is carried over, got {type(optimizer).__name__}")
    arrays = {trainer_parameters[index].name: state.asnumpy() for index, state in states.items() if state is not None}
    numpy.savez(arrays_file, num_update=optimizer.num_update, **arrays)
