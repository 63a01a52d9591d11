"""Reads and writes runs.csv and curves.jsonl: one line per finished run, in any order, so that machines can merge."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import platform
import re
import subprocess
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path
from typing import Any

from frameworks.whole_files import describe_error, read_bounded
from reproduce.study.plan import Trial
from reproduce.trainer.checkpoint import replace_whole
from reproduce.trainer.errors import OutputError
from reproduce.trainer.folder import lock_folder
from reproduce.trainer.manifest import compute_json_digest
from reproduce.trainer.record import is_guessing

HERE = Path(__file__).parent
PROTOCOL = HERE / "PROTOCOL.md"
RUNS, CURVES = "runs.csv", "curves.jsonl"
#: The largest size of one of these files, a hundred times that of a whole study.
MAX_BYTES = 64 << 20
#: Stands in the column machine between the processors of a continued run.
AND = " + "
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
#: The columns that must be equal in two rows of one run, on any machine.
RESULT = COLUMNS[:COLUMNS.index("commit")]
_WHOLE, _NUMBER = r"0|[1-9]\d{0,9}", r"|-?\d+(\.\d+)?(e[-+]?\d+)?"
_PATTERNS = dict.fromkeys(("seed", "epochs", "stalled_epochs", "threads", "resumed"), _WHOLE) | dict.fromkeys(
    filter(re.compile("printed_|final_|averaged_|test_|roughness_").match, COLUMNS), _NUMBER) | {
        "dead": "[01]", "experiment": r"[a-z_]+(-lr\d+(\.\d+)?(e[-+]?\d+)?)?|[a-z][a-z0-9_.]*-[0-9a-f]{8}"}
#: The numbers of images, in which the curves count accuracies.
TRAIN_IMAGES, TEST_IMAGES = 60_000, 10_000


def build_row(trial: Trial, record: dict[str, Any], commit: str, machine: str | None = None) -> dict[str, str]:
    """Return the row of a run from its record; a run that diverged has no outcomes.

    machine: the name of its processor, or names with `AND` (default: of this machine's).
    """
    epochs, versions = record["epochs"], record["versions"]
    row = dict.fromkeys(COLUMNS, "") | dict(zip(KEY, trial.key))
    row |= {
        "diverged": record["diverged"] or "",
        "dead": str(int(record["dead"] or bool(record["diverged"]))),
        "stalled_epochs": str(sum(epoch["rate"] > 0 and is_guessing(epoch["train_loss"]) for epoch in epochs)),
        "first_weights_sha256": record["first_weights_sha256"],
        "weights_sha256_1": epochs[0]["weights_sha256"] if epochs else "",
        "last_weights_sha256": record["last_weights_sha256"] or "",
        "schedule_sha256": compute_json_digest(record["schedule"])[:16],
        "data_sha256": compute_json_digest(record["data_sha256"])[:16],
        "protocol_sha256": compute_protocol_sha256(), "commit": commit,
        "python": versions["python"], "numpy": versions["numpy"], "version": versions[trial.framework],
        "machine": machine or read_processor_name(), "threads": str(record["threads"]),
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


def build_curve(trial: Trial, record: dict[str, Any]) -> dict[str, Any]:
    """Return a run's losses (nats, seven digits) and right images by epoch; also a plan's schedule and distances."""
    epochs, distances = record["epochs"], record.get("distances")
    more = {"planned": json.loads(trial.source)} if trial.source else {}
    return dict(zip(KEY, trial.key)) | {
        "train_loss": [float(f"{epoch['train_loss']:.7g}") for epoch in epochs],
        "train_correct": [round(epoch["train_accuracy"] * TRAIN_IMAGES) for epoch in epochs],
        "test_loss": [float(f"{epoch['test_loss']:.7g}") for epoch in epochs],
        "test_correct": [round(epoch["test_accuracy"] * TEST_IMAGES) for epoch in epochs],
    } | more | ({"distances": distances} if distances else {})


def read_rows(folder: Path) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the rows of runs.csv by key. Raises OutputError for a damaged line or two results of one run."""
    path = folder / RUNS
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    try:
        for number, line in enumerate(csv.reader(io.StringIO(_read_text(path), newline=""), strict=True), 1):
            if tuple(line) == COLUMNS:
                continue
            if number == 1 or len(line) != len(COLUMNS):
                raise OutputError(f"{path}: line {number} must have the {len(COLUMNS)} columns of this project, got "
                                  f"{len(line)}")
            row = dict(zip(COLUMNS, line))
            for name, value in row.items():
                if not re.fullmatch(_PATTERNS.get(name, ".*"), value):
                    raise OutputError(f"{path}: line {number}: {name} must not be {value!r:.60}")
            key = tuple(row[name] for name in KEY)
            if difference := find_difference(rows.setdefault(key, row), row):
                raise OutputError(f"{path}: line {number}: {' '.join(key)} has another {difference} in a line before")
    except csv.Error as error:
        raise OutputError(f"{path}: not a CSV file: {error}") from None
    return rows


def find_difference(row: dict[str, str], other: dict[str, str]) -> str | None:
    """Return the first result in which two rows of one run differ, None if they agree."""
    return next((name for name in RESULT if row[name] != other[name]), None)


def lock_rows(folder: Path) -> AbstractContextManager[int]:
    """Lock the folder, to which only one runner at a time adds rows. Raises OutputError if another has locked it."""
    return lock_folder(folder, "another process adds rows here; it can take more --jobs")


def add(trial: Trial, record: dict[str, Any], folder: Path, commit: str, machine: str | None = None) -> dict[str, str]:
    """Add a run to curves.jsonl and runs.csv, each replaced as a whole, and return its row. machine: as in `build_row`.

    The caller has locked the folder. Raises OutputError, also if the run has a row with another result.
    """
    row = build_row(trial, record, commit, machine)
    curve = json.dumps(build_curve(trial, record), separators=(",", ":")) + "\n"
    if (before := read_rows(folder).get(trial.key)) is not None:
        if difference := find_difference(before, row):
            raise OutputError(f"{folder / RUNS}: {trial.name} has a row with another {difference}: "
                              f"{before[difference]:.20}, now {row[difference]:.20}")
        return before
    curves, runs = _read_text(folder / CURVES), _read_text(folder / RUNS)
    for path, text in ((folder / CURVES, curves), (folder / RUNS, runs)):
        if text and not text.endswith("\n"):
            raise OutputError(f"{path}: its last line is incomplete")
    if curve not in curves:  # it is there already if an earlier process was killed between the two files
        replace_whole(folder / CURVES, (curves + curve).encode())
    replace_whole(folder / RUNS,
                  ((runs or _format_line(COLUMNS)) + _format_line(row[name] for name in COLUMNS)).encode())
    return row


def compute_protocol_sha256() -> str:
    """Return the SHA-256 of PROTOCOL.md."""
    return hashlib.sha256(PROTOCOL.read_bytes()).hexdigest()


def read_processor_name() -> str:
    """Return the processor's name, with its family and model if Linux reports them."""
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


def _format_line(cells: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _read_text(path: Path) -> str:
    """Return the text of a file, empty if the file does not exist. Raises OutputError."""
    try:
        return read_bounded(path, MAX_BYTES, "file of runs").decode("utf-8") if path.exists() else ""
    except UnicodeDecodeError:
        raise OutputError(f"{path}: is not UTF-8") from None
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be read: {describe_error(error)}") from None
