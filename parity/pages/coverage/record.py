"""python -m parity coverage-record [--check] LIBRARY [...], in an environment that has the library

Records the rates of a library's schedulers, as constructed in the table, in recorded/LIBRARY.json. The table is made
from these files, where the library is not installed. Without PyTorch, TensorFlow and MXNet only the libraries that need
none of them can be run. With --check, compares the rates with the record and writes nothing. Rates in float32 may
differ by rounding, since XLA compiles for the current processor. Exit codes: 0 success, 4 if a record is not current or
a scheduler is not in the table.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from typing import Any

from frameworks.arguments import Parser, build_choice_type
from frameworks.generated import parse_arguments, print_stale
from frameworks.whole_files import replace_whole
from parity.pages.coverage.agree import count_comparable
from parity.pages.coverage.known import find_schedulers, find_unknown
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.measured import RECORDED
from parity.pages.coverage.reference import FRAMEWORK, import_members, measure_rates
from parity.pages.coverage.row import Library

COMMAND = "python -m parity coverage-record"
#: The distribution of each library, if its name is not the one in `import`.
DISTRIBUTIONS = {"ignite": "pytorch-ignite", "composer": "mosaicml", "paddle": "paddlepaddle",
                 "olmo": "ai2-olmo-core", "megatron": "megatron-core"}
RECORDED_LIBRARIES = {library.name: library for library in LIBRARIES if library.name not in FRAMEWORK}


def measure_record(library: Library) -> dict[str, Any]:
    """Run all rows of a library that have a schedule, and return the record."""
    distribution = DISTRIBUTIONS.get(library.name, library.name)
    return {"made by": f"{COMMAND} {library.name}", "distribution": distribution,
            "version": importlib.metadata.version(distribution),
            "names": find_schedulers(library.name, import_members(library.name)),
            "rates": {row.call: measure_rates(library.name, row.call, count_comparable(row))
                      for row in library.rows if row.schedule}}


def format_record(record: dict[str, Any]) -> str:
    """Return a record as JSON, with one line for the rates of each call."""
    lines = ",\n".join(f"  {json.dumps(call)}: {json.dumps(rates)}" for call, rates in record["rates"].items())
    head = json.dumps({key: value for key, value in record.items() if key != "rates"}, indent=1)
    return head[:-2] + ',\n "rates": {\n' + lines + "\n }\n}\n"


def find_differences(old: dict[str, Any], new: dict[str, Any], bits: int) -> list[str]:
    """Return the calls whose rates differ, or that only one record has. bits: precision of the library, 32 or 64."""
    calls = {**old["rates"], **new["rates"]}
    return [call for call in calls if not _is_same(old["rates"].get(call, []), new["rates"].get(call, []), bits)]


def _is_same(old: list[float], new: list[float], bits: int) -> bool:
    allowed = (32 * 2.0**-24 if bits == 32 else 2.0**-40) * max(old, default=0.0)
    return len(old) == len(new) and all(abs(before - after) <= allowed for before, after in zip(old, new))


def main(arguments: list[str] | None = None, prog: str = "python -m parity coverage-record") -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Record the rates of other libraries' schedulers.")
    parser.add_argument("libraries", nargs="+", type=build_choice_type(tuple(RECORDED_LIBRARIES)), metavar="LIBRARY",
                        help=", ".join(RECORDED_LIBRARIES))
    chosen = parse_arguments(parser, arguments)
    codes = []
    for library in (RECORDED_LIBRARIES[name] for name in chosen.libraries):
        record, path = measure_record(library), RECORDED / f"{library.name}.json"
        lines = [f"{library.title} has {name}, which is not in the table"
                 for name in find_unknown(library, record["names"])]
        if not chosen.check:
            replace_whole({path: format_record(record).encode()})
        elif path.exists():
            old = json.loads(path.read_text(encoding="utf-8"))
            lines += [f"{path.name} is not current, {call}: {record['made by']}"
                      for call in find_differences(old, record, library.bits)]
        else:
            lines.append(f"{path.name} is missing: {record['made by']}")
        codes.append(print_stale(lines))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
