"""python -m parity kinds [--check]

Writes the files derived from the classes of frameworks/schedule: their exports, the JSON Schema, the README's table and
the gallery. Exit codes: 0 success, 2 usage, 4 a file is not current (with --check).
"""

from __future__ import annotations

import json
import sys
import tempfile
import textwrap
from itertools import groupby
from pathlib import Path

from frameworks import FRAMEWORKS
from frameworks.arguments import Parser
from frameworks.blocks import replace_block
from frameworks.generated import parse_arguments, update
from frameworks.schedule import Schedule
from frameworks.schedule.fields import find_schedule_fields
from frameworks.schedule.named import Named, expand
from frameworks.schedule.union import KINDS, build_json_schema
from parity.cases import CASES
from parity.measuring.processes import ROOT
from parity.pages.gallery import draw
from parity.pages.guide.kinds import format_table

COMMAND = "python -m parity kinds"
BEGIN, END = f"<!-- made by: {COMMAND} -->", "<!-- end of the schedules -->"


def write_exports() -> str:
    """Return the text of frameworks/schedule/kinds.py, which imports every class so that type checkers can read it."""
    models = sorted(KINDS.values(), key=lambda model: (model.__module__, model.__name__))
    imports = [f"from {file} import {', '.join(model.__name__ for model in group)}"
               for file, group in groupby(models, lambda model: model.__module__)]
    names = ", ".join(f'"{name}"' for name in sorted(model.__name__ for model in models))
    wrapped = textwrap.fill(f"{names},", 120, initial_indent="    ", subsequent_indent="    ")
    return "\n".join([f'"""Exports every kind. Made by: {COMMAND}"""', "", *imports, "", "__all__ = [", wrapped,
                      "]", ""])


def build_rows() -> list[list[str]]:
    """Return the rows of the README's table: each kind, and the built-in classes that each framework uses for it."""
    return [[f"[`{kind}`](frameworks/porting/{kind}.md)",
             *(_format_classes(kind, framework) for framework in FRAMEWORKS)]
            for kind in KINDS]


def _format_classes(kind: str, framework: str) -> str:
    """Return the built-in classes in use in the cases of a kind, without those of inner schedules."""
    model = KINDS[kind]
    if issubclass(model, Named):
        return "composed"
    used, inside = set(), set()
    for case in (case for case in CASES.values() if case.schedule.kind == kind):
        used.update(case.built_in.get(framework, ()))
        inside.update(*(_list_classes(other, framework) for other in _find_inner_kinds(case.schedule)))
    names = used - inside if find_schedule_fields(model) else used
    return ", ".join(sorted(names)) or ("inner" if used else "custom")


def _find_inner_kinds(schedule: Schedule) -> set[str]:
    """Return the kinds of all inner schedules."""
    return {kind for inner in expand(schedule).inner() for kind in (inner.kind, *_find_inner_kinds(inner))}


def _list_classes(kind: str, framework: str) -> set[str]:
    """Return the built-in classes in use in the cases of a kind that has no inner schedules."""
    return {name for case in CASES.values() if case.schedule.kind == kind
            and not find_schedule_fields(type(case.schedule))
            for name in case.built_in.get(framework, ())}


def derive_files(root: Path = ROOT) -> dict[str, str]:
    """Return the derived files, by path relative to the root."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    rates = "\n".join(format_table(["kind", "Gluon", "PyTorch", "Keras"], build_rows()))
    with tempfile.TemporaryDirectory() as folder:
        draw(drawn := Path(folder) / "gallery.svg")
        gallery = drawn.read_text(encoding="utf-8")
    return {"frameworks/schedule/kinds.py": write_exports(),
            "frameworks/schedule/schema.json": json.dumps(build_json_schema(), indent=2) + "\n",
            "README.md": replace_block(readme, rates, BEGIN, END), "parity/examples/gallery.svg": gallery}


def main(arguments: list[str] | None = None, prog: str = COMMAND, root: Path = ROOT) -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog=prog, description="Write the files that are derived from the kinds of schedules.")
    check = parse_arguments(parser, arguments).check
    if sys.flags.optimize > 1:
        parser.error("needs docstrings, which python -OO leaves out")
    return update(derive_files(root), root, COMMAND, check=check)


if __name__ == "__main__":
    sys.exit(main())
