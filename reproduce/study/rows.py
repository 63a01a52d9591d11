"""runs.csv and curves.jsonl: a line for each finished run, in any order, so that lines of several machines merge."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import io
import json
import os
import platform
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from reproduce.checkpoint import replace_whole
from reproduce.errors import OutputError, unwritable
from reproduce.record import guesses
from reproduce.study.plan import Trial

HERE = Path(__file__).parent
PROTOCOL = HERE / "PROTOCOL.md"
RUNS, CURVES = "runs.csv", "curves.jsonl"
KEY = ("experiment", "variant", "framework", "seed", "epochs")
FINAL = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
#: The columns of runs.csv; README.md explains each.
COLUMNS = (
    *KEY, "diverged", "dead", "stalled_epochs", "printed_train_loss", "printed_train_accuracy",
    *(f"final_{name}" for name in FINAL), "test_accuracy_5", "roughness_20_30", "averaged_from",
    *(f"averaged_{name}" for name in FINAL), "first_weights_sha256", "weights_sha256_1", "last_weights_sha256",
    "schedule_sha256", "data_sha256", "protocol_sha256", "commit", "python", "numpy", "version", "machine", "threads",
    "seconds", "resumed",
)
#: The curves: of each epoch, losses with seven digits, accuracies in images.
TRAIN_IMAGES, TEST_IMAGES = 60_000, 10_000


def row_of(trial: Trial, record: dict[str, Any], commit: str) -> dict[str, str]:
    """Return the row of a run from its record; of a run that diverged, without outcomes."""
    epochs, versions = record["epochs"], record["versions"]
    row = dict.fromkeys(COLUMNS, "") | dict(zip(KEY, trial.key))
    row |= {
        "diverged": record["diverged"] or "",
        "dead": str(int(record["dead"] or bool(record["diverged"]))),
        "stalled_epochs": str(sum(guesses(epoch["train_loss"]) for epoch in epochs)),
        "first_weights_sha256": record["first_weights_sha256"],
        "weights_sha256_1": epochs[0]["weights_sha256"] if epochs else "",
        "last_weights_sha256": record["last_weights_sha256"] or "",
        "schedule_sha256": _sha256(record["schedule"]), "data_sha256": _sha256(record["data_sha256"]),
        "protocol_sha256": protocol_sha256(), "commit": commit,
        "python": versions["python"], "numpy": versions["numpy"], "version": versions[trial.framework],
        "machine": machine(), "threads": str(record["threads"]),
        "seconds": f"{sum(epoch['seconds'] for epoch in epochs):.1f}", "resumed": str(len(record["resumed"])),
    }
    if record["diverged"]:
        return row
    row |= {"printed_train_loss": repr(epochs[-1]["train_loss"]),
            "printed_train_accuracy": repr(epochs[-1]["train_accuracy"])}
    row |= {f"final_{name}": repr(record["final"][name]) for name in FINAL}
    tested = [epoch["test_accuracy"] for epoch in epochs]
    if len(tested) >= 5:
        row["test_accuracy_5"] = repr(tested[4])
    if len(tested) >= 30:
        row["roughness_20_30"] = repr(sum(abs(b - a) for a, b in pairwise(tested[19:30])) / 10)
    if record["averaged"]:
        row["averaged_from"] = str(record["averaged"]["from_epoch"])
        row |= {f"averaged_{name}": repr(record["averaged"][name]) for name in FINAL}
    return row


def curve_of(trial: Trial, record: dict[str, Any]) -> dict[str, Any]:
    """Return a run's values of each epoch: losses in nats, the train loss as printed; numbers of images right."""
    epochs = record["epochs"]
    return dict(zip(KEY, trial.key)) | {
        "train_loss": [float(f"{epoch['train_loss']:.7g}") for epoch in epochs],
        "train_correct": [round(epoch["train_accuracy"] * TRAIN_IMAGES) for epoch in epochs],
        "test_loss": [float(f"{epoch['test_loss']:.7g}") for epoch in epochs],
        "test_correct": [round(epoch["test_accuracy"] * TEST_IMAGES) for epoch in epochs],
    }


def read_rows(folder: Path) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the rows of runs.csv by key. Raises OutputError for a damaged line, and for two results of one run."""
    path = folder / RUNS
    if not path.exists():
        return {}
    lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), strict=True)
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    try:
        for number, line in enumerate(lines, 1):
            if tuple(line) == COLUMNS:
                continue
            if number == 1 or len(line) != len(COLUMNS):
                raise OutputError(f"{path}: line {number} must have the {len(COLUMNS)} columns of this project, got "
                                  f"{len(line)}")
            row = dict(zip(COLUMNS, line))
            key = tuple(row[name] for name in KEY)
            if (other := rows.setdefault(key, row))["last_weights_sha256"] != row["last_weights_sha256"]:
                raise OutputError(f"{path}: line {number}: {' '.join(key)} ended with other weights on "
                                  f"{other['machine']} than on {row['machine']}")
    except csv.Error as error:
        raise OutputError(f"{path}: is no CSV file: {error}") from None
    return rows


def add(trial: Trial, record: dict[str, Any], folder: Path, commit: str) -> dict[str, str]:
    """Add a run to curves.jsonl and runs.csv, each replaced as a whole, and return its row. Raises OutputError."""
    row, curve = row_of(trial, record, commit), json.dumps(curve_of(trial, record), separators=(",", ":")) + "\n"
    with _locked(folder):
        rows, curves = read_rows(folder), folder / CURVES
        if trial.key in rows:
            return rows[trial.key]
        text = curves.read_text(encoding="utf-8") if curves.exists() else ""
        if curve not in text:  # it is there if an earlier process was killed between the two files
            replace_whole(curves, (text + curve).encode())
        path = folder / RUNS
        text = path.read_text(encoding="utf-8") if path.exists() else _line(COLUMNS)
        replace_whole(path, (text + _line(row[name] for name in COLUMNS)).encode())
    return row


def protocol_sha256() -> str:
    """Return the SHA-256 of PROTOCOL.md."""
    return hashlib.sha256(PROTOCOL.read_bytes()).hexdigest()


def machine() -> str:
    """Return the processor's name, with its family and model where Linux has them."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(re.findall(r"^(model name|cpu family|model)\s*: *(.*\S)", text, re.MULTILINE))
    name = fields.get("model name", platform.machine())
    return name + "".join(f" {key.split()[-1]} {fields[key]}" for key in ("cpu family", "model") if key in fields)


def commit() -> str:
    """Return the commit of the code, with "+changes" if the code differs from it; "unknown" outside a clone."""
    def git(*arguments: str) -> str:
        return subprocess.run(["git", "-C", str(HERE), *arguments], capture_output=True, text=True, check=True).stdout

    try:
        changed = git("status", "--porcelain", "--", ":/frameworks", ":/reproduce/*.py").strip()
        return git("rev-parse", "HEAD").strip()[:12] + "+changes" * bool(changed)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _sha256(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def _line(cells: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock of the folder: several runners of one machine may add rows."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise unwritable(folder, error) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
