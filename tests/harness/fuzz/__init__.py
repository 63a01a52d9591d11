"""Damaged and hostile files, read as the commands read them: python -m tests.harness.fuzz --cases 5000 --seed 0"""
