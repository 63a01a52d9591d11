"""Are vector files what the specification gives?"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match

from parity.measuring.margin import EDGE
from parity.vectors.files import FOLDER, VectorError, made, read, read_text

SCHEMA = FOLDER / "schema" / "vectors-1.json"


def valid(document: dict[str, Any], name: str) -> None:
    """Raise VectorError, naming the place, if a document is not as its schema has it."""
    error = best_match(_validator().iter_errors(document))
    if error is not None:
        raise VectorError(f"{name}: {error.json_path}: {error.message[:200]}")


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def stale(folder: Path) -> list[str]:
    """Say what is not current, one line each. Raises VectorError.

    Bits must be equal. The float64 rates may differ in their last bits, as two machines' cosines may.
    """
    ids = read_text(folder / "ids.txt")
    documents, given = made(ids)
    found = [] if given == ids else ["ids.txt: some schedules have no id yet"]
    names = {path.name for path in folder.glob("*.json")}
    found += [f"{name}: not expected here" for name in sorted(names - set(documents))]
    for name, expected in documents.items():
        if not (folder / name).exists():
            found.append(f"{name}: is missing")
            continue
        there = read(folder / name)
        valid(there, name)
        found += differences(name, there, expected)
    return found


def differences(name: str, there: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Say what is not current in a valid document, one line each."""
    found = []
    if {**there, "vectors": []} != {**expected, "vectors": []}:
        found.append(f"{name}: its head is not current")
    if len(there["vectors"]) != len(expected["vectors"]):
        found.append(f"{name}: {len(there['vectors'])} vectors, not {len(expected['vectors'])}")
    for one, other in zip(there["vectors"], expected["vectors"]):
        found += [f"{name}: {other['id']} {other['name']}: {field} is not current" for field in _differing(one, other)]
    return found


def _differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    differing = [field for field in other if field not in ("lr", "far") and one[field] != other[field]]
    differing += [f"far.{field}" for field in ("t", "bits") if one["far"][field] != other["far"][field]]
    largest = max(*other["lr"], *other["far"]["lr"])
    for field, mine, theirs in (("lr", one["lr"], other["lr"]), ("far.lr", one["far"]["lr"], other["far"]["lr"])):
        if len(mine) != len(theirs) or any(not _near(a, b, EDGE * largest) for a, b in zip(mine, theirs)):
            differing.append(field)
    return differing


def _near(one: float, other: float, most: float) -> bool:
    try:
        return abs(one - other) <= most
    except OverflowError:  # an integer beyond every float
        return False
