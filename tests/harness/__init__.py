"""Fuzzing, mutants, kill runs and benchmarks; they are part of the clone, not of the package."""
