"""Runs every back end against the specification: `tox -e parity`."""
