"""Runs `port` for metric-driven rules: ReduceLROnPlateau, or a specification of kind reduce_on_plateau."""

from __future__ import annotations

import json
from argparse import Namespace

from frameworks.schedule import SpecificationError, loads_plateau
from frameworks.schedule.files import parse_text as parsed_file
from frameworks.schedule.files import read_text
from frameworks.schedule.mistakes import METRIC_DRIVEN
from parity.port.plateau import NAME, READERS, TARGETS, Reading, read_call, write_ports, write_spellings
from parity.port.read.evaluate import Scope
from parity.port.read.literal import PortError, parse_call
from parity.port.read.missing import check_used, parse_settings, read_values


def is_metric_driven(chosen: Namespace) -> bool:
    """Return whether the arguments name a metric-driven rule."""
    try:
        if chosen.what.endswith((".json", ".toml")):
            _, text, format = read_text(chosen.what)
            data = parsed_file(text, format)
            return isinstance(data, dict) and data.get("kind") == METRIC_DRIVEN
        return chosen.source in READERS and parse_call(chosen.what).name == NAME
    except (PortError, SpecificationError):
        return False  # the next reader reports it


def run(chosen: Namespace) -> int:
    """Print the ports and return 0. They are not measured here: tests/plateau/test_plateau_port.py runs them.

    Raises PortError, SpecificationError.
    """
    reading = _read(chosen)
    ports = {target: write_spellings(reading.plateau, target, reading.monitor)
             for target in (TARGETS if chosen.to == "all" else [chosen.to])}
    if chosen.json:
        document = {target: [{"native": spelling.native, "code": spelling.code, "note": spelling.note}
                             for spelling in code] for target, code in ports.items()}
        print(json.dumps({"format": 1, "plateau": reading.plateau.model_dump(mode="json"), "traps": reading.traps,
                          "ports": document}, indent=1))
        return 0
    print(write_ports(reading, ports))
    return 0


def check_no_constructor(chosen: Namespace, what: str) -> None:
    """Raise PortError if an option of a constructor is given with a file. what: the kind of file, for the message."""
    given = {"--from": chosen.source, "--lr": chosen.lr, "--optimizer": chosen.optimizer,
             "--set": chosen.settings or None}
    for name, value in given.items():
        if value is not None:
            raise PortError(f"argument {name}: belongs to a constructor, {chosen.what} is a {what}")


def _read(chosen: Namespace) -> Reading:
    refused = {"--optimizer": chosen.optimizer, "--updates": chosen.updates, "--plot": chosen.plot}
    for name, value in refused.items():
        if value is not None:
            raise PortError(f"argument {name}: not supported for a metric-driven rule, got {value!s}")
    if chosen.to not in (*TARGETS, "all"):
        raise PortError(f"argument --to: must be one of {', '.join(TARGETS)}, or all, for a metric-driven rule, "
                        f"got {chosen.to!r}")
    if not chosen.what.endswith((".json", ".toml")):
        values = parse_settings(chosen.settings)
        scope = Scope(read_values(values))
        call = parse_call(chosen.what, scope)
        check_used(scope, values)
        return read_call(call, chosen.source, chosen.lr)
    check_no_constructor(chosen, "specification")
    name, text, format = read_text(chosen.what)
    return Reading(loads_plateau(text, format, name=name), [])
