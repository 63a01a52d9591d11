"""What is told of a mistake that was found."""

from __future__ import annotations

from dataclasses import dataclass

from parity.mistakes.catalogue import CATALOGUE

ROUNDING = "float32 rounding"


@dataclass(frozen=True)
class Cause:
    """A mistake by name, and what happened, in a sentence about {this} side, which makes it, and {that}, which not."""

    name: str
    sentence: str

    @property
    def read(self) -> str:
        """The file that says more, and words in it."""
        file, words = CATALOGUE[self.name].read
        return f"{file}, {words or self.name!r}"
