"""Mistakes that people make, as data: the gate makes each of them and must reject it."""
