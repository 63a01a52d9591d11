"""Round trips: native constructors and specifications, written and read again: python -m tests.harness.roundtrip."""
