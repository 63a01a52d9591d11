"""Write the state of Gluon's SGD as plain arrays."""

import pickle

import numpy


def save_arrays(states_file, trainer_parameters, arrays_file):
    """Convert the file of trainer.save_states; trainer_parameters: in the Trainer's order."""
    with open(states_file, "rb") as file:
        states, optimizer = pickle.load(file)  # runs code from the file: load only files that you trust
    if type(optimizer).__name__ != "SGD" or any(isinstance(state, tuple) for state in states.values()):
        raise ValueError(f"only SGD without multi_precision is supported, got {type(optimizer).__name__}")
    arrays = {trainer_parameters[index].name: state.asnumpy() for index, state in states.items() if state is not None}
    numpy.savez(arrays_file, num_update=optimizer.num_update, **arrays)
