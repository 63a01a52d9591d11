"""Does a suite notice each small change of the specification and of the backends? python -m tests.harness.mutants"""
