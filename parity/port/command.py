"""Runs the command: reads a constructor or a specification, writes it for another framework, and measures the rates.

parity/port/scripts/training.py handles run files.

Without --no-measure each printed spelling is run with the framework's optimizer, in a separate process. A framework
that is not installed is reported.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from frameworks import FrameworkMissing, FrameworkUnsupported
from frameworks.arguments import Parser, count, one_of
from frameworks.exit_codes import USAGE
from frameworks.keras_choice import keras_backend
from frameworks.observation import bits
from frameworks.schedule import Schedule, SpecificationError, dumps, read
from frameworks.schedule.fields import MAX_RATE
from frameworks.whole_files import reason
from parity.measuring.compare import ulps, updates_compared
from parity.measuring.questions import NotMeasured
from parity.port.edges import edges, span
from parity.port.measured import measured
from parity.port.plateau import command as plateau
from parity.port.read import SOURCES, Reading, read_text
from parity.port.read.literal import PortError
from parity.port.scripts import training
from parity.port.scripts.run import Run, read_run
from parity.port.scripts.training import MOST_UPDATES
from parity.port.write import TARGETS, FormulaError, Spelling, spellings


@dataclass(frozen=True)
class Found:
    """A spelling and its measured difference from the specification.

    spelling: the code. ulp: largest difference (default: None, not measured). first: first update that differs
    (default: None). part: measured updates and the updates that show the schedule, if these are more (default: None).
    """

    spelling: Spelling
    ulp: int | None = None
    first: int | None = None
    part: tuple[int, int] | None = None

    def said(self) -> str:
        """Return the line to print above the code."""
        kind = self.spelling.label
        if self.ulp is None:
            return f"{kind}. {self.spelling.note or 'Not measured.'}"
        off = f"up to {self.ulp:,} ULP off, first at update {self.first}" if self.ulp else "0 ULP"
        if self.part:
            off += f", over the first {self.part[0]:,} of {self.part[1]:,} updates"
        return f"{kind}: {off}. {self.spelling.note}" if self.spelling.note else f"{kind}: {off}"


def arguments(command: ArgumentParser) -> None:
    """Add the arguments of `port` to its parser."""
    command.add_argument("what", metavar="CONSTRUCTOR|SPEC|RUN",
                         help="the text of a constructor, or the file of a specification or of a run")
    command.add_argument("--from", dest="source", type=one_of(tuple(SOURCES)), metavar="FRAMEWORK",
                         help=f"library of the constructor: {', '.join(SOURCES)}")
    command.add_argument("--to", type=one_of((*TARGETS, "all")), required=True, metavar="FRAMEWORK",
                         help=f"framework to write for: {', '.join(TARGETS)}, or all")
    command.add_argument("--lr", type=float, help="initial rate of the optimizer, for torch, and for "
                                                     "ReduceLROnPlateau of Keras")
    command.add_argument("--optimizer", metavar="CALL", help='optimizer of MXNet, such as "Adam(learning_rate=0.01)"')
    command.add_argument("--updates", type=count, metavar="N",
                         help="number of updates to compare (default: 2.5 times the horizon, at least 50, at most "
                              f"{MOST_UPDATES:,})")
    command.add_argument("--no-measure", action="store_true", help="only write the code; imports no framework")
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.add_argument("--plot", type=Path, metavar="FILE", help="also draw the schedule, .svg or .png")


def run(chosen: Namespace, parser: Parser) -> int:
    """Print the ports of a constructor, a specification or a run, and return the exit code."""
    try:
        if plateau.concerns(chosen):
            return plateau.run(chosen)
        if chosen.plot is not None and chosen.plot.suffix.lower() not in (".svg", ".png"):
            parser.error(f"argument --plot: must end in .svg or .png, got {str(chosen.plot)!r}")
        reading, whole = _read(chosen)
        targets = list(TARGETS) if chosen.to == "all" else [chosen.to]
        codes = {target: spellings(reading.schedule, target) for target in targets}
    except (PortError, SpecificationError, FormulaError) as error:
        parser.exit(USAGE, "".join(f"{parser.prog} port: {line}\n" for line in str(error).splitlines()))
    if whole is not None:
        training.refuse(chosen, parser)
        if chosen.plot is not None:
            _draw(chosen, reading, min(whole.total, MOST_UPDATES), parser)
        return training.run(chosen, whole)
    all_ = updates_compared(span(reading.schedule))
    updates = min(chosen.updates or all_, MOST_UPDATES, reading.followed or MOST_UPDATES)
    part = (updates, all_) if updates < all_ else None
    ports, failures = {}, {}
    if "tensorflow" in targets and not chosen.no_measure:
        _check_keras_setting()
    for target, code in codes.items():
        ports[target] = [Found(spelling) for spelling in code]
        if not chosen.no_measure:
            try:
                ports[target] = _measure(reading.schedule, target, code, updates, part)
            except NotMeasured as error:
                failures[target] = str(error)
    if chosen.plot is not None:
        _draw(chosen, reading, updates, parser)
    if chosen.json:
        print(json.dumps(_document(reading, ports, failures, updates), indent=1))
    else:
        print(_text(reading, ports, failures, updates, measure=not chosen.no_measure))
    return 0


def _check_keras_setting() -> None:
    """Raise FrameworkUnsupported for a version or a backend of Keras that cannot run the code."""
    try:
        keras_backend()
    except FrameworkUnsupported:
        raise
    except FrameworkMissing:
        pass  # the printed text reports it


def _read(chosen: Namespace) -> tuple[Reading, Run | None]:
    if chosen.what.endswith((".json", ".toml")):
        whole = read_run(chosen.what)
        schedule, what = (read(chosen.what), "specification") if whole is None else (whole.schedule, "run")
        plateau.check_no_constructor(chosen, what)
        beyond = schedule.largest >= MAX_RATE  # the classes increase further, to rates that no optimizer accepts
        return Reading(schedule, followed=schedule.horizon or None if beyond else None), whole
    if chosen.source is None:
        raise PortError(f"--from is needed to read a constructor: one of {', '.join(SOURCES)}")
    return read_text(chosen.what, chosen.source, lr=chosen.lr, optimizer=chosen.optimizer), None


def _measure(
    schedule: Schedule, target: str, code: list[Spelling], updates: int, part: tuple[int, int] | None,
) -> list[Found]:
    ports = []
    for spelling, applied in zip(code, measured(schedule, target, [each.code for each in code], updates)):
        off = np.abs(ulps(applied, schedule))
        ports.append(Found(spelling, int(off.max()), int(np.argmax(off > 0)) if off.any() else None, part))
    return ports


def _text(reading: Reading, ports: dict[str, list[Found]], failures: dict[str, str], updates: int, *,
          measure: bool) -> str:
    lines = ["# the schedule, as applied: t is the number of updates already made",
             *(f"# {line}" for line in dumps(reading.schedule).splitlines()), ""]
    for target, results in ports.items():
        for port in results:
            heading = port.said() if measure or port.spelling.note else port.said().replace(" Not measured.", "")
            lines += [f"# {target}, {heading}", port.spelling.code.rstrip(), ""]
        if target in failures:
            lines += [f"# {target} was not measured: {failures[target]}", ""]
    lines.append("# update  rate (float32)    bits")
    lines += [f"# {t:6}  {np.float32(reading.schedule.lr(t))!s:<16}  {bits(reading.schedule.lr(t))}"
              for t in edges(reading.schedule)]
    if measure and len(failures) < len(ports):
        lines.append(f"# compared over {updates} updates")
    lines += ["", *(f"# trap: {trap}" for trap in reading.traps)] if reading.traps else []
    return "\n".join(lines)


def _document(
    reading: Reading, ports: dict[str, list[Found]], failures: dict[str, str], updates: int,
) -> dict[str, Any]:
    return {
        "format": 1, "schedule": reading.schedule.model_dump(mode="json", exclude_none=True), "traps": reading.traps,
        "updates": updates,
        "edges": [{"update": t, "lr": reading.schedule.lr(t), "bits": bits(reading.schedule.lr(t))}
                  for t in edges(reading.schedule)],
        "ports": {target: [{"native": port.spelling.native, "code": port.spelling.code, "note": port.spelling.note,
                            "ulp": port.ulp, "first_difference": port.first, "shows_all": port.part is None}
                           for port in results]
                  for target, results in ports.items()},
        "not_measured": failures}


def _draw(chosen: Namespace, reading: Reading, updates: int, parser: Parser) -> None:
    from parity.measuring.plot import plot

    try:
        plot({"as applied": reading.schedule}, updates, chosen.plot)
    except OSError as error:
        parser.error(f"argument --plot: {chosen.plot}: {reason(error)}")
