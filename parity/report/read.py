"""Read a report's document, and hold it against what it says of itself."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from frameworks.schedule.union import ADAPTER
from parity.compare import compare
from parity.json_files import read_json
from parity.report.document import FORMAT
from parity.report.write import HERE


class DocumentError(ValueError):
    """What is wrong with a document, in one line."""


def read(path: Path) -> dict[str, Any]:
    """Return a document. Raises DocumentError."""
    try:
        found = read_json(path)
    except ValueError as error:
        raise DocumentError(str(error)) from None
    version = found.get("format") if isinstance(found, dict) else None
    if isinstance(version, int) and version > FORMAT:
        raise DocumentError(f"format {version} is newer than this project's, {FORMAT}: update the project")
    _validate(found)
    names = [case["name"] for case in found["cases"]]
    for index, case in enumerate(found["cases"]):
        if case["name"] in names[:index]:
            raise DocumentError(f"$.cases[{index}].name: {case['name']} is given more than once")
        _consistent(case, found["versions"], f"$.cases[{index}]")
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DocumentError("has text that UTF-8 cannot hold") from None
    return found


def _validate(found: Any) -> None:
    from jsonschema.exceptions import best_match  # slow to import, and only needed here

    error = best_match(_validator().iter_errors(found))
    if error is not None:
        raise DocumentError(f"{error.json_path}: {error.message[:200]}")


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((HERE / "schema.json").read_text(encoding="utf-8")))


def _consistent(case: dict[str, Any], frameworks: dict[str, str], at: str) -> None:
    """Every series has all updates, and what was applied differs from the schedule where it is said to."""
    try:
        schedule = ADAPTER.validate_python(case["schedule"])
    except ValidationError as error:
        first = error.errors()[0]
        raise DocumentError(f"{at}.schedule: {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}") from None
    for framework in frameworks:
        if framework not in case["applied"]:
            raise DocumentError(f"{at}.applied: {framework} is missing")
    series = {"specified": case["specified"]} | {
        f"{part}.{framework}.bits": one["bits"] for part in ("applied", "natural")
        for framework, one in case[part].items()}
    for name, bits in series.items():
        if (updates := sum(number for _, number in bits)) != case["updates"]:
            raise DocumentError(f"{at}.{name}: {updates} updates, not {case['updates']}")
    for framework, one in case["applied"].items():
        words = np.repeat([int(word, 16) for word, _ in one["bits"]], [number for _, number in one["bits"]])
        first = compare(schedule, words.astype(np.uint32).view(np.float32)[:, None]).first
        said = one["first_difference"]
        if first is not None and (said is None or said > first.update):  # another parameter may differ before
            raise DocumentError(f"{at}.applied.{framework}: differs from update {first.update} on, not from {said}")
