"""python -m parity coverage [--check]

Writes frameworks/COVERAGE.md from the measured and recorded rates of the libraries. With --check, reports whether it is
current. Exit codes: 0 success, 2 a framework or a record is missing, 4 the page is not current or not true.
"""

from __future__ import annotations

import sys
from pathlib import Path

from frameworks.arguments import Parser
from frameworks.exit_codes import USAGE
from frameworks.generated import parsed, printed, update
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.measured import COMMAND, CoverageError, Measured, measure
from parity.pages.coverage.page import PAGE, page, problems
from parity.pages.coverage.read_back import ReadDifferently


def outcome(measured: Measured, path: Path, *, check: bool) -> int:
    """Write or check the page, print each problem, and return the exit code."""
    lines = problems(LIBRARIES, measured)
    try:
        text = page(LIBRARIES, measured)
    except ReadDifferently as error:
        return printed([*lines, str(error)])
    return printed(lines) if lines else update({path.name: text}, path.parent, COMMAND, check=check)


def main(arguments: list[str] | None = None, prog: str = "python -m parity coverage") -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write frameworks/COVERAGE.md.")
    check = parsed(parser, arguments).check
    try:
        return outcome(measure(LIBRARIES), PAGE, check=check)
    except CoverageError as error:
        print(error, file=sys.stderr)
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
