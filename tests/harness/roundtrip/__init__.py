"""Writes and reads constructors and specifications in round trips: python -m tests.harness.roundtrip."""
