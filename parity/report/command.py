"""The command: measure, or read a document, and write the report."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime, timezone
from pathlib import Path

from frameworks.arguments import Parser
from parity.processes import MeasurementFailed
from parity.report.document import differing, measured
from parity.report.read import DocumentError, read
from parity.report.write import NAMES, write

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
        try:
            found = read(chosen.document)
        except DocumentError as error:
            parser.error(f"argument --from: {chosen.document}: {error}")
    else:
        _made(chosen.out, parser)  # before anything takes time
        try:
            found = measured()
        except MeasurementFailed as error:
            print(error, file=sys.stderr)
            return 2 if error.code == 2 else PARITY_FAILED
        found["made"] = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    _made(chosen.out, parser)
    write(found, chosen.out)
    print(f"{chosen.out / 'index.html'}: {len(found['cases'])} schedules, {len(found['versions'])} frameworks")
    for line in (lines := differing(found)):
        print(line)
    return PARITY_FAILED if lines else 0


def _made(folder: Path, parser: Parser) -> None:
    """Make the folder, and see that a file can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            (folder / name).open("a").close()
    except OSError as error:
        parser.error(f"argument --out: {folder}: {(error.strerror or str(error)).lower()}")
