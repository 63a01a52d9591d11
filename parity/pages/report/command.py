"""The command: measure, or read a document, and write the report."""

from __future__ import annotations

import errno
import os
import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryFile
from typing import NoReturn

from frameworks.arguments import Parser
from frameworks.exit_codes import FAILED, USAGE
from frameworks.whole_files import check_replaceable, reason
from parity.measuring.processes import MeasurementFailed
from parity.pages.report.document import differing, measured
from parity.pages.report.read import DocumentError, read
from parity.pages.report.write import NAMES, write


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
        _check_writable(chosen.out, parser)  # before anything takes time
        try:
            found = measured()
        except MeasurementFailed as error:
            print(error, file=sys.stderr)
            return USAGE if error.code == USAGE else FAILED
        found["made"] = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    _check_writable(chosen.out, parser)
    try:
        write(found, chosen.out)
    except OSError as error:
        _refuse(chosen.out, error, parser)
    lines = differing(found)
    head = f"{chosen.out / 'index.html'}: {len(found['cases'])} schedules, {len(found['versions'])} frameworks"
    print("\n".join((head, *lines)), flush=True)
    return FAILED if lines else 0


def _check_writable(folder: Path, parser: Parser) -> None:
    """Refuse a folder in which the files cannot be written. Leaves nothing there."""
    try:
        if folder.exists() and not folder.is_dir():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        with TemporaryFile(dir=there):
            pass
        for name in NAMES:
            check_replaceable(folder / name)
    except OSError as error:
        _refuse(folder, error, parser)


def _refuse(folder: Path, error: OSError, parser: Parser) -> NoReturn:
    parser.error(f"argument --out: {folder}: {reason(error)}")
