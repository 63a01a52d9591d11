"""Reads the rows of the table of versions, planned (rows.toml) and measured (measured.json), and lays them out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frameworks.schedule.files import tomllib
from parity.cases import CASES

HERE = Path(__file__).resolve().parent
MEASURED = HERE / "measured.json"


@dataclass(frozen=True)
class Row:
    """One environment.

    framework: mxnet, torch or tensorflow. python: its version, such as "3.11". packages: exact requirements.
    ci: whether CI measures it (default: no). laws: whether the laws are tried (default: yes).
    updates: the most updates of a case, by Keras' eager SGD (default: all, by the probe).
    environment: environment variables. note: a sentence about features that do not work there.
    """

    framework: str
    python: str
    packages: tuple[str, ...]
    ci: bool = False
    laws: bool = True
    updates: int | None = None
    environment: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def planned_updates(self) -> int:
        """The number of updates that are compared, of all cases together."""
        return sum(min(case.updates, self.updates or case.updates) for case in CASES.values())

    @property
    def name(self) -> str:
        """The row's key in measured.json and on the command line.

        >>> Row("torch", "3.11", ("torch==2.4.1", "numpy==2.1.3")).name
        'torch==2.4.1 numpy==2.1.3 python==3.11'
        """
        return " ".join((*(f"{key}={value}" for key, value in self.environment.items()), *self.packages,
                         f"python=={self.python}"))


def read_rows() -> list[Row]:
    """Return the planned rows."""
    with (HERE / "rows.toml").open("rb") as file:
        return [Row(**row | {"packages": tuple(row["packages"])}) for row in tomllib.load(file)["row"]]


def read_measured() -> dict[str, dict[str, Any]]:
    """Return the measured entries by the name of the row."""
    return json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}


def write_measured(measured: dict[str, dict[str, Any]]) -> None:
    """Write the measured entries of the planned rows in their order, one row per line."""
    lines = [f"{json.dumps(row.name)}: {json.dumps(measured[row.name])}" for row in read_rows()
             if row.name in measured]
    MEASURED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


#: The frameworks with their names in headings.
TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow / Keras", "mxnet": "MXNet"}


def build_summary(measured: dict[str, dict[str, Any]]) -> str:
    """Lay out the measured releases of each framework as Markdown, a row for each framework."""
    lines = ["| framework | releases that were measured | Python | schedules with the specified bits |",
             "| --- | --- | --- | --- |"]
    for framework, title in TITLES.items():
        seen = [measured[row.name] for row in read_rows() if row.framework == framework and row.name in measured]
        releases = sorted({entry["version"].split()[0] for entry in seen}, key=_split_version)
        pythons = sorted({entry["python"].rpartition(".")[0] for entry in seen}, key=_split_version)
        fewest = min(entry["cases"] - len(entry["differences"]) for entry in seen)
        lines.append(f"| {title} | {', '.join(releases)} | {pythons[0]} to {pythons[-1]} | {fewest} of {len(CASES)} |")
    return "\n".join(lines)


def _split_version(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def build_table(measured: dict[str, dict[str, Any]]) -> str:
    """Lay out the measured rows as Markdown."""
    lines = ["| applied, bit for bit, by | Python | NumPy | schedules | updates | laws: rates compared | "
             "what differs or does not work |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for row in read_rows():
        if row.name not in measured:
            continue
        seen = measured[row.name]
        laws = f"{seen['laws']['rates']:,}" if seen["laws"] else "not tried"
        lines.append(f"| {TITLES[row.framework]} {seen['version']} | {seen['python']} | {seen['numpy']} | "
                     f"{len(CASES) - len(seen['differences'])} of {seen['cases']} | {seen['updates']:,} | {laws} | "
                     f"{_format_remarks(row, seen)} |")
    return "\n".join(lines)


def _format_remarks(row: Row, seen: dict[str, Any]) -> str:
    remarks = []
    if seen["differences"]:
        remarks.append(f"differs: {', '.join(seen['differences'])}")
    if seen["misreported"]:
        remarks.append(f"reports another rate than it applies: {', '.join(seen['misreported'])}")
    if seen["built_in"]:
        remarks += [f"{classes or 'custom'} in {case}" for case, classes in seen["built_in"].items()]
    if seen["laws"] and seen["laws"]["broken"]:
        remarks.append(f"laws broken: {', '.join(seen['laws']['broken'])}")
    return "; ".join(remarks + [row.note] * bool(row.note)) or "nothing"
