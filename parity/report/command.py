"""The command: measure, or read a document, and write the report."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from frameworks.arguments import Parser
from parity.processes import MeasurementFailed
from parity.report.document import FORMAT, differing, measured
from parity.report.write import HERE, write

PARITY_FAILED = 4


def arguments(command: ArgumentParser) -> None:
    """Add what `report` is told on the command line."""
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER",
                         help="for parity.json, parity.md and index.html")
    command.add_argument("--from", dest="document", type=Path, metavar="parity.json",
                         help="draw this document again instead of measuring")


def run(chosen: Namespace, parser: Parser) -> int:
    """Write the report; 4 if something was applied otherwise than specified."""
    if chosen.document is not None:
        found = read(chosen.document, parser)
    else:
        try:
            found = measured()
        except MeasurementFailed as error:
            print(error, file=sys.stderr)
            return PARITY_FAILED
        found["made"] = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        write(found, chosen.out)
    except OSError as error:
        parser.error(f"argument --out: {chosen.out}: {(error.strerror or str(error)).lower()}")
    print(f"{chosen.out / 'index.html'}: {len(found['cases'])} schedules, {len(found['versions'])} frameworks")
    for line in (lines := differing(found)):
        print(line)
    return PARITY_FAILED if lines else 0


def read(path: Path, parser: Parser) -> dict[str, Any]:
    """Read a document, or end with one line that says what is wrong with it."""
    import jsonschema  # slow to import, and only needed here

    def wrong(what: str) -> None:
        parser.error(f"argument --from: {path}: {what}")

    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        wrong((error.strerror or str(error)).lower())
    except UnicodeDecodeError:
        wrong("not UTF-8")
    except RecursionError:
        wrong("not JSON: nested too deeply")
    except ValueError as error:
        wrong(f"not JSON: {error}")
    version = found.get("format") if isinstance(found, dict) else None
    if isinstance(version, int) and version > FORMAT:
        wrong(f"format {version} is newer than this project's, {FORMAT}: update the project")
    try:
        jsonschema.validate(found, json.loads((HERE / "schema.json").read_text(encoding="utf-8")))
    except jsonschema.ValidationError as error:
        wrong(f"{error.json_path}: {error.message[:200]}")
    for index, case in enumerate(found["cases"]):
        at = f"$.cases[{index}]"
        for framework in found["versions"]:
            if framework not in case["applied"]:
                wrong(f"{at}.applied: {framework} is missing")
        series = {"specified": case["specified"]} | {
            f"{part}.{framework}.bits": one["bits"] for part in ("applied", "natural")
            for framework, one in case[part].items()}
        for name, bits in series.items():
            if (updates := sum(number for _, number in bits)) != case["updates"]:
                wrong(f"{at}.{name}: {updates} updates, not {case['updates']}")
    return found
