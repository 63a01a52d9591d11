"""Finds the schedulers of a script, with their optimizers, by reading its source. Nothing of it is run."""
