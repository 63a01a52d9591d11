"""Measures all cases and writes a report of them: python -m parity report --out FOLDER."""
