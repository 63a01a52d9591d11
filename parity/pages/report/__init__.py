"""What was measured, to look at: python -m parity report --out FOLDER."""
