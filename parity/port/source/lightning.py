"""Reads what configure_optimizers returns, in a script: when Lightning steps each scheduler."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from parity.port.read.lightning import build_config
from parity.port.read.literal import Call
from parity.port.source.findings import SchedulerCall
from parity.port.source.values import list_choices

if TYPE_CHECKING:
    from parity.port.source.scope import ScriptScope

#: The libraries whose schedulers Lightning steps by itself.
STEPPED = ("torch", "transformers")


def note_returned(value: Any, scope: ScriptScope) -> None:
    """Note with which settings configure_optimizers returns each scheduler."""
    for returned, settings in _list_settings(value):
        for scheduler in scope.find(returned):
            scheduler.returned = settings


def _list_settings(value: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    for item in list_choices(value):
        if isinstance(item, list | tuple):
            for part in item:
                yield from _list_settings(part)
        elif isinstance(item, dict) and "scheduler" in item:
            yield item["scheduler"], {key: part for key, part in item.items() if key != "scheduler"}
        elif isinstance(item, dict):
            yield from _list_settings(item.get("lr_scheduler"))
        elif isinstance(item, Call):
            yield item, {}


def find_own_step(scheduler: SchedulerCall, scope: ScriptScope) -> int:
    """Return the line of lr_scheduler_step if it replaces Lightning's step by another, else 0."""
    node = scope.methods.get(scheduler.method, {}).get("lr_scheduler_step")
    body = [] if node is None else [item for item in node.body if not (
        isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    same = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "step" and not (
        call.args or call.keywords)
    return 0 if node is None or same else node.lineno


def is_stepped_by_lightning(scheduler: SchedulerCall, scope: ScriptScope) -> bool:
    """Return whether Lightning steps a scheduler: configure_optimizers builds it, and optimization is automatic."""
    automatic = scope.read_attributes(scheduler.method, 0).get("automatic_optimization", True)
    return bool(scheduler.method) and automatic is not False and scheduler.kind.source in STEPPED and (
        scheduler.returned is not None or not scheduler.stepped)


def write_config(scheduler: SchedulerCall, call: Call) -> Call:
    """Return the scheduler with its settings, as the dialect of Lightning reads it."""
    return build_config({"scheduler": call, **(scheduler.returned or {})})
