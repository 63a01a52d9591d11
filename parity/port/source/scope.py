"""The names of a script while it is followed, and the schedulers, optimizers and trainers that are built with them."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, Name, PortError, shorten_text, write_source
from parity.port.source.arguments import METHODS, Options
from parity.port.source.calls import call_value, find_callee, note_unreadable
from parity.port.source.findings import Findings, SchedulerCall
from parity.port.source.libraries import USUAL
from parity.port.source.members import read_member, refer
from parity.port.source.values import Function, Reference, choose, merge_values


@dataclass
class ScriptScope(Findings, Scope):
    """The values of the names of a script, and the schedulers that it builds.

    source: library of classes without an import (default: None). fixed: names that were set beside the script, which
    its assignments do not change. functions, methods, classes, attributes: those of the script. defined: names that it
    defines. pending: functions and lambdas that are followed alone if nothing calls them. created: those of the
    function that is followed. called: number of calls of a function, by its place. active: the functions that are
    followed. maybe_returned: what these may have returned in a branch. unused: calls whose value is not used.
    unresolved: calls of what is not in the script, or of a class of it, with the class's name. owners: names that may
    have attributes or items with values.
    """

    source: str | None = None
    fixed: frozenset[str] = frozenset()
    functions: dict[str, Function] = field(default_factory=dict)
    waiting: list[ast.Call] = field(default_factory=list)
    methods: dict[str, dict[str, Any]] = field(default_factory=dict)
    attributes: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)
    pending: dict[int, Function] = field(default_factory=dict)
    created: list[Function] = field(default_factory=list)
    called: dict[int, int] = field(default_factory=dict)
    active: list[Function] = field(default_factory=list)
    unused: set[int] = field(default_factory=set)
    unresolved: dict[int, tuple[ast.Call, str]] = field(default_factory=dict)
    owners: set[str] = field(default_factory=set)
    maybe_returned: list[Any] = field(default_factory=list)
    calls_anything = True
    run_function: Callable[..., Any] = field(default=lambda function, call: call)

    def __post_init__(self) -> None:
        self.aliases = {}
        self.depth = 60
        self.most_steps = 1_000_000

    def write_full_name(self, node: ast.expr) -> str:
        """Return the dotted name of a function with imports, values and usual names of modules resolved."""
        value = self.values.get(write_source(node)) if isinstance(node, ast.Name | ast.Attribute) else None
        if isinstance(value, Reference):
            return value.full
        if not isinstance(node, ast.Attribute):
            return super().write_full_name(node)
        root = node.value.id if isinstance(node.value, ast.Name) else ""
        usual = root in USUAL and root not in self.aliases and root not in self.defined and root not in self.values
        owner = USUAL[root] if usual else self.write_full_name(node.value)
        return owner and f"{owner}.{node.attr}"

    def evaluate(self, node: ast.expr, depth: int = 0) -> Any:
        """Return the value of an expression; a part that is not supported is a Name without a value."""
        try:
            return self._refer(node, super().evaluate(node, depth), depth)
        except PortError as error:
            if self.steps > self.most_steps:
                raise PortError(f"the script needs more than {self.most_steps:,} steps to follow") from error
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr) and depth < self.depth and not isinstance(node, ast.Call):
                    self.evaluate(child, depth + 1)
            text = shorten_text(write_source(node))
            if isinstance(node, ast.Subscript) and depth < self.depth:  # a key that the dict does not have
                return read_member(self.evaluate(node.value, depth + 1), Name(text), text, self, str(error))
            return Name(text)

    def _refer(self, node: ast.expr, value: Any, depth: int) -> Any:
        """Return what an expression without a value refers to: a class, a function, or one of several values."""
        if type(value) is not Name or depth >= self.depth:
            return value
        if isinstance(node, ast.Name | ast.Attribute):
            return refer(node, self) if value.name not in self.values and value.name == write_source(node) else value
        if isinstance(node, ast.Lambda):
            return self.create(Function(value.name, node=node))
        if isinstance(node, ast.IfExp):
            with self.enter(f"if {shorten_text(write_source(node.test))} (line {node.lineno})"):
                return choose(value, [self.evaluate(part, depth + 1) for part in (node.body, node.orelse)])
        if isinstance(node, ast.BoolOp):
            return choose(value, [self.evaluate(part, depth + 1) for part in node.values[1:]])
        return value

    def find_item(self, items: Any, node: ast.expr, unknown: Name) -> Any:
        """Return an item that has no value: one of all those of a dict, or a class of a module."""
        if isinstance(items, Reference) and not isinstance(node, ast.Slice):
            return read_member(items, self.evaluate(node), unknown.name, self)
        return choose(unknown, items.values(), keys=tuple(items)) if isinstance(items, dict) else unknown

    def read_attributes(self, owner: str, number: int) -> dict[str, Any]:
        """Return the attributes of an object; those of an unknown one are what all objects of its class agree on."""
        read = self.attributes.get((owner, number))
        if read is None:
            objects = [values for (name, _), values in self.attributes.items() if name == owner] if not number else []
            merged = functools.reduce(merge_values, objects) if objects else {}
            read = {name: value for name, value in merged.items() if type(value) is not Name or value.name != name}
        return {**self.classes.get(owner, {}), **read}

    def create(self, function: Function) -> Function:
        """Note a function or a lambda, which is followed alone if nothing calls it."""
        self.pending.setdefault(id(function.node), function)
        self.created.append(function)
        return function

    def assign(self, name: str, value: Any) -> None:
        """Give a name a value, unless it was set beside the script."""
        if name in self.fixed:
            return
        if name in self.owners:
            for known in [known for known in self.values if known.startswith((f"{name}.", f"{name}["))]:
                if known not in self.fixed:
                    del self.values[known]
        self.owners.update(name[:place] for place, character in enumerate(name) if character in ".[")
        self.values[name] = value

    @contextmanager
    def enter(self, around: str) -> Iterator[None]:
        """Note a loop, a branch or a lambda around what is found."""
        self.around.append(around)
        try:
            yield
        finally:
            self.around.pop()

    def call(self, call: Call, node: ast.Call) -> Any:
        """Return the value of a call: of a parser, a function of the script, a dict's method, or the call itself."""
        owner = self.evaluate(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if call.name == "ArgumentParser":
            return Options()
        if isinstance(owner, Options):
            return owner.call(call)
        if isinstance(owner, dict | list) and call.name in METHODS:
            if call.name == "get" and call.arguments and isinstance(call.arguments[0], Name):
                return read_member(owner, call.arguments[0], shorten_text(write_source(node)), self)
            try:
                return METHODS[call.name](owner, *call.arguments, **call.keywords)
            except (TypeError, ValueError):  # arguments that the method does not have
                return Name(shorten_text(write_source(node)))
        if call.name == "step":
            self.note_step(owner, node.lineno)
        return call_value(find_callee(node.func, owner, self), call, node, self)

    def fail(self, node: ast.Call, error: PortError) -> None:
        """Note a scheduler whose arguments cannot be read."""
        note_unreadable(node, error, self)

    def note(self, node: ast.expr, scheduler: SchedulerCall) -> None:
        """Note a scheduler, with the class whose configure_optimizers builds it."""
        scheduler.method = next((function.owner for function in self.active if function.owner and getattr(
            function.node, "name", "") == "configure_optimizers"), "")
        self.add(node, scheduler)
