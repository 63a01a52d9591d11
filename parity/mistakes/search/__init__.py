"""Finds the known mistake that makes one sequence of rates from another: tries each mistake, anywhere in a schedule."""
