"""Proof that the three frameworks train the same thing: in float64 they stay together for 50 updates."""
