"""Builds the tables of the pages about sampling and about photos from the committed records of their runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from frameworks.blocks import replace_block
from frameworks.strict_json import read_json
from frameworks.whole_files import describe_error, read_bounded
from reproduce.exercises.sgld.calibration import PREDICTIONS
from reproduce.exercises.tables import format_mean
from reproduce.study.analysis.procedures import compare_pairs
from reproduce.study.analysis.tables import build_table, format_numbers
from reproduce.trainer.entries import RateEntry, check_order
from reproduce.trainer.errors import OutputError
from reproduce.trainer.manifest import MAX_RECORD, describe_first_mistake
from reproduce.trainer.rates import expand_rates

#: The most updates of a training on photos; 120 epochs of ImageNet in batches of 64 have 2.4 million.
MAX_UPDATES = 10_000_000
#: The model of a record's rates.
RATES = TypeAdapter(dict[str, list[RateEntry]])
#: The marks of a table, by its name and the command that writes it.
BEGIN, END = "<!-- made by: {command} ({name}) -->", "<!-- end of the {name} -->"


def build_mixture(record: dict[str, Any]) -> str:
    """Return the table of the distances from the posterior, by part of the run."""
    return build_table(
        ["sweeps", f"{record['chains']} chains together", "one chain: mean, 95 % interval",
         "as many independent draws as all chains", "share of samples with theta2 < 0"],
        ([f"{part['from']:,} to {part['to']:,}", format_number(part["together"]),
          f"{format_number(part['mean'])}, {' to '.join(map(format_number, part['interval']))}",
          format_number(part["independent"]),
          f"{format_number(part['below'])} (posterior: {format_number(part['posterior_below'])})"]
         for part in record["distances"]))


def build_lenet(*records: dict[str, Any]) -> str:
    """Return the table of the predictions of the last samples, of their averages, and of what the averages change."""
    measures, lines = ("accuracy", "loss", "calibration_error"), []
    _check_alike(records)
    for framework in dict.fromkeys(record["framework"] for record in records):
        runs = [record for record in records if record["framework"] == framework]
        rows = [(name, [[run[key][measure] for run in runs] for measure in measures], format_mean)
                for key, name in PREDICTIONS.items()]
        rows += [(f"{name}, minus the last", [[run[key][measure] - run["last"][measure] for run in runs]
                                              for measure in measures], format_numbers)
                 for key, name in PREDICTIONS.items() if key != "last"]
        lines += [[name, framework, len(runs), *("{} ({})".format(*write(compare_pairs(values, None)))
                                                 for values in columns)] for name, columns, write in rows]
    return build_table(["predictions", "framework", "seeds", "test accuracy", "loss, nats",
                        "expected calibration error"], lines)


def build_photos(record: dict[str, Any]) -> str:
    """Return the table of the epochs of a training on photos."""
    last = max((entry["update"] + entry.get("updates", 1) for entry in record["applied_rates"]), default=0)
    if last > MAX_UPDATES:
        raise ValueError(f"applied_rates must have at most {MAX_UPDATES} updates, got {last}")
    entries = RATES.validate_python({"applied_rates": record["applied_rates"]})["applied_rates"]
    check_order(entries, sum(epoch["updates"] for epoch in record["epochs"]))
    (updates, rates), made, lines = expand_rates(record), 0, []
    for number, epoch in enumerate(record["epochs"], 1):
        made += epoch["updates"]
        lines.append([number, format_number(rates[updates < made][-1], 6), format_number(epoch["train_loss"]),
                      format_number(epoch["test_accuracy"])])
    return build_table(["epoch", "last rate", "train loss, nats, with smoothing", "test accuracy"], lines)


#: The pages, each with its tables: name, pattern of the records, and function.
PAGES: dict[str, list[tuple[str, str, Callable[..., str]]]] = {
    "sgld/README.md": [("distances", "sgld/results/mixture-tensorflow.json", build_mixture),
                       ("predictions", "sgld/results/lenet-*-seed*.json", build_lenet)],
    "imagenet/README.md": [("epochs", "imagenet/results/fashion-torch.json", build_photos)],
}


def build_pages(folder: Path, command: str) -> dict[str, str]:
    """Return the pages with their tables, by their paths in the folder of the exercises. Raises OutputError.

    command: what writes them.
    """
    texts = {}
    for page, tables in PAGES.items():
        file = folder / page
        try:
            texts[page] = read_bounded(file, MAX_RECORD, "page").decode()
            for name, pattern, build in tables:
                records = []
                for file in sorted(folder.glob(pattern)) or [folder / pattern]:
                    records += [read_json(file, MAX_RECORD, "record")]
                file = folder / pattern
                table = build(*records)
                file = folder / page
                texts[page] = replace_block(texts[page], table, BEGIN.format(command=command, name=name),
                                            END.format(name=name))
        except (OSError, ValueError, LookupError, TypeError, ArithmeticError) as error:
            reason = describe_first_mistake(error) if isinstance(error, ValidationError) else describe_error(error)
            raise OutputError(f"{file}: no table can be made: {reason}"[:400]) from None
    return texts


def _check_alike(records: tuple[dict[str, Any], ...]) -> None:
    """Check that records are of whole runs that differ in framework and seed only. Raises ValueError."""
    if any(record["dry_run"] for record in records):
        raise ValueError("dry_run must be false in all records")
    for key in ("epochs", "samples", "averaged", "schedule"):
        if any(record[key] != records[0][key] for record in records):
            raise ValueError(f"{key} must be equal in all records")
    runs = [(record["framework"], record["seed"]) for record in records]
    if twice := [run for run in runs if runs.count(run) > 1]:
        raise ValueError(f"must have each seed once, got {twice[0][0]} {twice[0][1]} more than once")


def format_number(value: float, digits: int = 3) -> str:
    """Return a number without a zero before the point. digits: after the point (default: 3)."""
    return f"{value:.{digits}f}".removeprefix("0")
