"""What `tox -e parity` runs: every backend against the specification."""
