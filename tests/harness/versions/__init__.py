"""Measures which releases apply the specified rates, each installed in a separate environment."""
