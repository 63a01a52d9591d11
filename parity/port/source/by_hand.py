"""Finds the lines of a script that set the learning rate by hand, without a scheduler."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from parity.port.read.literal import write_source

#: The page that shows how such a loop is specified.
PAGE = "frameworks/PORTING_CUSTOM.md"
_CALLBACKS = ("LearningRateScheduler",)
_RATES = ("lr", "learning_rate", "_learning_rate")


@dataclass(frozen=True)
class HandSet:
    """A line that sets a rate. line: its number. how: what it does."""

    line: int
    how: str


def find_hand_set(tree: ast.Module) -> list[HandSet]:
    """Return the lines that set a rate by hand, in order, each once.

    Found: set_learning_rate(...), group["lr"] = ..., optimizer.lr = ..., optimizer.learning_rate.assign(...),
    backend.set_value(optimizer.lr, ...) and Keras' LearningRateScheduler(...).
    """
    places = {(item.line, item.how): item for node in ast.walk(tree) for item in _read(node)}
    return sorted(places.values(), key=lambda item: (item.line, item.how))


def _read(node: ast.AST) -> Iterator[HandSet]:
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "set_learning_rate":
            yield HandSet(node.lineno, "calls set_learning_rate")
        elif name in _CALLBACKS:
            yield HandSet(node.lineno, f"builds a {name} callback")
        elif name == "assign" and isinstance(node.func, ast.Attribute) and _is_rate(node.func.value):
            yield HandSet(node.lineno, f"assigns {write_source(node.func.value)}")
        elif name == "set_value" and node.args and _is_rate(node.args[0]):
            yield HandSet(node.lineno, f"sets the value of {write_source(node.args[0])}")
    elif isinstance(node, ast.Assign | ast.AugAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            key = target.slice if isinstance(target, ast.Subscript) else None
            group = isinstance(key, ast.Constant) and key.value == "lr" and _is_group(target)
            if group or (_is_rate(target) and _is_optimizer(target)):
                yield HandSet(node.lineno, f"sets {write_source(target)}")


def _is_rate(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _RATES


def _is_optimizer(node: ast.expr) -> bool:
    """Return whether the owner of an attribute looks like an optimizer or a trainer."""
    owner = node.value if isinstance(node, ast.Attribute) else node
    last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return last.lower().startswith(("opt", "trainer", "sgd", "adam"))


def _is_group(node: ast.expr) -> bool:
    """Return whether a subscript is one of a parameter group: group["lr"], optimizer.param_groups[0]["lr"]."""
    owner = node.value if isinstance(node, ast.Subscript) else node
    text = write_source(owner)
    return "param_groups" in text or text.rpartition(".")[2] in ("group", "g", "param_group", "pg", "param")
