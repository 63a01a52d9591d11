"""Writes the table of results: each run in results/ beside the published results of the book's notebooks.

python -m reproduce.results writes it into reproduce/README.md; --check reports whether it is current.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from statistics import mean
from typing import Any

from frameworks import FRAMEWORKS
from frameworks.arguments import Parser
from frameworks.blocks import replace_block
from frameworks.generated import parse_arguments, update
from reproduce.trainer.command import report_errors
from reproduce.trainer.errors import OutputError
from reproduce.trainer.experiment import VARIANTS
from reproduce.trainer.manifest import read_record
from reproduce.trainer.record import is_guessing

HERE = Path(__file__).parent
README, RUNS, PUBLISHED = HERE.parent / "README.md", HERE, HERE.parent / "book" / "published_runs.csv"
COMMAND = "python -m reproduce.results"
BEGIN, END = f"<!-- made by: {COMMAND} -->", "<!-- end of the results -->"
#: The era of today's settings in published_runs.csv.
ERA = "C"
#: A published train loss from here on is a run that ended without learning.
DEAD = 2.3
MEASURES = ("train_loss", "test_accuracy")
HEADER = ("| variant | experiment | framework | train loss | published: mean, range | test accuracy | "
          "published: mean, range | at loss ln 10 |")


def read_published() -> dict[tuple[str, str], list[dict[str, str]]]:
    """Return the published results of today's settings by (experiment, framework)."""
    results: dict[tuple[str, str], list[dict[str, str]]] = {}
    with open(PUBLISHED, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["era"] == ERA and row["framework"] in FRAMEWORKS:
                results.setdefault((row["experiment"], row["framework"]), []).append(row)
    return results


def list_learned(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the published results of runs that learned."""
    return [row for row in rows if float(row["train_loss"]) < DEAD]


def read_records(folder: Path = RUNS) -> list[dict[str, Any]]:
    """Return the records of the finished runs in the chapter's order.

    Raises OutputError for a file that is not a record of an experiment of the chapter.
    """
    from reproduce.chapter import EXPERIMENTS

    names = [experiment.name for experiment in EXPERIMENTS]
    runs = []
    for path in sorted(folder.glob("*/record.json")):
        record = read_record(path)
        if record["experiment"] not in names:
            raise OutputError(f"{path}: not an experiment of the chapter: {record['experiment']!r}")
        runs.append(record)
    return sorted((record for record in runs if record["finished"] and not record["dry_run"]), key=lambda record: (
        VARIANTS.index(record["variant"]), names.index(record["experiment"]), FRAMEWORKS.index(record["framework"])))


def build_table(runs: list[dict[str, Any]], book: dict[tuple[str, str], list[dict[str, str]]]) -> str:
    """Return the table as Markdown."""
    lines = [HEADER, "|" + " --- |" * (HEADER.count("|") - 1)]
    for record in runs:
        rows = book.get((record["experiment"], record["framework"]), [])
        alive = list_learned(rows)
        cells = [record["variant"], record["experiment"], record["framework"] + _describe_weights(record)]
        for measure in MEASURES:
            cells += _compare(record["epochs"][-1][measure], [float(row[measure]) for row in alive])
        cells.append(_count_dead(record) + (f"; {len(rows) - len(alive)} of {len(rows)} runs" if rows else ""))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _describe_weights(record: dict[str, Any]) -> str:
    """Return a remark if the book's code has other first weights than a run of its variant, else ""."""
    from reproduce.chapter import EXPERIMENTS

    (experiment,) = (item for item in EXPERIMENTS if item.name == record["experiment"])
    start = (record["variant"], record["framework"], record["first_weights_sha256"])
    return "" if experiment.has_first_weights(*start) else ", other first weights"


def _compare(ours: float, theirs: list[float]) -> tuple[str, str]:
    """Return our number, and their mean and range with the verdict: three decimals, as the book prints."""
    if not theirs:
        return f"{ours:.3f}", "not printed"
    inside = min(theirs) <= round(ours, 3) <= max(theirs)
    return f"{ours:.3f}", f"{mean(theirs):.3f}, {min(theirs):.3f} to {max(theirs):.3f}: {'in' if inside else 'out'}side"


def _count_dead(record: dict[str, Any]) -> str:
    """Return in how many epochs the loss was that of guessing; a run may start to learn later."""
    guessing = sum(is_guessing(epoch["train_loss"]) for epoch in record["epochs"])
    text = f"{guessing} of {len(record['epochs'])} epochs" if guessing else "no"
    return f"**{text}**" if record["dead"] else text


def main(arguments: list[str] | None = None) -> int:
    """Write the table into the README, or report whether it is current."""
    parser = Parser(prog=COMMAND, description="Write the table of results into reproduce/README.md.")
    check = parse_arguments(parser, arguments).check

    def write() -> int:
        text = replace_block(README.read_text(encoding="utf-8"), build_table(read_records(), read_published()), BEGIN,
                             END)
        return update({README.name: text}, README.parent, COMMAND, check=check)

    return report_errors(write)


if __name__ == "__main__":
    sys.exit(main())
