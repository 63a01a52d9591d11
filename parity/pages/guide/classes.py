"""Lists the scheduler classes of other libraries, each with the pages of its kinds, from the rows of COVERAGE.md."""

from __future__ import annotations

import re
from functools import cache

from frameworks.schedule import KINDS, Constant, Hold, Polynomial, Schedule, Sequence, Shift, Warmup
from frameworks.schedule.mistakes import METRIC_DRIVEN
from frameworks.schedule.named import Named
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.row import FUNCTION, Library, Row
from parity.pages.guide.docstrings import find_ports, read_paragraphs
from parity.pages.guide.examples import EXAMPLES
from parity.pages.guide.kinds import format_table

#: The libraries listed on the guide's first page; the others are in COVERAGE.md only.
LISTED = ("torch", "keras", "mxnet", "gluoncv", "timm", "transformers", "optax")
#: The most pages that one class is linked to.
MOST = 3
#: Libraries whose classes the back ends are based on.
BASES = {"mxnet": "mxnet", "torch": "torch", "keras": "tensorflow"}


def list_classes() -> list[str]:
    """Return the lines of the index: a table for each library, with one row for each class or function."""
    lines = []
    for library in LIBRARIES:
        if library.name in LISTED:
            names = dict.fromkeys(row.class_name for row in library.rows)
            rows = [[f"`{name}`", _link(library, name)] for name in names]
            lines += [f"### {library.title}", "", *format_table(["class or function", "pages"], rows), ""]
    others = ", ".join(library.title for library in LIBRARIES if library.name not in LISTED)
    return [*lines, f"In [COVERAGE.md](COVERAGE.md), with the arguments that were run: {others}."]


def find_kinds(library: Library, name: str) -> list[str]:
    """Return the kinds for a class of a library, the closest first; none if its rates depend on a function.

    The order: composed kinds whose docstring has the name; kinds whose back end is based on the class; the kinds of
    its rows in COVERAGE.md.
    """
    rows = [row for row in library.rows if row.class_name == name and row.schedule is not None
            and FUNCTION not in row.note]
    if not rows:
        return []
    return list(dict.fromkeys([*_search_docstrings(library, name), *_search_back_ends(library, name),
                               *(kind for row in rows for kind in _name_kinds(row.specification))]))


def _link(library: Library, name: str) -> str:
    kinds = find_kinds(library, name)
    if METRIC_DRIVEN in kinds:
        return "[reduce_on_plateau](PLATEAU.md)"
    if not kinds:
        refused = any(row.class_name == name and row.refused for row in library.rows)
        reason = "not expressible" if refused else "depends on its function"
        return f"[{reason}](COVERAGE.md#{library.anchor})"
    return _link_modes(library, name) or _link_kinds(kinds[:MOST])


def _link_kinds(kinds: list[str]) -> str:
    return ", ".join(f"[{kind}](porting/{kind}.md)" for kind in kinds if kind in EXAMPLES)


def _link_modes(library: Library, name: str) -> str:
    """Return a link for each value of the first argument of a class, where the kind depends on it; else ""."""
    modes: dict[str, list[Row]] = {}
    for row in library.rows:
        if row.schedule is not None and (match := re.match(rf"{name}\('(\w+)'", row.call)):
            modes.setdefault(match.group(1), []).append(row)
    kinds = {mode: [kind for row in rows for kind in _name_kinds(row.specification)] for mode, rows in modes.items()}
    if len(set(map(tuple, kinds.values()))) < 2:
        return ""
    links = []
    for mode, rows in modes.items():
        powers = ", ".join(power for row in rows for power in re.findall(r"power=([\d.]+)", row.call))
        power = f" (power {powers})" if powers else ""
        links.append(f"`{mode}`{power}: {_link_kinds(list(dict.fromkeys(kinds[mode])))}")
    shifts = {row.schedule.by for rows in modes.values() for row in rows if isinstance(row.schedule, Shift)}
    shift = f". [Shift](porting/shift.md) by {shifts.pop()}" if len(shifts) == 1 else ""
    return f"{', '.join(links)}{shift}. [Arguments](COVERAGE.md#{library.anchor})"


def _name_kinds(schedule: Schedule) -> list[str]:
    """Return the kind of a schedule inside shifts and holds, and the one after a warm-up; lines by their own name."""
    if isinstance(schedule, Shift | Hold):
        return _name_kinds(schedule.of)
    if isinstance(schedule, Warmup):
        return ["warmup", *_name_kinds(schedule.then)]
    if isinstance(schedule, Polynomial) and schedule.power == 1:
        return ["linear"]
    if isinstance(schedule, Sequence) and all(isinstance(part, Constant) for part in schedule.parts):
        return ["piecewise"]
    return [schedule.kind]


@cache
def _read_docstring(kind: str) -> str:
    return "\n".join(read_paragraphs(kind))


def _search_docstrings(library: Library, name: str) -> list[str]:
    """Return the composed kinds whose docstring has the class' name, unless it is another library's name too."""
    shared = [other.name for other in LIBRARIES if name in {row.class_name for row in other.rows}]
    if library.name not in BASES and len(shared) > 1:
        return []
    return [kind for kind, model in KINDS.items() if issubclass(model, Named)
            and re.search(rf"(?<!\w){name}\(?(?!\w)", _read_docstring(kind))]


def _search_back_ends(library: Library, name: str) -> list[str]:
    """Return the kinds whose back end in the library's framework is based on the class."""
    if library.name not in BASES:
        return []
    texts = {kind: port.text for kind in KINDS if (port := find_ports(kind).get(BASES[library.name]))}
    return [kind for kind, text in texts.items() if re.match(rf"(?:Based on )?{name}\b", text)]
