"""Reads the guide's sources: a kind's formula and fields, and each back end's "Based on X. Differs: Y"."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from pathlib import Path
from typing import NamedTuple

from frameworks import FRAMEWORKS
from frameworks.schedule import KINDS
from parity.measuring.processes import ROOT


def read_paragraphs(kind: str) -> list[str]:
    """Return the paragraphs of a kind's docstring before its example."""
    return [part for part in (inspect.getdoc(KINDS[kind]) or "").split("\n\n") if not part.startswith(">>>")]


def read_formula(kind: str) -> str:
    """Return the formula in a kind's docstring, without its indentation."""
    return textwrap.dedent(read_paragraphs(kind)[1])


def describe(kind: str) -> list[str]:
    """Return the rest of a kind's docstring as lines of Markdown: its fields as a list, other text as paragraphs."""
    fields, lines, is_item = KINDS[kind].model_fields, [], False
    for paragraph in read_paragraphs(kind)[2:]:
        for line in paragraph.split("\n"):
            name, _, text = line.partition(": ")
            is_field = name in fields
            is_continued = is_item and line.startswith("  ")
            if lines[-1:] not in ([], [""]) and (
                    line.startswith("Source: ") or (is_item and not is_field and not is_continued)):
                lines.append("")  # a new paragraph
            lines.append(f"- `{name}`: {text}" if is_field else line)
            is_item = is_field or is_continued
        lines.append("")
        is_item = False
    return lines


class Port(NamedTuple):
    """The function of a back end for a kind: its docstring in one line, and its file, relative to frameworks/."""

    text: str
    file: str


def find_class_file(kind: str) -> str:
    """Return the file of a kind's class, relative to frameworks/."""
    return Path(inspect.getfile(KINDS[kind])).relative_to(ROOT / "frameworks").as_posix()


def find_ports(kind: str) -> dict[str, Port]:
    """Return the back ends' functions for a kind, by framework. A composed kind has none."""
    functions = {framework: _list_functions(framework).get(kind) for framework in FRAMEWORKS}
    return {framework: port for framework, port in functions.items() if port}


@cache
def _list_functions(framework: str) -> dict[str, Port]:
    """Return the functions in the files of a back end's schedules, the first one of each name."""
    functions: dict[str, Port] = {}
    for path in sorted((ROOT / "frameworks" / framework / "schedules").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                functions.setdefault(node.name, Port(" ".join((ast.get_docstring(node) or "").split()),
                                                     path.relative_to(ROOT / "frameworks").as_posix()))
    return functions
