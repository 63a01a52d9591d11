"""Defines the known mistakes as data: the gate makes each of them, and must reject it."""
