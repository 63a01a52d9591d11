"""python -m parity coverage [--check]

Writes frameworks/COVERAGE.md from the measured and recorded rates of the libraries. With --check, reports whether it is
current. Exit codes: 0 success, 2 a framework or a record is missing, 4 the page is not current or not true.
"""

from __future__ import annotations

import sys
from pathlib import Path

from frameworks.arguments import Parser
from frameworks.exit_codes import USAGE
from frameworks.generated import parse_arguments, print_stale, update
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.measured import COMMAND, CoverageError, Measured, measure
from parity.pages.coverage.page import PAGE, build_page, find_problems
from parity.pages.coverage.read_back import ReadDifferentlyError


def update_page(measured: Measured, path: Path, *, check: bool) -> int:
    """Write or check the page, print each problem, and return the exit code."""
    lines = find_problems(LIBRARIES, measured)
    try:
        text = build_page(LIBRARIES, measured)
    except ReadDifferentlyError as error:
        return print_stale([*lines, str(error)])
    return print_stale(lines) if lines else update({path.name: text}, path.parent, COMMAND, check=check)


def main(arguments: list[str] | None = None, prog: str = "python -m parity coverage") -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write frameworks/COVERAGE.md.")
    check = parse_arguments(parser, arguments).check
    try:
        return update_page(measure(LIBRARIES), PAGE, check=check)
    except CoverageError as error:
        print(error, file=sys.stderr)
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
