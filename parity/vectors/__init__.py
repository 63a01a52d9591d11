"""Writes and checks the test vectors, for implementations in any language. README.md explains how to read them."""
