"""Runs of the chapter's experiments, and the table of their results."""
