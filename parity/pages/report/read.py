"""Reads a report's document and checks that it is consistent."""

from __future__ import annotations

import json
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from frameworks.observation import parse_bits
from frameworks.schedule.union import ADAPTER, Schedule
from frameworks.strict_json import read_json
from frameworks.whole_files import describe_error
from parity.measuring.compare import compare
from parity.pages.report.document import FORMAT
from parity.pages.report.write import HERE

#: Largest document in bytes; a document of all cases has 2.3 million.
MAX_BYTES = 8 << 20
#: Most rates to compute: for each case, its updates times its number of schedules. All cases together: 413,196.
MAX_RATES = 5_000_000
#: Number of errors from which the best is reported, and most characters of a part of its message.
MAX_MISTAKES, MAX_LINE = 100, 400


class DocumentError(ValueError):
    """Raised for an invalid document; the message is one line."""


def read(path: Path) -> dict[str, Any]:
    """Read a document. Raises DocumentError."""
    try:
        document = read_json(path, MAX_BYTES, "report")
    except (OSError, ValueError) as error:
        raise DocumentError(describe_error(error)) from None
    version = document.get("format") if isinstance(document, dict) else None
    if isinstance(version, int) and version > FORMAT:
        raise DocumentError(f"format {version} is newer than this project's, {FORMAT}: update the project")
    _validate(document)
    schedules = [_read_schedule(case, f"$.cases[{index}]") for index, case in enumerate(document["cases"])]
    rates = sum(case["updates"] * schedule.size for case, schedule in zip(document["cases"], schedules))
    if rates > MAX_RATES:
        raise DocumentError(f"$.cases: {rates} rates to compute, more than {MAX_RATES}")
    names: set[str] = set()
    for index, (case, schedule) in enumerate(zip(document["cases"], schedules)):
        if case["name"] in names:
            raise DocumentError(f"$.cases[{index}].name: {case['name']} is given more than once")
        names.add(case["name"])
        _check_consistent(case, schedule, document["versions"], f"$.cases[{index}]")
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DocumentError("has text that UTF-8 cannot hold") from None
    return document


def _validate(document: Any) -> None:
    from jsonschema.exceptions import best_match  # slow to import, and only needed here

    error = best_match(islice(_build_validator().iter_errors(document), MAX_MISTAKES))
    if error is not None:
        raise DocumentError(f"{error.json_path[-MAX_LINE:]}: {error.message[:200]}")


@cache
def _build_validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((HERE / "schema.json").read_text(encoding="utf-8")))


def _read_schedule(case: dict[str, Any], at: str) -> Schedule:
    try:
        return ADAPTER.validate_python(case["schedule"])
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise DocumentError(f"{at}.schedule: {field[-MAX_LINE:]}: {first['msg'].lower()}") from None


def _check_consistent(case: dict[str, Any], schedule: Schedule, frameworks: dict[str, str], at: str) -> None:
    """Check that every series has all updates, and that the first differences are those of the applied rates."""
    integers = {"updates": case["updates"]} | {
        f"applied.{framework}.{field}": applied[field]
        for framework, applied in case["applied"].items() for field in ("edges", "first_difference")}
    for name, number in integers.items():
        if isinstance(number, float):  # JSON Schema accepts 5.0 as an integer
            raise DocumentError(f"{at}.{name}: {number} is not of type 'integer'")
    for framework in frameworks:
        if framework not in case["applied"]:
            raise DocumentError(f"{at}.applied: {framework} is missing")
    series = {"specified": case["specified"]} | {
        f"{part}.{framework}.bits": rates["bits"] for part in ("applied", "natural")
        for framework, rates in case[part].items()}
    for name, bits in series.items():
        updates = sum(number for _, number in bits)
        if updates != case["updates"] or isinstance(updates, float):
            raise DocumentError(f"{at}.{name}: {updates} updates, not {case['updates']}")
    for framework, applied in case["applied"].items():
        runs = applied["bits"]
        rates = np.repeat(parse_bits([word for word, _ in runs]), [number for _, number in runs])
        first = compare(schedule, rates[:, None]).first
        stated = applied["first_difference"]
        if first is not None and (stated is None or stated > first.update):  # another parameter may differ before
            raise DocumentError(f"{at}.applied.{framework}: differs from update {first.update} on, not from {stated}")
