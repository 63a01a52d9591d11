"""Formats the closing table of the gate: schedule, compared updates, the classes used in each framework, difference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from frameworks import FRAMEWORKS
from parity.cases import CASES
from parity.measuring.compare import Comparison

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN = "<!-- made by: tox -e parity -- --write-table -->"
END = "<!-- end of the parity summary -->"
PAGE = README.parent / "parity" / "CASES.md"
HEAD = f"""# Every case, and what was measured

{BEGIN}

The cases of [parity/cases](cases/README.md), each applied by three optimizers and compared bit for bit with the
specified rates. A framework's column names the built-in classes that computed them; "custom" is the code of this
project's back end.
"""


@dataclass(frozen=True)
class Measured:
    """One cell of the table.

    comparison: of the applied rates with the specified ones.
    built_in: the framework's built-in classes that computed the rates.
    """

    comparison: Comparison
    built_in: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(self.built_in) or "custom"


def build_cases_page(measured: dict[tuple[str, str], Measured]) -> str:
    """Return the page of all cases, parity/CASES.md, from what was measured."""
    shown = {name: case.description for name, case in CASES.items()}
    return f"{HEAD}\n{build_closing_table(measured, ('what it shows', shown))}\n"


def build_closing_table(measured: dict[tuple[str, str], Measured],
                        more: tuple[str, dict[str, str]] | None = None) -> str:
    """Format the measurements as a Markdown table, a row for each case.

    measured: by case and framework. more: the title and the cells, by case, of a last column (default: none).
    """
    head = ("schedule", "updates", *FRAMEWORKS, "first difference", *([more[0]] if more else []))
    rows: list[tuple[str, ...]] = [head]
    for case in CASES:
        cells = [measured.get((case, framework)) for framework in FRAMEWORKS]
        compared = {cell.comparison.updates for cell in cells if cell}
        different = [f"{framework}: {cell.comparison.first}" for framework, cell in zip(FRAMEWORKS, cells)
                 if cell and cell.comparison.first]
        if compared:
            classes = [str(cell) if cell else "not compared" for cell in cells]
            rows.append((case, "/".join(map(str, sorted(compared))), *classes, "; ".join(different) or "none",
                         *([more[1][case]] if more else [])))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join([build_summary(measured), "", *lines])


def build_summary(measured: dict[tuple[str, str], Measured]) -> str:
    """Return one sentence with all numbers."""
    comparisons = [cell.comparison for cell in measured.values()]
    return (f"{len({case for case, _ in measured})} schedules in {len({name for _, name in measured})} frameworks, "
            f"{sum(c.updates for c in comparisons):,} updates of 3 parameters compared bit for bit: "
            f"{sum(c.first is not None for c in comparisons)} differences, "
            f"{sum(c.edges for c in comparisons)} rates that needed the tolerance, "
            f"{sum(c.outside for c in comparisons)} outside the contract.")
