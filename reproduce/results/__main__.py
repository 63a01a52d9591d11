"""The table of results: each run in results/ beside what the book's notebooks printed.

python -m reproduce.results writes it into reproduce/README.md; with --check it says whether that is current.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from statistics import mean
from typing import Any

from frameworks import FRAMEWORKS
from frameworks.arguments import Parser
from frameworks.blocks import with_block
from frameworks.generated import parsed, update
from reproduce.trainer.command import answered
from reproduce.trainer.errors import OutputError
from reproduce.trainer.experiment import VARIANTS
from reproduce.trainer.manifest import read_record
from reproduce.trainer.record import guesses

HERE = Path(__file__).parent
README, RUNS, PUBLISHED = HERE.parent / "README.md", HERE, HERE.parent / "book" / "published_runs.csv"
COMMAND = "python -m reproduce.results"
BEGIN, END = f"<!-- made by: {COMMAND} -->", "<!-- end of the results -->"
#: Today's settings.
ERA = "C"
DEAD = 2.3
MEASURES = ("train_loss", "test_accuracy")
HEADER = ("| variant | experiment | framework | train loss | published: mean, range | test accuracy | "
          "published: mean, range | at loss ln 10 |")


def published() -> dict[tuple[str, str], list[dict[str, str]]]:
    """The printed results of today's settings, by (experiment, framework)."""
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    with open(PUBLISHED, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["era"] == ERA and row["framework"] in FRAMEWORKS:
                found.setdefault((row["experiment"], row["framework"]), []).append(row)
    return found


def records(folder: Path = RUNS) -> list[dict[str, Any]]:
    """The finished runs, in the chapter's order. Raises OutputError for a file that is no record of one of these."""
    from reproduce.chapter import EXPERIMENTS

    names = [experiment.name for experiment in EXPERIMENTS]
    found = []
    for path in sorted(folder.glob("*/record.json")):
        record = read_record(path)
        if record["experiment"] not in names:
            raise OutputError(f"{path}: is of no experiment of the chapter: {record['experiment']!r}")
        found.append(record)
    return sorted((record for record in found if record["finished"] and not record["dry_run"]), key=lambda record: (
        VARIANTS.index(record["variant"]), names.index(record["experiment"]), FRAMEWORKS.index(record["framework"])))


def table(runs: list[dict[str, Any]], book: dict[tuple[str, str], list[dict[str, str]]]) -> str:
    """The table, as Markdown."""
    lines = [HEADER, "|" + " --- |" * (HEADER.count("|") - 1)]
    for record in runs:
        rows = book.get((record["experiment"], record["framework"]), [])
        alive = [row for row in rows if float(row["train_loss"]) < DEAD]
        cells = [record["variant"], record["experiment"], record["framework"]]
        for measure in MEASURES:
            cells += _beside(record["epochs"][-1][measure], [float(row[measure]) for row in alive])
        cells.append(_dead(record) + (f"; {len(rows) - len(alive)} of {len(rows)} runs" if rows else ""))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _beside(ours: float, theirs: list[float]) -> tuple[str, str]:
    """Our number, and theirs with the verdict: three decimals, as printed."""
    if not theirs:
        return f"{ours:.3f}", "not printed"
    inside = min(theirs) <= round(ours, 3) <= max(theirs)
    return f"{ours:.3f}", f"{mean(theirs):.3f}, {min(theirs):.3f} to {max(theirs):.3f}: {'in' if inside else 'out'}side"


def _dead(record: dict[str, Any]) -> str:
    """In how many epochs the loss was that of guessing; a run may wake up again."""
    guessing = sum(guesses(epoch["train_loss"]) for epoch in record["epochs"])
    text = f"{guessing} of {len(record['epochs'])} epochs" if guessing else "no"
    return f"**{text}**" if record["dead"] else text


def main(arguments: list[str] | None = None) -> int:
    """Write the table into the README, or say whether it is current."""
    parser = Parser(prog=COMMAND, description="Write the table of results into reproduce/README.md.")
    check = parsed(parser, arguments).check

    def write() -> int:
        text = with_block(README.read_text(encoding="utf-8"), table(records(), published()), BEGIN, END)
        return update({README.name: text}, README.parent, COMMAND, check=check)

    return answered(write)


if __name__ == "__main__":
    sys.exit(main())
