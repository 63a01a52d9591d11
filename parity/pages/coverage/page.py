"""Writes the page frameworks/COVERAGE.md."""

from __future__ import annotations

import json
from collections import Counter

from frameworks import FRAMEWORKS
from frameworks.schedule import Schedule
from frameworks.schedule.mistakes import METRIC_DRIVEN
from parity.measuring.processes import ROOT
from parity.pages.coverage.agree import HORIZON
from parity.pages.coverage.known import find_missing, find_unknown
from parity.pages.coverage.measured import COMMAND, Measured
from parity.pages.coverage.read_back import read_back
from parity.pages.coverage.reasons import REASONS
from parity.pages.coverage.reference import FRAMEWORK, TOTAL
from parity.pages.coverage.row import ENDLESS, FUNCTION, LR, Library, Row
from parity.pages.guide.kinds import NAMES, format_table
from parity.port import SOURCES

PAGE = ROOT / "frameworks" / "COVERAGE.md"
MADE_BY = f"<!-- made by: {COMMAND} -->"
#: The name of each library as a source of `python -m parity port`.
PORTED = {**FRAMEWORK, **{name: name for name in SOURCES if name not in FRAMEWORK.values()}}
_OPENING = f"""\
This page lists every scheduler class and function of the libraries below, with concrete arguments. Each row has the
specification of its rates, or the reason why the rates are not expressible.

Each supported row is checked in two ways, over 2.5 horizons (at least 50 updates; {2.5 * HORIZON:.0f} updates if the
horizon is above {HORIZON}):

- The library's class or function is run, and its rates are compared with the specification.
- Gluon, PyTorch and Keras apply the specification, and the applied rates are compared bit for bit.

Some schedulers end with the training ({TOTAL} updates here) or raise an error after their end. Their rates are compared
up to that update. Rates that increase without end are compared over the first 100 or 200 updates. Rows that are not
expressible were read in the source, not run.

PyTorch, Keras and MXNet are run each time this page is made. The other libraries were run once, in the versions given
here. Their rates are stored in [coverage/recorded](../parity/pages/coverage/recorded). In an environment with the
library, `python -m parity coverage-record timm` (for example) records them again.

If a scheduler depends on a metric, its rate is not a function of the update alone. Its specification,
`reduce_on_plateau`, is described in [PLATEAU.md](PLATEAU.md). Here all these schedulers get
[the same metrics](../parity/pages/coverage/metric_driven.py), one after each update: they decrease, then fluctuate. The
applied rates are compared in the same two ways. A scheduler with a function as argument is supported for that function
only.

"Difference" is the largest difference between the library's rates and the specification, both rounded to float32. It
counts float32 numbers (ULP). Most libraries compute in float64, some of them from the previous rate; optax and Keras
compute in float32. If a difference is larger than this rounding explains, the page is not made. Optimizers have a rate
of {LR}.

If no two cycles of a scheduler are alike, its specification covers the first cycles only. Such a row counts as
"supported for some cycles". The last column shows whether `python -m parity port` reads the constructor."""


def find_problems(libraries: tuple[Library, ...], measured: Measured) -> list[str]:
    """Return a line for each statement of the table that is not true, and for each scheduler that it lacks."""
    lines = []
    for library in libraries:
        names = measured.names[library.name]
        lines += [f"{library.title} has {name}, which is not in the table" for name in find_unknown(library, names)]
        lines += [f"{library.title} has no {name}, which is in the table" for name in find_missing(library, names)]
        for row in library.rows:
            if row.schedule is None:
                continue
            if (off := measured.agreement[library.name, row.call]).first is not None:
                lines.append(f"{library.title}: {row.call} {off.describe()}")
            lines += [f"{library.title}: {row.call} is not exact in {NAMES[framework]}"
                      for framework in FRAMEWORKS if not measured.is_exact(row, framework)]
    return lines


def build_page(libraries: tuple[Library, ...], measured: Measured) -> str:
    """Return the text of the page. Raises ReadDifferentlyError."""
    lines = [MADE_BY, "", "# Supported schedulers of other libraries", "", _OPENING, "", "## How many", "",
             *_build_totals(libraries, measured), ""]
    for library in libraries:
        lines += [f"## {library.title}", "", *_build_section(library, measured), ""]
    return "\n".join([*lines, "## Not expressible, or for some cycles only", "", *_build_not_expressible(libraries),
                      ""])


def _build_totals(libraries: tuple[Library, ...], measured: Measured) -> list[str]:
    cells = [[f"[{library.title}](#{library.anchor})", measured.versions[library.name], *_count((library,))]
             for library in libraries]
    cells.append(["**all**", "", *_count(libraries)])
    rows = [row for library in libraries for row in library.rows]
    supported = [row for row in rows if row.schedule is not None and not row.rounds]
    functions = sum(FUNCTION in row.note for row in supported)
    metrics = sum(row.specification.kind == METRIC_DRIVEN for row in supported)
    return [*format_table(["library", "version", "rows", "supported", "supported for some cycles", "not expressible",
                           "classes and functions", "supported in at least one row"], cells), "",
            f"{len(supported)} of {len(rows)} rows are supported, {100 * len(supported) / len(rows):.0f} %. A row is "
            "one set of arguments, chosen here. Options that change the formula have separate rows, so this is a share "
            f"of these rows, not of trainings. Of the supported rows, {functions} have a function as argument, "
            f"{metrics} depend on a metric, and {sum(ENDLESS in row.note for row in supported)} increase without end."]


def _count(libraries: tuple[Library, ...]) -> list[str]:
    rows = [(library.name, row) for library in libraries for row in library.rows]
    kinds = Counter("refused" if row.refused else "rounds" if row.rounds else "supported" for _, row in rows)
    names = {(library, row.class_name) for library, row in rows}
    some = {(library, row.class_name) for library, row in rows if row.schedule is not None and not row.rounds}
    counts = (len(rows), kinds["supported"], kinds["rounds"], kinds["refused"], len(names), len(some))
    return [str(count) for count in counts]


def _build_section(library: Library, measured: Measured) -> list[str]:
    ported = library.name in PORTED
    rows = []
    for row in library.rows:
        cells = [f"`{row.call}`" + (f": {row.note}" if row.note else "")]
        if row.schedule is None:
            cells += [f"**not expressible**: {row.refused}", *[""] * 4]
        else:
            off = measured.agreement[library.name, row.call]
            rounds = f", {off.updates} updates" if row.rounds else ""
            cells += [f"`{outline(row.schedule)}`{rounds}",
                      *("exact" if measured.is_exact(row, framework) else "**no**" for framework in FRAMEWORKS),
                      off.describe()]
        rows.append(cells + ([_describe_port(library, row)] if ported else []))
    heads = ["call", "specification", *(NAMES[framework] for framework in FRAMEWORKS), "difference"]
    schedules = {row.call: row.schedule.model_dump(mode="json", exclude_none=True)
                 for row in library.rows if row.schedule}
    specifications = ",\n".join(f"{json.dumps(call)}:\n  {json.dumps(fields)}" for call, fields in schedules.items())
    bases = f" Without rates, and not in the table: {', '.join(library.bases)}." if library.bases else ""
    return [f"[{library.title}]({library.source}), {measured.versions[library.name]}: {library.how}.{bases}", "",
            *format_table(heads + (["read by `port`"] if ported else []), rows), "",
            "<details><summary>The specifications</summary>", "", "```json", "{" + specifications + "}", "```", "",
            "</details>"]


def _describe_port(library: Library, row: Row) -> str:
    schedule = read_back(row, PORTED[library.name])
    return "" if row.schedule is None else "yes" if schedule is not None else "no"


def outline(schedule: Schedule) -> str:
    """Return the kinds in a schedule, nested, without repetitions: "repeat(sequence(constant))"."""
    inside = ", ".join(dict.fromkeys(outline(inner) for inner in schedule.inner()))
    return f"{schedule.kind}({inside})" if inside else schedule.kind


def _build_not_expressible(libraries: tuple[Library, ...]) -> list[str]:
    by_reason: dict[str, list[str]] = {name: [] for name in REASONS}
    for library in libraries:
        for row in library.rows:
            if reason := row.refused or row.rounds:
                by_reason[reason].append(f"{library.title} {row.class_name}")
    rows = [[name, REASONS[name].why, str(len(which)), ", ".join(dict.fromkeys(which))]
            for name, which in by_reason.items() if which]
    additions = Counter(REASONS[name].addition for name, which in by_reason.items() for _ in which)
    added = [[addition, str(count)] for addition, count in additions.most_common() if addition]
    return [*format_table(["reason", "explanation", "rows", "classes and functions"], rows), "",
            "These additions to the specification would make that number of rows fully supported. None has been made:",
            "", *format_table(["addition", "rows"], added), "",
            f"No small addition would express the other {additions['']} rows."]
