"""The cases of reduce on plateau, read from plateau.toml."""

from __future__ import annotations

from frameworks.schedule import ReduceOnPlateau
from parity.cases import FOLDER, Record, read_records


class PlateauCase(Record):
    """The expected rates for a series of metrics, in every framework.

    plateau: as in a specification file.
    metrics: what it sees, one after another.
    falls: how many metrics have been seen when the rate is lower than before, worked by hand.
    """

    plateau: ReduceOnPlateau
    metrics: list[float]
    falls: list[int]


CASES = read_records(FOLDER / "plateau.toml", PlateauCase)
