"""Runs the command: measures, or reads a document, and writes the report."""

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
from frameworks.whole_files import check_replaceable, describe_error
from parity.measuring.processes import MeasurementError
from parity.pages.report.document import describe_differences, measure_document
from parity.pages.report.read import DocumentError, read
from parity.pages.report.write import NAMES, write


def add_arguments(command: ArgumentParser) -> None:
    """Add the arguments of `report`."""
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER",
                         help="write parity.json, parity.md and index.html into it")
    command.add_argument("--from", dest="document", type=Path, metavar="parity.json",
                         help="use this document instead of measuring")


def run(chosen: Namespace, parser: Parser) -> int:
    """Write the report and return the exit code: 4 if an applied rate differs from the specification."""
    if chosen.document is not None:
        try:
            document = read(chosen.document)
        except DocumentError as error:
            parser.error(f"argument --from: {chosen.document}: {error}")
    else:
        _check_writable(chosen.out, parser)  # before the measurements, which take time
        try:
            document = measure_document()
        except MeasurementError as error:
            print(error, file=sys.stderr)
            return USAGE if error.code == USAGE else FAILED
        document["made"] = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    _check_writable(chosen.out, parser)
    try:
        write(document, chosen.out)
    except OSError as error:
        _refuse(chosen.out, error, parser)
    lines = describe_differences(document)
    head = f"{chosen.out / 'index.html'}: {len(document['cases'])} schedules, {len(document['versions'])} frameworks"
    print("\n".join((head, *lines)), flush=True)
    return FAILED if lines else 0


def _check_writable(folder: Path, parser: Parser) -> None:
    """End with an error if the files cannot be written into the folder. Leaves no file there."""
    try:
        if folder.exists() and not folder.is_dir():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        with TemporaryFile(dir=existing):
            pass
        for name in NAMES:
            check_replaceable(folder / name)
    except OSError as error:
        _refuse(folder, error, parser)


def _refuse(folder: Path, error: OSError, parser: Parser) -> NoReturn:
    parser.error(f"argument --out: {folder}: {describe_error(error)}")
