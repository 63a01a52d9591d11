"""Runs the command: reads a constructor or a specification, writes it for another framework, and measures the rates.

parity/port/scripts/training.py handles run files.

Without --no-measure each printed spelling is run with the framework's optimizer, in a separate process. A framework
that is not installed is reported.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from frameworks.arguments import Parser, build_choice_type, parse_count
from frameworks.exit_codes import USAGE
from frameworks.schedule import SpecificationError, read
from frameworks.schedule.fields import MAX_RATE
from frameworks.whole_files import describe_error
from parity.port.measured import MOST_UPDATES
from parity.port.plateau import command as plateau
from parity.port.ports import measure_spellings, write_all_spellings
from parity.port.read import SOURCES, Reading, read_text
from parity.port.read.configs import has_config, is_config_file, read_config_file
from parity.port.read.literal import PortError
from parity.port.read.missing import parse_settings
from parity.port.scripts import training
from parity.port.scripts.run import Run, read_run
from parity.port.source import command as script
from parity.port.write import LIBRARIES, TARGETS, FormulaError


def add_arguments(command: ArgumentParser) -> None:
    """Add the arguments of `port` to its parser."""
    command.add_argument("what", metavar="CONSTRUCTOR|SCRIPT|SPEC|RUN",
                         help="the text of a constructor, or the file of a script (.py, .ipynb), of a specification "
                              "or of a run (.json, .toml)")
    command.add_argument("--from", dest="source", type=build_choice_type(tuple(SOURCES)), metavar="FRAMEWORK",
                         help=f"library of the constructor, or of a script's classes without an import: "
                              f"{', '.join(SOURCES)}")
    command.add_argument("--to", type=build_choice_type((*TARGETS, *LIBRARIES, "all")), required=True,
                         metavar="FRAMEWORK",
                         help=f"framework to write for: {', '.join(TARGETS)}, or all for these; or another library: "
                              f"{', '.join(LIBRARIES)}")
    command.add_argument("--lr", type=float, help="initial rate of the optimizer, for torch, and for "
                                                     "ReduceLROnPlateau of Keras")
    command.add_argument("--optimizer", metavar="CALL", help='optimizer of MXNet, such as "Adam(learning_rate=0.01)"')
    command.add_argument("--set", dest="settings", action="append", default=[], metavar="NAME=VALUE",
                         help="value of a name in the text, such as args.lr=0.1 or len(loader)=391; can be repeated")
    command.add_argument("--updates-per-epoch", type=parse_count, metavar="N", help="for schedulers that count epochs")
    command.add_argument("--total-updates", type=parse_count, metavar="N",
                         help="for schedulers that use the length of the training")
    command.add_argument("--updates", type=parse_count, metavar="N",
                         help="number of updates to compare (default: 2.5 times the horizon, at least 50, at most "
                              f"{MOST_UPDATES:,})")
    command.add_argument("--no-measure", action="store_true", help="only write the code; imports no framework")
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.add_argument("--plot", type=Path, metavar="FILE", help="also draw the schedule, .svg or .png")


def run(chosen: Namespace, parser: Parser) -> int:
    """Print the ports of a constructor, a specification or a run, and return the exit code."""
    try:
        config = chosen.source is not None and has_config(SOURCES[chosen.source], chosen.what)
        if not config and plateau.is_metric_driven(chosen):
            return plateau.run(chosen)
        if not config and script.is_script_argument(chosen):
            return script.run(chosen, parser)
        if chosen.plot is not None and chosen.plot.suffix.lower() not in (".svg", ".png"):
            parser.error(f"argument --plot: must end in .svg or .png, got {str(chosen.plot)!r}")
        reading, whole = _read(chosen)
        targets = list(TARGETS) if chosen.to == "all" else [chosen.to]
        codes = write_all_spellings(reading.schedule, targets)
    except (PortError, SpecificationError, FormulaError) as error:
        parser.exit(USAGE, "".join(f"{parser.prog} port: {line}\n" for line in str(error).splitlines()))
    if whole is not None:
        training.refuse(chosen, parser)
        if chosen.plot is not None:
            _draw(chosen, reading, min(whole.total, MOST_UPDATES), parser)
        return training.run(chosen, whole)
    ported = measure_spellings(reading, codes, chosen.updates, measure=not chosen.no_measure)
    if chosen.plot is not None:
        _draw(chosen, reading, ported.updates, parser)
    print(json.dumps(ported.write_document(), indent=1) if chosen.json else ported.write_text())
    return 0


def _read(chosen: Namespace) -> tuple[Reading, Run | None]:
    config = chosen.source is not None and is_config_file(SOURCES[chosen.source], chosen.what)
    if not config and chosen.what.endswith((".json", ".toml")):
        whole = read_run(chosen.what)
        schedule, what = (read(chosen.what), "specification") if whole is None else (whole.schedule, "run")
        plateau.check_no_constructor(chosen, what)
        beyond = schedule.largest >= MAX_RATE  # the classes increase further, to rates that no optimizer accepts
        return Reading(schedule, followed=schedule.horizon or None if beyond else None), whole
    if chosen.source is None:
        raise PortError(f"--from is needed to read a constructor: one of {', '.join(SOURCES)}")
    text = read_config_file(chosen.what) if config else chosen.what
    return read_text(text, chosen.source, lr=chosen.lr, optimizer=chosen.optimizer,
                     values=parse_settings(chosen.settings), updates_per_epoch=chosen.updates_per_epoch,
                     total=chosen.total_updates, config=config), None


def _draw(chosen: Namespace, reading: Reading, updates: int, parser: Parser) -> None:
    from parity.measuring.plot import plot

    try:
        plot({"as applied": reading.schedule}, updates, chosen.plot)
    except OSError as error:
        parser.error(f"argument --plot: {chosen.plot}: {describe_error(error)}")
