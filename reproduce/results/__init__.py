"""Runs of the chapter's experiments, and the table that is made of them."""
