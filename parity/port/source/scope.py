"""The names of a script while it is followed, and the schedulers, optimizers and trainers that are built with them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, Name, PortError, shorten_text, write_source
from parity.port.source.arguments import METHODS, Options
from parity.port.source.libraries import BASES, USUAL, Kind, recognize


@dataclass
class SchedulerCall:
    """A scheduler that a script builds.

    line: its line. kind: its library. call: its constructor (default: None, it cannot be read). error: why it cannot be
    read (default: ""). around: loops, branches and lambdas in which it is built. changes: lines that change it later.
    stepped: the line that steps it (default: "", none).
    """

    line: int
    kind: Kind
    name: str
    call: Call | None = None
    error: str = ""
    around: tuple[str, ...] = ()
    changes: list[int] = field(default_factory=list)
    stepped: str = ""


@dataclass(frozen=True, repr=False)
class Instance(Name):
    """An object of a class of the script. owner: the class."""

    owner: str = ""


@dataclass(frozen=True)
class Skipped:
    """A scheduler in a branch that is not entered. line, name: where and which. branch: the branch's test."""

    line: int
    name: str
    branch: str


@dataclass
class ScriptScope(Scope):
    """The values of the names of a script, and the schedulers that it builds.

    source: library of classes without an import (default: None). fixed: names that were set beside the script, which
    its assignments do not change. schedulers, skipped: those found. calls: all other calls, with their lines.
    """

    source: str | None = None
    fixed: frozenset[str] = frozenset()
    schedulers: dict[tuple[int, int], list[SchedulerCall]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    calls: list[tuple[Call, int]] = field(default_factory=list)
    custom: list[tuple[str, int]] = field(default_factory=list)
    functions: dict[str, Any] = field(default_factory=dict)
    waiting: list[ast.Call] = field(default_factory=list)
    methods: dict[str, dict[str, Any]] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)
    called: dict[str, int] = field(default_factory=dict)
    active: list[str] = field(default_factory=list)
    around: list[str] = field(default_factory=list)
    maybe_returned: Any = None
    calls_anything = True
    run_function: Callable[..., Any] = field(default=lambda node, call, owner="": call)

    def __post_init__(self) -> None:
        self.aliases = {}
        self.depth = 60
        self.most_steps = 1_000_000

    def write_full_name(self, node: ast.expr) -> str:
        """Return the dotted name of a function with imports, or usual names of modules, resolved."""
        full = super().write_full_name(node)
        root, dot, rest = full.partition(".")
        usual = dot and root in USUAL and root not in self.aliases and root not in self.defined and (
            root not in self.values)
        return f"{USUAL[root]}.{rest}" if usual else full

    def evaluate(self, node: ast.expr, depth: int = 0) -> Any:
        """Return the value of an expression; a part that is not supported is a Name without a value."""
        if isinstance(node, ast.Lambda):
            with self.enter(f"a lambda (line {node.lineno})"):
                self.evaluate(node.body, depth + 1)
        try:
            return super().evaluate(node, depth)
        except PortError as error:
            if self.steps > self.most_steps:
                raise PortError(f"the script needs more than {self.most_steps:,} steps to follow") from error
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr) and depth < self.depth and not isinstance(node, ast.Call):
                    self.evaluate(child, depth + 1)
            return Name(shorten_text(write_source(node)))

    def assign(self, name: str, value: Any) -> None:
        """Give a name a value, unless it was set beside the script."""
        if name in self.fixed:
            return
        for known in [known for known in self.values if known.startswith((f"{name}.", f"{name}["))]:
            if known not in self.fixed:
                del self.values[known]
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
            return METHODS[call.name](owner, *call.arguments, **call.keywords)
        if isinstance(node.func, ast.Name) and node.func.id in self.functions:
            return self.run_function(self.functions[node.func.id], call)
        if isinstance(owner, Instance) and call.name in self.methods.get(owner.owner, {}):
            method = self.methods[owner.owner][call.name]
            return self.run_function(method, replace(call, arguments=(owner, *call.arguments)), owner.owner)
        if call.name == "step":
            self.note_step(owner, node.lineno)
        if isinstance(node.func, ast.Name) and node.func.id in self.classes:
            return self._create(node.func.id, call)
        kind = recognize(call.function, self.source, self.defined)
        if kind is None:
            self.calls.append((call, node.lineno))
        else:
            self._add(node, SchedulerCall(node.lineno, kind, call.name, call, around=tuple(self.around)))
        return call

    def _create(self, name: str, call: Call) -> Any:
        """Return an object of a class of the script; one without methods is a dict of its attributes."""
        values, methods = self.classes[name], self.methods.get(name, {})
        if not methods:
            return {**values, **call.keywords}
        self.attributes.setdefault(name, dict(values))
        item = Instance(name, owner=name)
        if "__init__" in methods:
            self.run_function(methods["__init__"], replace(call, arguments=(item, *call.arguments)), name)
        return item

    def fail(self, node: ast.Call, error: PortError) -> None:
        """Note a scheduler whose arguments cannot be read."""
        full = self.write_full_name(node.func)
        kind = recognize(full, self.source, self.defined)
        if kind is not None:
            self._add(node, SchedulerCall(node.lineno, kind, full.rpartition(".")[2], error=str(error),
                                  around=tuple(self.around)))

    def _add(self, node: ast.Call, scheduler: SchedulerCall) -> None:
        known = self.schedulers.setdefault((node.lineno, node.col_offset), [])
        known[:] = [other for other in known if other.call != scheduler.call or other.call is None]
        known.append(scheduler)

    def note_change(self, owner: Any, target: ast.Attribute) -> None:
        """Note that an attribute of a scheduler is set after it was built."""
        for scheduler in (scheduler for many in self.schedulers.values() for scheduler in many):
            if scheduler.call is owner and owner is not None:
                scheduler.changes.append(target.lineno)

    def note_step(self, owner: Any, line: int) -> None:
        """Note the line that steps a scheduler, and the loop around it."""
        loop = next((around for around in reversed(self.around) if around.startswith("a loop")), "")
        for scheduler in (scheduler for many in self.schedulers.values() for scheduler in many):
            if scheduler.call is owner and owner is not None and not scheduler.stepped:
                scheduler.stepped = f"line {line} steps it{f', in {loop}' if loop else ''}"

    def note_class(self, node: ast.ClassDef, bases: list[str]) -> None:
        """Note a class that derives from a scheduler."""
        if any(base in BASES or base.endswith(("Scheduler", "LR")) for base in bases):
            self.custom = [*dict.fromkeys([*self.custom, (node.name, node.lineno)])]

    def note_skipped(self, body: list[ast.stmt], branch: str) -> None:
        """Note the schedulers of a branch that is not entered."""
        for part in (part for statement in body for part in ast.walk(statement)):
            if isinstance(part, ast.Call):
                full = self.write_full_name(part.func)
                if full in self.functions:
                    self.waiting.append(part)
                elif recognize(full, self.source, self.defined) is not None:
                    self.skipped.append(Skipped(part.lineno, full.rpartition(".")[2], branch))
