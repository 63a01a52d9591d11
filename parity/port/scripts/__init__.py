"""Writes whole runs, which run files describe, as training scripts."""
