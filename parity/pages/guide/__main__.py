"""python -m parity guide [--check]

Runs the guide's code in all frameworks, and writes frameworks/PORTING.md and the pages that it links to. With --check
it writes nothing and lists the pages that are not current. Exit codes: 0 good, 2 a framework is missing or the guide
cannot be made, 4 not current.
"""

from __future__ import annotations

import sys
from pathlib import Path

from frameworks.arguments import Parser
from frameworks.exit_codes import FAILED, USAGE
from frameworks.generated import parse_arguments, print_stale, update
from parity.pages.guide.measured import GuideError
from parity.pages.guide.pages import COMMAND, FOLDER, build_pages, find_stale


def main(arguments: list[str] | None = None, prog: str = "python -m parity guide", folder: Path = FOLDER) -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write frameworks/PORTING.md and the pages that it links to.")
    check = parse_arguments(parser, arguments).check
    if sys.flags.optimize > 1:
        parser.error("needs docstrings, which python -OO leaves out")
    try:
        pages, missing = build_pages()
    except GuideError as error:
        print(error, file=sys.stderr)
        return USAGE
    for line in missing:
        print(f"no page for {line}")
    code = update(pages, folder, COMMAND, check=check)
    others = print_stale(find_stale(pages, folder)) if check else 0
    return max(code, others, FAILED if missing else 0)


if __name__ == "__main__":
    sys.exit(main())
