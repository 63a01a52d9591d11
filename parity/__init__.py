"""Proof, from what optimizers did to their weights, that every backend applies the specified rates."""
