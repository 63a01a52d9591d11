"""The command: read a constructor or a specification, write it for another framework, and say what was measured.

A run file is handed on to parity/port/scripts/training.py.

Without --no-measure every spelling that is printed has been run, in a process of its own, with the framework's
optimizer; a framework that is not installed is said.
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
    """A spelling and its difference from the specification, if it was measured: in ULP, and the first update.

    part: if fewer updates were measured than show all of the schedule, how many, and of how many.
    """

    spelling: Spelling
    ulp: int | None = None
    first: int | None = None
    part: tuple[int, int] | None = None

    def said(self) -> str:
        """Return what to print above the code."""
        kind = "native" if self.spelling.native else "exact"
        if self.ulp is None:
            return f"{kind}. {self.spelling.note or 'Not measured.'}"
        off = f"up to {self.ulp:,} ULP off, first at update {self.first}" if self.ulp else "0 ULP"
        if self.part:
            off += f", over the first {self.part[0]:,} of {self.part[1]:,} updates"
        return f"{kind}: {off}. {self.spelling.note}" if self.spelling.note else f"{kind}: {off}"


def arguments(command: ArgumentParser) -> None:
    """Add what `port` is told on the command line."""
    command.add_argument("what", metavar="CONSTRUCTOR|SPEC|RUN",
                         help="the text of a constructor, or the file of a specification or of a whole run")
    command.add_argument("--from", dest="source", type=one_of(tuple(SOURCES)), metavar="FRAMEWORK",
                         help=f"whose constructor it is: {', '.join(SOURCES)}")
    command.add_argument("--to", type=one_of((*TARGETS, "all")), required=True, metavar="FRAMEWORK",
                         help=f"{', '.join(TARGETS)}, or all")
    command.add_argument("--lr", type=float, help="the rate that a torch optimizer was made with; for "
                                                     "ReduceLROnPlateau a Keras one, too")
    command.add_argument("--optimizer", metavar="CALL", help='MXNet\'s, such as "Adam(learning_rate=0.01)"')
    command.add_argument("--updates", type=count, metavar="N",
                         help="how many are compared (default: 2.5 times the horizon, at least 50, at most "
                              f"{MOST_UPDATES:,})")
    command.add_argument("--no-measure", action="store_true", help="only write the code: no framework is imported")
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.add_argument("--plot", type=Path, metavar="FILE", help="draw the schedule too, .svg or .png")


def run(chosen: Namespace, parser: Parser) -> int:
    """Print the ports of what the arguments name."""
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
    found, failures = {}, {}
    if "tensorflow" in targets and not chosen.no_measure:
        _check_keras_setting()
    for target, code in codes.items():
        found[target] = [Found(one) for one in code]
        if not chosen.no_measure:
            try:
                found[target] = _measured(reading.schedule, target, code, updates, part)
            except NotMeasured as error:
                failures[target] = str(error)
    if chosen.plot is not None:
        _draw(chosen, reading, updates, parser)
    if chosen.json:
        print(json.dumps(_document(reading, found, failures, updates), indent=1))
    else:
        print(_text(reading, found, failures, updates, measure=not chosen.no_measure))
    return 0


def _check_keras_setting() -> None:
    """Raise FrameworkUnsupported for a Keras, or a backend of Keras, that no code here can be measured with."""
    try:
        keras_backend()
    except FrameworkUnsupported:
        raise
    except FrameworkMissing:
        pass  # the text says that it was not measured


def _read(chosen: Namespace) -> tuple[Reading, Run | None]:
    if chosen.what.endswith((".json", ".toml")):
        whole = read_run(chosen.what)
        schedule, what = (read(chosen.what), "specification") if whole is None else (whole.schedule, "run")
        plateau.check_no_constructor(chosen, what)
        beyond = schedule.largest >= MAX_RATE  # classes go on rising, to what no optimizer takes
        return Reading(schedule, followed=schedule.horizon or None if beyond else None), whole
    if chosen.source is None:
        raise PortError(f"--from is needed to read a constructor: one of {', '.join(SOURCES)}")
    return read_text(chosen.what, chosen.source, lr=chosen.lr, optimizer=chosen.optimizer), None


def _measured(
    schedule: Schedule, target: str, code: list[Spelling], updates: int, part: tuple[int, int] | None,
) -> list[Found]:
    found = []
    for one, applied in zip(code, measured(schedule, target, [each.code for each in code], updates)):
        off = np.abs(ulps(applied, schedule))
        found.append(Found(one, int(off.max()), int(np.argmax(off > 0)) if off.any() else None, part))
    return found


def _text(reading: Reading, found: dict[str, list[Found]], failures: dict[str, str], updates: int, *,
          measure: bool) -> str:
    lines = ["# the schedule, as applied: t counts the updates already made",
             *(f"# {line}" for line in dumps(reading.schedule).splitlines()), ""]
    for target, spelled in found.items():
        for one in spelled:
            said = one.said() if measure or one.spelling.note else one.said().replace(" Not measured.", "")
            lines += [f"# {target}, {said}", one.spelling.code.rstrip(), ""]
        if target in failures:
            lines += [f"# {target} was not measured: {failures[target]}", ""]
    lines.append("# update  rate (float32)    bits")
    lines += [f"# {t:6}  {np.float32(reading.schedule.lr(t))!s:<16}  {bits(reading.schedule.lr(t))}"
              for t in edges(reading.schedule)]
    if measure and len(failures) < len(found):
        lines.append(f"# compared over {updates} updates")
    lines += ["", *(f"# trap: {trap}" for trap in reading.traps)] if reading.traps else []
    return "\n".join(lines)


def _document(
    reading: Reading, found: dict[str, list[Found]], failures: dict[str, str], updates: int,
) -> dict[str, Any]:
    return {
        "format": 1, "schedule": reading.schedule.model_dump(mode="json", exclude_none=True), "traps": reading.traps,
        "updates": updates,
        "edges": [{"update": t, "lr": reading.schedule.lr(t), "bits": bits(reading.schedule.lr(t))}
                  for t in edges(reading.schedule)],
        "ports": {target: [{"native": one.spelling.native, "code": one.spelling.code, "note": one.spelling.note,
                            "ulp": one.ulp, "first_difference": one.first, "shows_all": one.part is None}
                           for one in spelled]
                  for target, spelled in found.items()},
        "not_measured": failures}


def _draw(chosen: Namespace, reading: Reading, updates: int, parser: Parser) -> None:
    from parity.measuring.plot import plot

    try:
        plot({"as applied": reading.schedule}, updates, chosen.plot)
    except OSError as error:
        parser.error(f"argument --plot: {chosen.plot}: {reason(error)}")
