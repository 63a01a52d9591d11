"""Run what the guide prints in one framework: python -m parity.pages.guide.run --framework torch

Reads a JSON object from stdin, {"rates": [{"schedule": ..., "updates": n, "code": ...}, ...], "messages": [code, ...]},
and prints {"version": ..., "bits": [[...], ...], "messages": [...]}. A message is what a code raises, warns of or
prints. All the code is the guide's own: no text of a user's is run.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import warnings

from frameworks import FRAMEWORKS, FrameworkMissing, backend, quiet, version
from frameworks.arguments import Parser, framework
from frameworks.exit_codes import USAGE
from frameworks.observation import bits
from frameworks.schedule.union import ADAPTER
from parity.measuring.measure import tiny_updates
from parity.port.measured import observed


def message_of(code: str) -> str:
    """Run one code and return what it raises, warns of and prints, each from a line of its own."""
    said, lines = io.StringIO(), []
    with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stdout(said):
        warnings.simplefilter("always")
        try:
            exec(code, {})
        except Exception as error:
            lines.append(f"{type(error).__name__}: {error}")
    lines += [f"{one.category.__name__}: {one.message}" for one in warned]
    return "\n".join([*lines, *said.getvalue().splitlines()])


def main() -> int:
    """Answer one question."""
    parser = Parser(prog="python -m parity.pages.guide.run", description="Run the code of the guide in one framework.")
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    chosen = parser.parse_args().framework
    quiet()
    tiny_updates()
    asked = json.load(sys.stdin)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            backend(chosen)
            found = [observed(ADAPTER.validate_python(one["schedule"]), chosen, one["code"], one["updates"])
                     for one in asked["rates"]]
            messages = [message_of(code) for code in asked["messages"]]
    except FrameworkMissing as error:
        print(error, file=sys.stderr)
        return USAGE
    print(json.dumps({"version": version(chosen), "bits": [[bits(rate) for rate in one] for one in found],
                      "messages": messages}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
