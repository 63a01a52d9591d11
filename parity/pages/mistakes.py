"""python -m parity mistakes [--check]

Writes parity/MISTAKES.md anew, every known mistake and where it shows, or says that it is not current. Exit codes: 0
good, 4 not current.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from frameworks.arguments import Parser
from frameworks.generated import ROOT, parsed, update
from parity.cases import CASES
from parity.gate.laws import broken_rates  # noqa: F401  (it registers)
from parity.gate.laws.broken import BREAKING
from parity.gate.training.wrong import WRONG
from parity.mistakes import plateau
from parity.mistakes.catalogue import CATALOGUE
from parity.mistakes.groups import GROUPS
from parity.mistakes.native import NATIVE, UNFAIR
from parity.mistakes.record import Mistake
from parity.mistakes.shown import first_shown, shown
from parity.vectors.files import times

PAGE = "parity/MISTAKES.md"
MADE_BY = "<!-- made by: python -m parity mistakes -->"
OPENING = """# Known mistakes

Each has been made in real code or is easy to make, and silently trains something else. The gate makes each with the
real frameworks (a mistake that no specification has, by its rates one after another) and must reject it where the last
column says; what only a vector shows, no optimizer can be given, or it comes after more updates than the gate makes.
`python -m parity explain` looks for those of schedules, but for those marked ¹. [The vectors](vectors/README.md) are
flagged with those that change a rate of theirs: a flag is a name in small letters, with _ for a space.

A cell of "what is done" links to where it happened, or to where it is described."""


def page() -> str:
    """Return the page."""
    families = {
        "Schedules": [(one, _of_schedule(name)) for name, one in CATALOGUE.items()],
        "The frameworks' own classes": [(one, f"{name}: `{one.where}`, update {one.at}")
                                        for name, every in NATIVE.items() for one in every],
        "Optimizers": [(UNFAIR, f"`{UNFAIR.where}`, update {UNFAIR.at}"),
                       *((one, f"law `{one.where}`") for one in BREAKING.values())],
        "Parameter groups": [(one, f"`{one.where}` of the groups") for one in GROUPS.values()],
        "Reduce on plateau": [(one, "`{}`, metric {}".format(*plateau.shown(name)))
                              for name, one in plateau.PLATEAU.items()],
        "Training": [(one, f"loss {one.at}") for one in WRONG.values()],
    }
    lines = [MADE_BY, "", OPENING, ""]
    for title, rows in families.items():
        lines += [f"## {title}", "", "| mistake | about | what is done | shows in |", "| --- | --- | --- | --- |"]
        lines += [f"| {one.name}{' ¹' * (not one.searched)} | {one.family} | {_effect(one)} | {where} |"
                  for one, where in rows]
        lines.append("")
    return "\n".join(lines)


def _of_schedule(name: str) -> str:
    found = shown(name)
    return f"`{found.case}`, update {found.update}" if found else _in_a_vector(name)


def _in_a_vector(name: str) -> str:
    """What no optimizer can be given, or what shows long after the gate's last update."""
    for case, specified in CASES.items():
        if found := first_shown(CATALOGUE[name], specified.schedule, times(specified)):
            update, wrong = found
            return f"vector `{case}`, update {update}{': nan' * bool(np.isnan(wrong))}"
    raise ValueError(f"the mistake {name!r} shows in no case")


def _effect(one: Mistake) -> str:
    return f"[{one.effect}]({one.link})" if one.link else one.effect


def main(arguments: list[str] | None = None, prog: str = "python -m parity mistakes", root: Path = ROOT) -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write the page of known mistakes.")
    check = parsed(parser, arguments).check
    return update({PAGE: page()}, root, "python -m parity mistakes", check=check)


if __name__ == "__main__":
    sys.exit(main())
