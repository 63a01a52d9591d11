"""Repeats the first epoch of rows of runs.csv, and compares the weights at its end, bit for bit."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from frameworks import children
from frameworks.exit_codes import FAILED
from reproduce.study import rows
from reproduce.study.plan import Trial
from reproduce.study.runner import build_trial_command, build_trial_environment
from reproduce.trainer.errors import OutputError
from reproduce.trainer.manifest import read_record
from reproduce.trainer.record import list_processors


def check(study: Path, number: int, seed: int, options: list[str]) -> int:
    """Repeat rows that were made on a machine like this one, and compare the weights after the first epoch.

    study: the folder of runs.csv. number: of rows. seed: of their random choice. options: of every run.
    Returns 0 if all weights are the same or no row can be repeated, else 4. Raises OutputError if a run fails.
    """
    known = list(rows.read_rows(study).values())
    here = [row for row in known if row["machine"] == rows.read_processor_name()
            and row["weights_sha256_1"] not in ("", row["first_weights_sha256"])]  # rate 0 changes no weights
    print(f"{len(here)} of {len(known)} rows can be repeated on this machine, {rows.read_processor_name()}", flush=True)
    sources = read_sources(study)
    codes = [_repeat(row, sources, options) for row in random.Random(seed).sample(here, min(number, len(here)))]
    return max(codes, default=0)


def read_sources(study: Path) -> dict[tuple[str, ...], str]:
    """Return the schedules of rows that are not of the chapter, as JSON, by key. Raises OutputError."""
    try:
        curves = [json.loads(line) for line in (study / rows.CURVES).read_text(encoding="utf-8").splitlines()]
        return {tuple(curve[name] for name in rows.KEY): json.dumps(curve["planned"]) for curve in curves
                if "planned" in curve}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{study / rows.CURVES}: cannot be read: {error}") from None


def _repeat(row: dict[str, str], sources: dict[tuple[str, ...], str], options: list[str]) -> int:
    key = tuple(row[name] for name in rows.KEY)
    whole = Trial.from_key(key, sources.get(key))
    trial, name = replace(whole, epochs=1), whole.name
    with TemporaryDirectory(prefix="study-") as folder:
        out = Path(folder) / "run"
        done = children.run([*build_trial_command(trial, list_processors()[0], options), f"--out={out}"],
                            env=build_trial_environment())
        if done.returncode:
            raise OutputError(f"{name}: exit code {done.returncode}: {done.stderr.strip()[-300:]}")
        record = read_record(out / "record.json")
    seen = record["epochs"][0]["weights_sha256"]
    if seen == row["weights_sha256_1"]:
        print(f"{name}: the first epoch ended with the same weights, {seen[:12]}", flush=True)
        return 0
    now = record["versions"] | {"version": record["versions"][trial.framework]}
    others = ", ".join(f"{key} {row[key]}, here {now[key]}" for key in ("python", "numpy", "version")
                       if row[key] != now[key])
    print(f"{name}: the first epoch ended with other weights: {row['weights_sha256_1'][:12]} in runs.csv, {seen[:12]} "
          f"here{'; ' + others if others else ''}", file=sys.stderr)
    return FAILED
