"""Makes known changes, one at a time, and checks that the tests named beside each one fail.

python -m tests.harness.mutants.planted [--kind gate ...] [--name reported-not-compared ...]

planted.jsonl has one change per line: its name and kind, the file, the old text and the new text. `noticed_by` has the
tests that must notice it, as arguments of pytest; or another entry has the reason why it makes no difference. Changes
are made in a copy of the tree. Exit codes: 0 if every change is noticed, 4 if not, 1 if a test fails without a change.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from frameworks.arguments import Parser, build_choice_type
from frameworks.exit_codes import FAILED
from parity.measuring.processes import ROOT
from tests.harness import forks
from tests.harness.mutants.__main__ import copy_tree

CHANGES = Path(__file__).with_suffix(".jsonl")
KINDS = ("gate", "record", "manifest", "clock")
#: Imported once, before the fork: no code of this project, and no framework that starts threads.
LIBRARIES = ("torch._dynamo", "hypothesis", "pytest", "pydantic", "jsonschema", "safetensors.numpy", "tomli_w")
PROJECT = ("frameworks", "parity", "reproduce", "tests")
#: Seconds that the tests of one change may take.
LIMIT = 240
#: The exit code of pytest when tests failed.
NOTICED = 1


def read_changes(path: Path = CHANGES) -> list[dict[str, Any]]:
    """Return the changes of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run_tests(tree: Path, tests: list[str]) -> tuple[int, str]:
    """Run tests in a copy of the tree, in a fork of this process; return pytest's exit code and the first failure.

    The code is negative if a signal ended the fork: -14 after LIMIT seconds.
    """
    def run_pytest() -> int:
        sys.dont_write_bytecode = True  # a change may keep the size and the second of a file
        sys.path[:] = [str(tree) if path in ("", str(ROOT)) else path for path in sys.path]
        for name in [name for name in sys.modules if name.partition(".")[0] in PROJECT]:
            del sys.modules[name]
        options = ["-x", "-q", "-o", "addopts=", "-p", "no:cacheprovider"]
        with suppress(BaseException):  # its exit code, 1, is that of tests that failed
            return importlib.import_module("pytest").main([*options, *tests])
        return 3

    output = tree.parent / "output"
    with output.open("wb") as file:
        code = forks.wait(forks.start(run_pytest, file, file, tree, LIMIT))
    text = output.read_text(errors="replace")
    return code, next(iter(re.findall(r"^(?:FAILED|ERROR) (\S+(?:\[.*?\])?)", text, re.MULTILINE)), text[-300:])


def judge(change: dict[str, Any], tree: Path) -> tuple[bool, str]:
    """Make a change in a copy of the tree and undo it; return whether it is noticed, and by which test.

    Raises ValueError if its text does not occur exactly once.
    """
    path = tree / change["file"]
    before = path.read_text(encoding="utf-8")
    if (count := before.count(change["old"])) != 1:
        raise ValueError(f"{change['name']}: its text occurs {count} times in {change['file']}")
    path.write_text(before.replace(change["old"], change["new"]), encoding="utf-8")
    try:
        code, by = run_tests(tree, change["noticed_by"])
    finally:
        path.write_text(before, encoding="utf-8")
    return code == NOTICED, by if code == NOTICED else f"exit code {code}: {by}" if code else "no test fails"


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each change, and how many are noticed."""
    parser = Parser(prog="python -m tests.harness.mutants.planted",
                    description="Make known changes, one at a time, and check that the named tests notice them.")
    parser.add_argument("--kind", type=build_choice_type(KINDS), action="append",
                        help="only this kind (may be repeated; default: all)")
    parser.add_argument("--name", action="append",
                        help="only this change (may be repeated; default: all)")
    parser.add_argument("--changes", type=Path, default=CHANGES, help="file of changes (default: planted.jsonl)")
    chosen = parser.parse_args(arguments)
    changes = [change for change in read_changes(chosen.changes) if "noticed_by" in change
               and (not chosen.kind or change["kind"] in chosen.kind)
               and (not chosen.name or change["name"] in chosen.name)]
    for library in LIBRARIES:
        importlib.import_module(library)
    missed = []
    with copy_tree() as folder:
        tree = folder / "tree"
        for tests in sorted({tuple(change["noticed_by"]) for change in changes}):
            code, failed = run_tests(tree, list(tests))
            if code:
                print(f"without any change, {' '.join(tests)}: exit code {code}: {failed}", file=sys.stderr)
                return 1
        for change in changes:
            begin = time.monotonic()
            noticed, by = judge(change, tree)
            missed += [change["name"]] * (not noticed)
            print(f"{'noticed' if noticed else 'MISSED '} {time.monotonic() - begin:5.1f} s  {change['kind']:8}  "
                  f"{change['name']}: {' '.join(by.split())[:160]}", flush=True)
    print(f"{len(changes)} changes, {len(changes) - len(missed)} noticed, {len(missed)} missed")
    return FAILED if missed else 0


if __name__ == "__main__":
    sys.exit(main())
