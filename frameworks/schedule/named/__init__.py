"""Defines composed kinds: frequent compositions of other kinds, under their usual names.

No back end has functions for them.
"""

from frameworks.schedule.named.base import Named, expand

__all__ = ["Named", "expand"]
