"""Reads the texts of mmengine's param_scheduler, and its configuration files in Python, without running them."""

from __future__ import annotations

import ast
from typing import Any

from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, Name, PortError, parse_expression, shorten_text
from parity.port.read.mmengine_parts import INF, PARTS

#: The name of the setting.
NAME = "param_scheduler"


def read_config(text: str, scope: Scope) -> Call:
    """Return the dicts of a text, or of param_scheduler in a configuration file, as a call of `param_scheduler`."""
    if _is_file(text):
        return _read_file(text, scope)
    value = scope.evaluate(parse_expression(text, "value"))
    if isinstance(value, Call) and value.name in PARTS:
        value = _read_constructor(value)
    return _call(value, {}, text)


def _call(value: Any, more: dict[str, Any], text: str) -> Call:
    """Return the call of `param_scheduler` for a dict or a list of dicts."""
    listed = list(value) if isinstance(value, list | tuple) else [value]
    if not listed or not all(isinstance(part, dict) and "type" in part for part in listed):
        raise PortError("param_scheduler must be a dict with a type, or a list of them, such as "
                        f"[dict(type='StepLR', step_size=8)], got {shorten_text(text)!r}")
    parts = [part | {"type": _read_type(part["type"])} for part in listed]
    return Call(NAME, keywords={"parts": parts, **more}, text=shorten_text(text))


def _read_type(value: Any) -> str:
    """Return the name of a class, which a configuration writes as text or as the class."""
    return (value.name if isinstance(value, Name) else str(value)).rpartition(".")[2]


def _read_constructor(call: Call) -> dict[str, Any]:
    """Return a constructor as a dict; its default of end is not the length of the training, which the runner sets."""
    if len(call.arguments) > 1:
        raise PortError(f"{call.name}: write the arguments after the optimizer with their names")
    return {"type": call.name, "end": INF, **call.keywords}


#: The names of a configuration file that decide rates.
_USED = (NAME, "optim_wrapper", "train_cfg", "auto_scale_lr")


def _is_file(text: str) -> bool:
    """Return whether a text has statements, as a configuration file does."""
    try:
        return not isinstance(ast.parse(text.strip()).body[0], ast.Expr)
    except (SyntaxError, ValueError, IndexError, MemoryError, RecursionError):
        return False  # reported as a text


def _read_file(text: str, scope: Scope) -> Call:
    """Evaluate the assignments of a configuration file in turn, and return its param_scheduler."""
    values = {}
    fixed = set(scope.values)
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            try:
                values[name] = scope.values[name] if name in fixed else scope.evaluate(node.value)
            except PortError:
                if name in _USED:
                    raise
                values.pop(name, None)
            else:
                scope.values[name] = values[name]
        elif used := sorted({part.id for part in ast.walk(node) if isinstance(part, ast.Name)} & set(_USED)):
            raise PortError(f"line {node.lineno} changes {used[0]}, which is read only where it is assigned as a "
                            "whole: give the resulting text")
    if NAME not in values:
        raise PortError("param_scheduler is not assigned in the file: if it is in a file of _base_, read that one, or "
                        "give its text")
    if _find(values, "auto_scale_lr", "enable") is True:
        raise PortError("auto_scale_lr must not be enabled: it scales the rate by the batch size; write the scaled "
                        "rate in optimizer")
    more = {"lr": _find(values, "optim_wrapper", "optimizer", "lr"),
            **{name: _find(values, "train_cfg", name) for name in ("max_iters", "max_epochs")}}
    return _call(values[NAME], {key: value for key, value in more.items() if value is not None}, NAME)


def _find(value: Any, *keys: str) -> Any:
    """Return the value at keys of nested dicts, None if a key is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
