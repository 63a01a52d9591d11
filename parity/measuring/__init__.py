"""Measures the rates that an optimizer applied from its weights, and compares them with the specified ones."""
