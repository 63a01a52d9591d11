"""Defines the record of a mistake that explains a difference."""

from __future__ import annotations

from dataclasses import dataclass

from parity.mistakes.catalogue import CATALOGUE

ROUNDING = "float32 rounding"


@dataclass(frozen=True)
class Cause:
    """A mistake that explains a difference.

    name: of the mistake.
    sentence: about {this}, which has the mistake, and {that}, which does not have it.
    """

    name: str
    sentence: str

    @property
    def read(self) -> str:
        """The file with more about the mistake, and words in that file."""
        file, words = CATALOGUE[self.name].read
        return f"{file}, {words or self.name!r}"
