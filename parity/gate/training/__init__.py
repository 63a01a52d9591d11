"""Proves that the three frameworks make the same training: in float64 they agree for 50 updates."""
