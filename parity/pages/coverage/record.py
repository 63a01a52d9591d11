"""python -m parity coverage-record [--check] LIBRARY [...], in an environment that has the library

Runs a library's own schedulers, as the table's rows construct them, and writes their rates down, in
recorded/LIBRARY.json: the table is made where the library is not installed. Without PyTorch, TensorFlow or MXNet only
what needs none of them can be run. --check writes nothing and asks whether the library still gives these rates: those
of float32 may differ by their rounding, since XLA compiles them for the processor at hand. Exit codes: 0 good, 4 if a
record is not current or a scheduler is not known to the table.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from typing import Any

from frameworks.arguments import Parser, one_of
from frameworks.generated import parsed, printed
from parity.pages.coverage.agree import comparable
from parity.pages.coverage.known import schedulers, unknown
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.measured import RECORDED
from parity.pages.coverage.reference import FRAMEWORK, names, rates
from parity.pages.coverage.row import Library

COMMAND = "python -m parity coverage-record"
#: What to ask for each library's version, where it is not called as it is imported.
DISTRIBUTIONS = {"ignite": "pytorch-ignite", "composer": "mosaicml", "paddle": "paddlepaddle"}
KEPT = {one.name: one for one in LIBRARIES if one.name not in FRAMEWORK}


def made(library: Library) -> dict[str, Any]:
    """Run all rows of a library that have a schedule."""
    distribution = DISTRIBUTIONS.get(library.name, library.name)
    return {"made by": f"{COMMAND} {library.name}", "distribution": distribution,
            "version": importlib.metadata.version(distribution),
            "names": schedulers(library.name, names(library.name)),
            "rates": {row.call: rates(library.name, row.call, comparable(row)) for row in library.rows if row.schedule}}


def text(record: dict[str, Any]) -> str:
    """Write a record down, the rates of each call in a line."""
    lines = ",\n".join(f"  {json.dumps(call)}: {json.dumps(given)}" for call, given in record["rates"].items())
    head = json.dumps({key: value for key, value in record.items() if key != "rates"}, indent=1)
    return head[:-2] + ',\n "rates": {\n' + lines + "\n }\n}\n"


def different(old: dict[str, Any], new: dict[str, Any], bits: int) -> list[str]:
    """Return the calls whose rates are others, or that only one record has."""
    calls = {**old["rates"], **new["rates"]}
    return [call for call in calls if not _same(old["rates"].get(call, []), new["rates"].get(call, []), bits)]


def _same(old: list[float], new: list[float], bits: int) -> bool:
    allowed = (32 * 2.0**-24 if bits == 32 else 2.0**-40) * max(old, default=0.0)
    return len(old) == len(new) and all(abs(one - other) <= allowed for one, other in zip(old, new))


def main(arguments: list[str] | None = None, prog: str = "python -m parity coverage-record") -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write down the rates of other libraries' schedulers.")
    parser.add_argument("libraries", nargs="+", type=one_of(tuple(KEPT)), metavar="LIBRARY", help=", ".join(KEPT))
    chosen = parsed(parser, arguments)
    codes = []
    for library in (KEPT[name] for name in chosen.libraries):
        record, path = made(library), RECORDED / f"{library.name}.json"
        lines = [f"{library.title} has {name}, of which the table says nothing"
                 for name in unknown(library, record["names"])]
        if not chosen.check:
            path.write_text(text(record), encoding="utf-8")
        elif path.exists():
            old = json.loads(path.read_text(encoding="utf-8"))
            lines += [f"{path.name} is not current, {call}: {record['made by']}"
                      for call in different(old, record, library.bits)]
        else:
            lines.append(f"{path.name} is missing: {record['made by']}")
        codes.append(printed(lines))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
