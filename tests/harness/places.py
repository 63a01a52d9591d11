"""Reads the places of each kind of schedule in the files, without importing them, since a class may be missing too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from frameworks import FRAMEWORKS
from frameworks.schedule.files import parse_text
from parity.cases import list_case_files

SCHEDULE, VALUES, TEXT = "frameworks/schedule", "tests/schedule/test_schedule_values.py", "parity/pages/guide/text"


def find_missing(root: Path) -> list[str]:
    """Return a line for each kind and place that is missing, in the order of frameworks/schedule/ADDING.md."""
    classes = dict(_find_classes(root))
    names = {node.name: kind for kind, node in classes.items()}
    composed = {kind for kind, node in classes.items() if node.bases[0].id == "Named"}
    places = {SCHEDULE: set(classes)}
    places |= {f"frameworks/{name}/schedules": composed | _find_ports(root, name) for name in FRAMEWORKS}
    places["parity/cases"] = {kind for path in list_case_files(root / "parity/cases")
                              for kind in _find_kinds(parse_text(path.read_text(encoding="utf-8"), path.suffix[1:]))}
    places[VALUES] = {names.get(name, _convert_to_snake(name)) for path in (VALUES, "tests/schedule/values_named.py")
                      for name in _find_worked_examples(root / path)}
    places[TEXT] = {path.stem for path in (root / TEXT).glob("*.md")}
    kinds = set().union(*places.values())
    written = {name for path in (root / "parity/port/write").glob("formulas*.py")
               for name in re.findall(r"_(?:register|write\.register)\((\w+)", path.read_text(encoding="utf-8"))}
    return [*(f"{kind}: {place}: nothing" for place, present in places.items() for kind in sorted(kinds - present)),
            *(f"{kind}: {SCHEDULE}: {node.name} has no {part}" for kind, node in classes.items()
              for part in _find_missing_parts(node, formula=kind in composed or node.name in written))]


def _find_classes(root: Path) -> Iterator[tuple[str, ast.ClassDef]]:
    """Return the classes of schedules that have a `kind`, by kind."""
    for path in sorted((root / SCHEDULE).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and [base.id for base in node.bases] in (["ScheduleModel"], ["Named"]):
                yield from ((line.value.value, node) for line in node.body
                            if isinstance(line, ast.AnnAssign) and line.target.id == "kind" and line.value)


def _find_missing_parts(node: ast.ClassDef, *, formula: bool) -> list[str]:
    """Return the parts that a class lacks. formula: True if its code is written from its composition."""
    given = {target.id for line in node.body if isinstance(line, ast.Assign) for target in line.targets}
    docstring = ast.get_docstring(node) or ""
    has = {"formula in its docstring": "lr(t)" in docstring, "doctest": ">>>" in docstring,
           "example": "example" in given, "formula": formula or "formula" in given}
    return [part for part, there in has.items() if not there]


def _find_ports(root: Path, framework: str) -> set[str]:
    """Return the registered functions of a back end; each has the name of its kind."""
    return {node.name for path in (root / f"frameworks/{framework}/schedules").glob("*.py")
            for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)
            and any(ast.unparse(decorator).startswith("rule.register") for decorator in node.decorator_list)}


def _find_kinds(data: object) -> Iterator[str]:
    """Yield the kinds of all schedules in a document."""
    for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _find_kinds(value)
    if isinstance(data, dict) and isinstance(data.get("kind"), str):
        yield data["kind"]


def _find_worked_examples(path: Path) -> Iterator[str]:
    """Return the classes of schedules that are listed beside a table of rates."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Tuple(elts=[ast.Call(func=ast.Name(id=name)), ast.Dict()]):
                yield name


def _convert_to_snake(name: str) -> str:
    return re.sub(r"(?<=.)([A-Z])", r"_\1", name).lower()
