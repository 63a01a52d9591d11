"""Runs an experiment: data, batches, checkpoints, records, figures."""
