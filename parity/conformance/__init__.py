"""Checks implementations from outside this project against the cases of the gate, with the plug-in protocol."""
