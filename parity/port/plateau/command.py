"""`port` of what is no function of t: ReduceLROnPlateau, or a specification of kind reduce_on_plateau."""

from __future__ import annotations

import json
from argparse import Namespace

from frameworks.schedule import SpecificationError, dumps, loads_plateau
from frameworks.schedule.files import parsed as parsed_file
from frameworks.schedule.files import read_text
from frameworks.schedule.mistakes import METRIC_DRIVEN
from parity.port.plateau import NAME, READERS, TARGETS, Reading, read_call, spellings
from parity.port.read.literal import PortError, parsed


def concerns(chosen: Namespace) -> bool:
    """Whether the arguments name a rule that is told metrics."""
    try:
        if chosen.what.endswith((".json", ".toml")):
            _, text, format = read_text(chosen.what)
            data = parsed_file(text, format)
            return isinstance(data, dict) and data.get("kind") == METRIC_DRIVEN
        return chosen.source in READERS and parsed(chosen.what).name == NAME
    except (PortError, SpecificationError):
        return False  # whoever reads it next says why


def run(chosen: Namespace) -> int:
    """Print the ports. None is measured here: tests/test_plateau_port.py runs them all over recorded metrics.

    Raises PortError, SpecificationError.
    """
    reading = _read(chosen)
    found = {target: spellings(reading.plateau, target, reading.monitor)
             for target in (TARGETS if chosen.to == "all" else [chosen.to])}
    if chosen.json:
        ports = {target: [{"native": one.native, "code": one.code, "note": one.note} for one in code]
                 for target, code in found.items()}
        print(json.dumps({"format": 1, "plateau": reading.plateau.model_dump(mode="json"), "traps": reading.traps,
                          "ports": ports}, indent=1))
        return 0
    lines = ["# the rule, as applied: its counts are of metrics", *(f"# {line}" for line in
             dumps(reading.plateau).splitlines()), ""]
    for target, code in found.items():
        for one in code:
            said = f"{'native' if one.native else 'exact'}{', but' if one.note else ': 0 ULP'}"
            lines += [f"# {target}, {said}", *(f"# - {note}" for note in one.note.splitlines()), one.code.rstrip(), ""]
    print("\n".join([*lines, *(f"# trap: {trap}" for trap in reading.traps)]))
    return 0


def check_no_constructor(chosen: Namespace, what: str) -> None:
    """Check that no option of a constructor is given. what: what the file is. Raises PortError."""
    for name, value in (("--from", chosen.source), ("--lr", chosen.lr), ("--optimizer", chosen.optimizer)):
        if value is not None:
            raise PortError(f"argument {name}: belongs to a constructor, {chosen.what} is a {what}")


def _read(chosen: Namespace) -> Reading:
    refused = {"--optimizer": chosen.optimizer, "--updates": chosen.updates, "--plot": chosen.plot}
    for name, value in refused.items():
        if value is not None:
            raise PortError(f"argument {name}: a rule that is told metrics has none without them, got {value!s}")
    if chosen.to not in (*TARGETS, "all"):
        raise PortError(f"argument --to: must be one of {', '.join(TARGETS)}, or all, for a rule that is told metrics, "
                        f"got {chosen.to!r}")
    if not chosen.what.endswith((".json", ".toml")):
        return read_call(parsed(chosen.what), chosen.source, chosen.lr)
    check_no_constructor(chosen, "specification")
    name, text, format = read_text(chosen.what)
    return Reading(loads_plateau(text, format, name=name), [])
