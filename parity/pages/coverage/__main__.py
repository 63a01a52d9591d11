"""python -m parity coverage [--check]

Writes frameworks/COVERAGE.md anew, from what the libraries do and did, or says which parts of it are not current. Exit
codes: 0 good, 2 a framework or a record that is missing, 4 not current or not true.
"""

from __future__ import annotations

import sys
from pathlib import Path

from frameworks.arguments import Parser
from frameworks.exit_codes import FAILED, USAGE
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.measured import COMMAND, CoverageError, Measured, measure
from parity.pages.coverage.page import PAGE, page, problems, stale
from parity.pages.coverage.read_back import ReadDifferently


def outcome(found: Measured, path: Path, *, check: bool) -> tuple[int, list[str]]:
    """Write or check the page, and return the exit code and what to print."""
    lines = problems(LIBRARIES, found)
    try:
        text = page(LIBRARIES, found)
    except ReadDifferently as error:
        lines.append(str(error))
    if lines:
        return FAILED, lines
    if not check:
        path.write_text(text, encoding="utf-8")
        return 0, []
    parts = stale(path.read_text(encoding="utf-8"), text) if path.exists() else ["all of it"]
    return FAILED if parts else 0, [f"{path.name} is not current: {part}: {COMMAND}" for part in parts]


def main(arguments: list[str] | None = None, prog: str = "python -m parity coverage") -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write frameworks/COVERAGE.md.")
    parser.add_argument("--check", action="store_true", help="write nothing, say what is not current")
    check = parser.parse_args(arguments).check
    try:
        code, lines = outcome(measure(LIBRARIES), PAGE, check=check)
    except CoverageError as error:
        print(error, file=sys.stderr)
        return USAGE
    for line in lines:
        print(line)
    return code


if __name__ == "__main__":
    sys.exit(main())
