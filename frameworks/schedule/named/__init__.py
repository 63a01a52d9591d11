"""The named kinds: compositions of other kinds, under the names that people use. No backend has a function for them."""

from frameworks.schedule.named.base import Named, expanded

__all__ = ["Named", "expanded"]
