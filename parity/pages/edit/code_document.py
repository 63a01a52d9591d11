"""Gives the page what `port` writes code from: templates, dialects, and the formulas of the kinds as trees."""

from __future__ import annotations

import ast
from dataclasses import asdict
from typing import Any

from frameworks.schedule.union import KINDS
from parity.port.write import TARGETS, TEMPLATES
from parity.port.write.dialects import JAX, PYTHON, TENSORFLOW

_SIGNS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
                           ast.Pow: "**"}


def build_code() -> dict[str, Any]:
    """Return the templates with marks for their parts, the dialects, and the formulas."""
    return {"templates": {target: TEMPLATES[target].format(branches="<branches>", name="<name>") for target in TARGETS},
            "dialects": {"PYTHON": asdict(PYTHON), "TENSORFLOW": asdict(TENSORFLOW), "JAX": asdict(JAX)},
            "formulas": {kind: build_tree(ast.parse(model.formula, mode="eval").body)
                         for kind, model in KINDS.items() if model.formula}}


def build_tree(node: ast.expr) -> list[Any]:
    """Return an expression as lists: ["+", left, right], ["call", name, ...], ["name", name], ["number", n, float?]."""
    if isinstance(node, ast.BinOp):
        return [_SIGNS[type(node.op)], build_tree(node.left), build_tree(node.right)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return ["call", node.func.id, *map(build_tree, node.args)]
    if isinstance(node, ast.Constant):
        return ["number", node.value, isinstance(node.value, float)]
    if isinstance(node, ast.Name):
        return ["name", node.id]
    raise TypeError(f"a formula has no {ast.unparse(node)}")
