"""Writes each Python block of README.md as a file, for a type checker: python -m tests.harness.snippets FOLDER

They go into FOLDER/right; FOLDER/wrong gets a script with a type error, which shows that the check can fail.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from frameworks.arguments import Parser, run_main

README = Path(__file__).resolve().parents[2] / "README.md"
WRONG = 'from frameworks.schedule import Cosine\n\nCosine(base_lr=0.1, updates="20")\n'


def read_blocks() -> list[str]:
    """Return the Python blocks of README.md in order."""
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)


def main(arguments: list[str] | None = None) -> int:
    """Write the files and return the exit code."""
    parser = Parser(prog="python -m tests.harness.snippets", description="Write README.md's Python blocks as files.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="output folder, created if missing")
    folder = parser.parse_args(arguments).folder
    for name in ("right", "wrong"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "wrong" / "wrong.py").write_text(WRONG, encoding="utf-8")
    for number, block in enumerate(read_blocks(), 1):
        (folder / "right" / f"block_{number}.py").write_text(block, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
