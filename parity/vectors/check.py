"""Checks that the vector files agree with the specification."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match

from parity.measuring.margin import EDGE
from parity.vectors.files import FOLDER, VectorError, build_documents, read, read_text

SCHEMA = FOLDER / "schema" / "vectors-1.json"


def check_document(document: dict[str, Any], name: str) -> None:
    """Raise VectorError, which names the place, if a document does not conform to its schema."""
    error = best_match(_build_validator().iter_errors(document))
    if error is not None:
        raise VectorError(f"{name}: {error.json_path}: {error.message[:200]}")


@cache
def _build_validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def find_stale(folder: Path) -> list[str]:
    """Return what is not current in a folder of vector files, one line each. Raises VectorError.

    Bits must be equal. The float64 rates may differ in their last bits, since the cosines of two machines may.
    """
    ids = read_text(folder / "ids.txt")
    documents, given = build_documents(ids)
    stale_parts = [] if given == ids else ["ids.txt: some schedules have no id yet"]
    names = {path.name for path in folder.glob("*.json")}
    stale_parts += [f"{name}: not expected here" for name in sorted(names - set(documents))]
    for name, expected in documents.items():
        if not (folder / name).exists():
            stale_parts.append(f"{name}: is missing")
            continue
        there = read(folder / name)
        check_document(there, name)
        stale_parts += find_differences(name, there, expected)
    return stale_parts


def find_differences(name: str, there: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Return what is not current in a valid document, one line each."""
    stale_parts = []
    if {**there, "vectors": []} != {**expected, "vectors": []}:
        stale_parts.append(f"{name}: its head is not current")
    if len(there["vectors"]) != len(expected["vectors"]):
        stale_parts.append(f"{name}: {len(there['vectors'])} vectors, not {len(expected['vectors'])}")
    for vector, other in zip(there["vectors"], expected["vectors"]):
        stale_parts += [f"{name}: {other['id']} {other['name']}: {field} is not current"
                        for field in _list_differing(vector, other)]
    return stale_parts


def _list_differing(vector: dict[str, Any], other: dict[str, Any]) -> list[str]:
    differing = [field for field in other if field not in ("lr", "far") and vector[field] != other[field]]
    differing += [f"far.{field}" for field in ("t", "bits") if vector["far"][field] != other["far"][field]]
    largest = max(*other["lr"], *other["far"]["lr"])
    for field, mine, theirs in (("lr", vector["lr"], other["lr"]), ("far.lr", vector["far"]["lr"], other["far"]["lr"])):
        if len(mine) != len(theirs) or any(not _is_near(a, b, EDGE * largest) for a, b in zip(mine, theirs)):
            differing.append(field)
    return differing


def _is_near(rate: float, other: float, most: float) -> bool:
    try:
        return abs(rate - other) <= most
    except OverflowError:  # an integer above the largest float
        return False
