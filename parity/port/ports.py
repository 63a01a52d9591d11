"""Writes a reading for frameworks, measures what each spelling applies, and lays both out as text or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from frameworks import FrameworkMissingError, FrameworkUnsupportedError, resolve_name
from frameworks.keras_choice import find_keras_backend
from frameworks.observation import format_bits
from frameworks.schedule import Schedule, dumps
from parity.measuring.compare import compute_ulps, count_compared_updates
from parity.measuring.questions import NotMeasuredError
from parity.port import plateau
from parity.port.edges import compute_span, find_boundary_cases
from parity.port.measured import MEASURED, MOST_UPDATES, measure_codes
from parity.port.read import Reading
from parity.port.read.literal import PortError
from parity.port.read.objects import is_plateau, read_object, read_plateau_object
from parity.port.write import LIBRARIES, TARGETS, FormulaError, Spelling, write_spellings
from parity.port.write.optimizers import describe_optimizer, name_optimizer

_NOT_RUN = "only code for mxnet, torch, tensorflow and optax is run here"


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

    def describe(self) -> str:
        """Return the line to print above the code."""
        kind = self.spelling.label
        if self.ulp is None:
            return f"{kind}. {self.spelling.note or 'Not measured.'}"
        off = f"up to {self.ulp:,} ULP off, first at update {self.first}" if self.ulp else "0 ULP"
        if self.part:
            off += f", over the first {self.part[0]:,} of {self.part[1]:,} updates"
        return f"{kind}: {off}. {self.spelling.note}" if self.spelling.note else f"{kind}: {off}"


@dataclass(frozen=True)
class Ported:
    """A reading, written for frameworks.

    reading: the specification. ports: the spellings for each framework. failures: why a framework was not measured, by
    framework. updates: number of updates compared. measure: whether the spellings were measured.
    """

    reading: Reading
    ports: dict[str, list[Found]]
    failures: dict[str, str]
    updates: int
    measure: bool

    def write_text(self) -> str:
        """Return the ports as text that can be run as Python, apart from the comments."""
        reading, ports, failures, measure = self.reading, self.ports, self.failures, self.measure
        applied = f"as {reading.release} applies it" if reading.release else "as applied"
        lines = [f"# the schedule, {applied}: t is the number of updates already made",
                 *(f"# {line}" for line in dumps(reading.schedule).splitlines()), ""]
        for target, results in ports.items():
            for port in results:
                heading = port.describe()
                if not measure and not port.spelling.note:
                    heading = heading.replace(" Not measured.", "")
                code = name_optimizer(port.spelling.code, target, reading.optimizer)
                lines += [f"# {target}, {heading}", code.rstrip(), ""]
            if target in failures:
                lines += [f"# {target} was not measured: {failures[target]}", ""]
        lines.append("# update  rate (float32)    bits")
        lines += [f"# {t:6}  {np.float32(reading.schedule.lr(t))!s:<16}  {format_bits(reading.schedule.lr(t))}"
                  for t in find_boundary_cases(reading.schedule)]
        if measure and len(failures) < len(ports):
            lines.append(f"# compared over {self.updates} updates")
        traps = [*reading.traps, *filter(None, (describe_optimizer(target, reading.optimizer) for target in ports))]
        lines += ["", *(f"# trap: {trap}" for trap in traps)] if traps else []
        return "\n".join(lines)

    def write_document(self) -> dict[str, Any]:
        """Return the ports as a JSON document."""
        reading, ports, failures, updates = self.reading, self.ports, self.failures, self.updates
        return {
            "format": 1, "schedule": reading.schedule.model_dump(mode="json", exclude_none=True),
            "release": reading.release, "traps": reading.traps,
            "updates": updates,
            "edges": [{"update": t, "lr": reading.schedule.lr(t), "bits": format_bits(reading.schedule.lr(t))}
                      for t in find_boundary_cases(reading.schedule)],
            "ports": {target: [{"native": port.spelling.native,
                                "code": name_optimizer(port.spelling.code, target, reading.optimizer),
                                "note": port.spelling.note, "ulp": port.ulp, "first_difference": port.first,
                                "shows_all": port.part is None}
                               for port in results]
                      for target, results in ports.items()},
            "not_measured": failures}


def write_all_spellings(schedule: Schedule, targets: Sequence[str]) -> dict[str, list[Spelling]]:
    """Return the spellings of a schedule for each framework. Raises FormulaError."""
    return {target: write_spellings(schedule, target) for target in targets}


def measure_spellings(reading: Reading, codes: dict[str, list[Spelling]], updates: int | None, *,
                      measure: bool) -> Ported:
    """Run each spelling with its framework's optimizer, in a separate process, and compare the rates.

    reading: the specification. codes: its spellings. updates: number of updates to compare (None: 2.5 times the
    horizon, at least 50). measure: run them (False: import no framework).
    """
    all_ = count_compared_updates(compute_span(reading.schedule))
    compared = min(updates or all_, MOST_UPDATES, reading.followed or MOST_UPDATES)
    part = (compared, all_) if compared < all_ else None
    ports, failures = {}, {}
    if "tensorflow" in codes and measure:
        _check_keras_setting()
    for target, code in codes.items():
        ports[target] = [Found(spelling) for spelling in code]
        if measure and target not in MEASURED:
            failures[target] = _NOT_RUN
        elif measure:
            try:
                ports[target] = _measure(reading.schedule, target, code, compared, part)
            except NotMeasuredError as error:
                failures[target] = str(error)
    return Ported(reading, ports, failures, compared, measure)


def _check_keras_setting() -> None:
    """Raise FrameworkUnsupportedError for a version or a backend of Keras that cannot run the code."""
    try:
        find_keras_backend()
    except FrameworkUnsupportedError:
        raise
    except FrameworkMissingError:
        pass  # the printed text reports it


def _measure(
    schedule: Schedule, target: str, code: list[Spelling], updates: int, part: tuple[int, int] | None,
) -> list[Found]:
    ports = []
    for spelling, applied in zip(code, measure_codes(schedule, target, [each.code for each in code], updates)):
        off = np.abs(compute_ulps(applied, schedule))
        ports.append(Found(spelling, int(off.max()), int(np.argmax(off > 0)) if off.any() else None, part))
    return ports


def write_object(scheduler: Any, to: str, optimizer: Any, updates_per_epoch: int | None) -> str:
    """Return a scheduler object as code. The arguments are those of `parity.port.ported`. Raises PortError."""
    targets = (*TARGETS, *LIBRARIES)
    target = to if to in targets else resolve_name(to)
    if target not in targets:
        raise PortError(f"to must be one of {', '.join(targets)}, got {to!r}")
    if is_plateau(scheduler):
        reading = read_plateau_object(scheduler)
        if target not in plateau.TARGETS:
            raise PortError(f"to must be one of {', '.join(plateau.TARGETS)} for a metric-driven rule, got {to!r}")
        return plateau.write_ports(reading, {target: plateau.write_spellings(reading.plateau, target, reading.monitor)})
    read = read_object(scheduler, optimizer, updates_per_epoch=updates_per_epoch)
    try:
        codes = write_all_spellings(read.schedule, [target])
    except FormulaError as error:
        raise PortError(str(error)) from None
    return measure_spellings(read, codes, None, measure=False).write_text()
