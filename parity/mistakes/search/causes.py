"""Defines the record of a mistake that explains a difference."""

from __future__ import annotations

from dataclasses import dataclass

from parity.mistakes.catalogue import CATALOGUE
from parity.mistakes.record import Mistake
from parity.mistakes.trainings import TRAININGS

#: Every mistake that `explain` can name, in the order in which it prints them.
KNOWN: dict[str, Mistake] = {**CATALOGUE, **TRAININGS}
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
        file, words = KNOWN[self.name].read
        return f"{file}, {words or self.name!r}"
