"""python -m parity mistakes [--check]

Writes parity/MISTAKES.md, a table of every known mistake and of the case that shows it. With --check, reports whether
the page is current. Exit codes: 0 success, 4 the page is not current.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from frameworks.arguments import Parser
from frameworks.generated import ROOT, parse_arguments, update
from parity.cases import CASES
from parity.gate.laws import broken_rates  # noqa: F401  (it registers)
from parity.gate.laws.broken import BREAKING
from parity.gate.training.wrong import WRONG
from parity.mistakes import plateau
from parity.mistakes.catalogue import CATALOGUE
from parity.mistakes.groups import GROUPS
from parity.mistakes.native import NATIVE, UNFAIR
from parity.mistakes.record import Mistake
from parity.mistakes.shown import find_case, find_first_wrong
from parity.mistakes.trainings import TRAININGS
from parity.vectors.files import list_updates

PAGE = "parity/MISTAKES.md"
MADE_BY = "<!-- made by: python -m parity mistakes -->"
OPENING = """# Known mistakes

Each of these mistakes was made in real code or is easy to make. Each silently trains with other rates than intended.

The gate makes each mistake with the real frameworks, and must reject it in the case of the last column. If no
specification expresses a mistake, the gate applies its rates one after another. Some mistakes show in a
[vector](vectors/README.md) only: an optimizer does not accept their rates, or they show after more updates than the
gate makes. Each vector has the names of the mistakes that change one of its rates, in lower case with `_` for spaces.

`python -m parity explain` searches for the mistakes in schedules, except those marked ¹, and for those in recorded
rates. The links lead to where a mistake happened, or to its description."""


def build_page() -> str:
    """Return the text of the page."""
    families = {
        "Schedules": [(mistake, _find_place(name)) for name, mistake in CATALOGUE.items()],
        "The frameworks' built-in classes": [(mistake, f"{name}: `{mistake.where}`, update {mistake.at}")
                                              for name, every in NATIVE.items() for mistake in every],
        "Optimizers": [(UNFAIR, f"`{UNFAIR.where}`, update {UNFAIR.at}"),
                       *((mistake, f"law `{mistake.where}`") for mistake in BREAKING.values())],
        "Parameter groups": [(mistake, f"`{mistake.where}` of the groups") for mistake in GROUPS.values()],
        "Reduce on plateau": [(mistake, "`{}`, metric {}".format(*plateau.find_case(name)))
                              for name, mistake in plateau.PLATEAU.items()],
        "Recorded rates": [(mistake, "`explain` only") for mistake in TRAININGS.values()],
        "Training": [(mistake, f"loss {mistake.at}") for mistake in WRONG.values()],
    }
    lines = [MADE_BY, "", OPENING, ""]
    for title, rows in families.items():
        lines += [f"## {title}", "", "| mistake | about | effect | shows in |", "| --- | --- | --- | --- |"]
        lines += [f"| {mistake.name}{' ¹' * (not mistake.searched)} | {mistake.family} | {_format_effect(mistake)} "
                  f"| {where} |" for mistake, where in rows]
        lines.append("")
    return "\n".join(lines)


def _find_place(name: str) -> str:
    place = find_case(name)
    return f"`{place.case}`, update {place.update}" if place else _find_vector(name)


def _find_vector(name: str) -> str:
    """Return the vector that shows a mistake that an optimizer does not accept, or that shows after the gate's end."""
    for case, specified in CASES.items():
        if first := find_first_wrong(CATALOGUE[name], specified.schedule, list_updates(specified)):
            update, rate = first
            return f"vector `{case}`, update {update}{': nan' * bool(np.isnan(rate))}"
    raise ValueError(f"the mistake {name!r} shows in no case")


def _format_effect(mistake: Mistake) -> str:
    return f"[{mistake.effect}]({mistake.link})" if mistake.link else mistake.effect


def main(arguments: list[str] | None = None, prog: str = "python -m parity mistakes", root: Path = ROOT) -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write the page of known mistakes.")
    check = parse_arguments(parser, arguments).check
    return update({PAGE: build_page()}, root, "python -m parity mistakes", check=check)


if __name__ == "__main__":
    sys.exit(main())
