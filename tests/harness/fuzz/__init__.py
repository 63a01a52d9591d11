"""Reads damaged and hostile files as the commands do: python -m tests.harness.fuzz --cases 5000 --seed 0"""
