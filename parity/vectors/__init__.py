"""The agreed sequences, for implementations in any language: README.md says how to read them."""
