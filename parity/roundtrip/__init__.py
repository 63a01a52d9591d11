"""Round trips: native constructors and specifications, written and read again: python -m parity.roundtrip."""
