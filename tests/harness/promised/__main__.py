"""Writes frameworks/PROMISES.md: python -m tests.harness.promised [--check]

The page has a table for each framework: each event, what happens, and the optimizers it is checked with. Each mark in
it is a test of tests/record/test_promised.py. Exit codes: 0 good, 2 usage, 4 the page is not current.
"""

from __future__ import annotations

import sys

from frameworks import FRAMEWORKS
from frameworks.arguments import Parser
from frameworks.generated import ROOT, parse_arguments, update
from tests.harness.promised import Promise, read_promises

PAGE, COMMAND = "PROMISES.md", "python -m tests.harness.promised"
NAMES = {"mxnet": "Gluon", "torch": "PyTorch", "tensorflow": "Keras"}
HEAD = f"""<!-- made by: {COMMAND} -->

# The promises of `build`

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`. This page lists
what happens to the rate at each event of a training: in [Gluon](#gluon), [PyTorch](#pytorch) and [Keras](#keras).

Each ✓ is a test with this optimizer. It makes real updates and compares the rates with the specified ones, bit for bit,
as the weights show them. An empty cell has another row for this optimizer, or no test.

In short, if a schedule was edited before a resume: PyTorch continues with the new schedule as soon as the states are
loaded. Gluon's states and Keras' files contain the old schedule: call `replace_schedule` after loading.
"""


def build_page(promises: list[Promise]) -> str:
    """Return the page as Markdown."""
    lines = [HEAD.rstrip()]
    for framework in FRAMEWORKS:
        rows = [row for row in promises if row.framework == framework]
        columns = list(dict.fromkeys(optimizer for row in rows for optimizer in row.optimizers))
        lines += ["", f"## {NAMES[framework]}", "", f"| event | what happens | {' | '.join(columns)} |",
                  f"| --- | --- |{' --- |' * len(columns)}"]
        for row in rows:
            marks = " | ".join("✓" if column in row.optimizers else "" for column in columns)
            lines.append(f"| {row.event} | {row.outcome} | {marks} |")
    return "\n".join([*lines, ""])


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or check that it is current; return the exit code."""
    parser = Parser(prog=COMMAND, description="Write frameworks/PROMISES.md.")
    check = parse_arguments(parser, arguments).check
    return update({PAGE: build_page(read_promises())}, ROOT / "frameworks", COMMAND, check=check)


if __name__ == "__main__":
    sys.exit(main())
