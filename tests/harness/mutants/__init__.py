"""Checks that tests notice small changes of the specification and the backends: python -m tests.harness.mutants"""
