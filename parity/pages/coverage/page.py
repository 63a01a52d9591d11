"""The page: frameworks/COVERAGE.md."""

from __future__ import annotations

import json
from collections import Counter

from frameworks import FRAMEWORKS
from frameworks.schedule import Schedule
from frameworks.schedule.mistakes import METRIC_DRIVEN
from parity.measuring.processes import ROOT
from parity.pages.coverage.agree import HORIZON
from parity.pages.coverage.known import gone, unknown
from parity.pages.coverage.measured import COMMAND, Measured
from parity.pages.coverage.read_back import read_back
from parity.pages.coverage.reasons import REASONS
from parity.pages.coverage.reference import FRAMEWORK, TOTAL
from parity.pages.coverage.row import ENDLESS, FUNCTION, LR, Library, Row
from parity.pages.guide.kinds import NAMES, table

PAGE = ROOT / "frameworks" / "COVERAGE.md"
MADE_BY = f"<!-- made by: {COMMAND} -->"
#: What each library is called as a source of `python -m parity port`.
PORTED = {**FRAMEWORK, "gluoncv": "gluoncv"}
_OPENING = f"""\
Every scheduler class and function of the libraries below, each with concrete arguments: the specification of its rates,
or why there is none. A row that is said has been checked twice, over 2.5 horizons (at least 50 updates, and of a
horizon above {HORIZON} over {2.5 * HORIZON:.0f}): the library's own class or function was run, and its rates compared
with the specification's; and Gluon, PyTorch and Keras were given the specification, and what they applied compared bit
for bit. Where a scheduler ends with its training, of {TOTAL} updates here, or raises an error after its end, its own
rates are compared up to there; those of what rises without end, over the first 100 or 200 updates. PyTorch, Keras and
MXNet are run whenever this page is made; the other libraries were run once, with the versions named here, and their
rates are kept in [coverage/recorded](../parity/pages/coverage/recorded), which
`python -m parity coverage-record timm` and so on write where the library is installed. What is refused was read in its
source, not run.

A scheduler that is told a metric is no function of the update alone, and its specification, `reduce_on_plateau`, has
[a page of its own](PLATEAU.md). Here it is told one after every update, everywhere
[the same ones](../parity/pages/coverage/told.py), which fall and then fluctuate, and what it then applies is compared
in the same two ways. A scheduler that is given a function is said for that function only.

"Off" is how far the library's own rates are from the specification, after rounding to float32, in float32 numbers in
between (ULP): most compute in float64, some from their last rate, optax and Keras in float32. It is never more than
such rounding explains, or the page is not made. Optimizers were made with a rate of {LR}. "Rounds" are written out:
where no two rounds of a scheduler are alike, its specification follows it for so many updates only, and is not counted
as said in full. `python -m parity port` reads a constructor by itself where the last column says so."""


def problems(libraries: tuple[Library, ...], found: Measured) -> list[str]:
    """Return a line for all that keeps the table from being true."""
    lines = []
    for library in libraries:
        names = found.names[library.name]
        lines += [f"{library.title} has {name}, of which the table says nothing" for name in unknown(library, names)]
        lines += [f"{library.title} has no {name}, which the table names" for name in gone(library, names)]
        for row in library.rows:
            if row.schedule is None:
                continue
            if (off := found.agreement[library.name, row.call]).first is not None:
                lines.append(f"{library.title}: {row.call} {off.said()}")
            lines += [f"{library.title}: {row.call} is not exact in {NAMES[one]}"
                      for one in FRAMEWORKS if not found.exact(row, one)]
    return lines


def page(libraries: tuple[Library, ...], found: Measured) -> str:
    """Return the page."""
    lines = [MADE_BY, "", "# Which schedulers can be said", "", _OPENING, "", "## How many", "",
             *_totals(libraries, found), ""]
    for library in libraries:
        lines += [f"## {library.title}", "", *_library(library, found), ""]
    return "\n".join([*lines, "## Refused or in rounds, and what would change that", "", *_refused(libraries), ""])


def _totals(libraries: tuple[Library, ...], found: Measured) -> list[str]:
    rows = []
    for library in libraries:
        rows.append([f"[{library.title}](#{_anchor(library.title)})", found.versions[library.name],
                     *_counted((library,))])
    rows.append(["**all**", "", *_counted(libraries)])
    every = [row for library in libraries for row in library.rows]
    said = [row for row in every if row.schedule is not None and not row.rounds]
    return [*table(["library", "version", "rows", "said", "said for some rounds", "refused", "names",
                    "names with a row that is said"], rows), "",
            f"{len(said)} of {len(every)} rows are said in full, {100 * len(said) / len(every):.0f} %. A row is one "
            "set of arguments, chosen here: options that change the formula have rows of their own, so this is a share "
            f"of these rows, not of trainings. {sum(FUNCTION in row.note for row in said)} of those that are said are "
            f"given a function, {sum(row.specification.kind == METRIC_DRIVEN for row in said)} are told a metric, and "
            f"{sum(ENDLESS in row.note for row in said)} rise without end."]


def _counted(libraries: tuple[Library, ...]) -> list[str]:
    rows = [(library.name, row) for library in libraries for row in library.rows]
    kinds = Counter("refused" if row.refused else "rounds" if row.rounds else "said" for _, row in rows)
    names = {(library, row.of) for library, row in rows}
    some = {(library, row.of) for library, row in rows if row.schedule is not None and not row.rounds}
    return [str(one) for one in (len(rows), kinds["said"], kinds["rounds"], kinds["refused"], len(names), len(some))]


def _library(library: Library, found: Measured) -> list[str]:
    ported = library.name in PORTED
    rows = []
    for row in library.rows:
        cells = [f"`{row.call}`" + (f": {row.note}" if row.note else "")]
        if row.schedule is None:
            cells += [f"**refused**: {row.refused}", *[""] * 4]
        else:
            off = found.agreement[library.name, row.call]
            rounds = f", {off.updates} updates" if row.rounds else ""
            cells += [f"`{outline(row.schedule)}`{rounds}",
                      *("exact" if found.exact(row, one) else "**no**" for one in FRAMEWORKS), off.said()]
        rows.append(cells + ([_port(library, row)] if ported else []))
    heads = ["as run", "said with", *(NAMES[one] for one in FRAMEWORKS), "off"] + (["read by `port`"] if ported else [])
    said = {row.call: row.schedule.model_dump(mode="json", exclude_none=True) for row in library.rows if row.schedule}
    specifications = ",\n".join(f"{json.dumps(call)}:\n  {json.dumps(one)}" for call, one in said.items())
    bases = f" No rates of their own, and no rows: {', '.join(library.bases)}." if library.bases else ""
    return [f"[{library.title}]({library.source}), {found.versions[library.name]}: {library.how}.{bases}", "",
            *table(heads, rows), "", "<details><summary>The specifications</summary>", "", "```json",
            "{" + specifications + "}", "```", "", "</details>"]


def _port(library: Library, row: Row) -> str:
    said = read_back(row, PORTED[library.name])
    return "" if row.schedule is None else "yes" if said is not None else "no"


def outline(schedule: Schedule) -> str:
    """Return the kinds a schedule is made of, each once where it stands: "repeat(sequence(constant))"."""
    inside = ", ".join(dict.fromkeys(outline(one) for one in schedule.inner()))
    return f"{schedule.kind}({inside})" if inside else schedule.kind


def _refused(libraries: tuple[Library, ...]) -> list[str]:
    by_reason: dict[str, list[str]] = {name: [] for name in REASONS}
    for library in libraries:
        for row in library.rows:
            if reason := row.refused or row.rounds:
                by_reason[reason].append(f"{library.title} {row.of}")
    rows = [[name, REASONS[name].why, str(len(which)), ", ".join(dict.fromkeys(which))]
            for name, which in by_reason.items() if which]
    additions = Counter(REASONS[name].addition for name, which in by_reason.items() for _ in which)
    added = [[addition, str(count)] for addition, count in additions.most_common() if addition]
    left = additions[""]
    return [*table(["reason", "why", "rows", "which"], rows), "",
            "These additions to the specification would say so many more of the rows, or say them in full; none has "
            "been made:", "", *table(["addition", "rows"], added), "",
            f"The other {left} rows are to stay as they are: no small addition would say them."]


def _anchor(title: str) -> str:
    return "".join(one for one in title.lower().replace(" ", "-") if one.isalnum() or one == "-")
