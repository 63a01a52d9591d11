"""What the source says about itself: a kind's formula and fields, and each backend's "Based on X. Differs: Y"."""

from __future__ import annotations

import ast
import inspect

from frameworks import FRAMEWORKS
from frameworks.schedule import KINDS
from parity.measuring.processes import ROOT


def paragraphs(kind: str) -> list[str]:
    """Return the paragraphs of a kind's docstring that stand before its example."""
    return [part for part in inspect.getdoc(KINDS[kind]).split("\n\n") if not part.startswith(">>>")]


def ports(kind: str) -> dict[str, str]:
    """Return, per framework, the docstring of the function that ports a kind, as one line for each paragraph."""
    return {framework: _docstring(framework, kind) for framework in FRAMEWORKS}


def _docstring(framework: str, kind: str) -> str:
    for path in sorted((ROOT / "frameworks" / framework / "schedules").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == kind:
                return " ".join((ast.get_docstring(node) or "").split())
    return ""
