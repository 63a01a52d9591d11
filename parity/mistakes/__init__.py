"""Wrong on purpose: mistakes that people make, which the gate must reject."""
