"""Evaluates an expression of a constructor's text with the values of its names. Nothing of it is run."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, ClassVar

from parity.port.read.functions import CONSTANTS, FUNCTIONS, METHODS, check_size, compute
from parity.port.read.literal import Call, Name, PortError, shorten_text, write_source
from parity.port.read.operations import READERS, UNSUPPORTED, cut, join_needs, leave

MAX_DEPTH = 20
#: The most parts that are evaluated for one text: a comprehension evaluates its parts for each item.
MAX_STEPS = 200_000


@dataclass
class Scope:
    """The values of the names of a text.

    values: value of each name, by its source text, such as `args.lr` or `len(loader)` (default: none has one).
    aliases: full name of each imported name, such as numpy for np. used: the names whose values were used.
    depth: how deeply parts may be nested (default: 20). steps: parts evaluated so far. most_steps: their most
    (default: 200,000).
    """

    values: dict[str, Any] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=lambda: {"np": "numpy"})
    used: set[str] = field(default_factory=set)
    depth: int = MAX_DEPTH
    steps: int = 0
    most_steps: int = MAX_STEPS
    #: Whether a function may be something else than the name of a class.
    calls_anything: ClassVar[bool] = False

    def look_up(self, text: str) -> tuple[bool, Any]:
        """Return whether a name has a value, and the value."""
        if text not in self.values:
            return False, None
        self.used.add(text)
        return True, self.values[text]

    def write_full_name(self, node: ast.expr) -> str:
        """Return the dotted name of a function, its first part replaced by what was imported; "" if it has none."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.aliases.get(node.id, node.id), *reversed(parts)])

    def call(self, call: Call, node: ast.Call) -> Any:
        """Return the value of a call that is not arithmetic."""
        return call

    def find_item(self, items: Any, node: ast.expr, unknown: Name) -> Any:
        """Return an item that has no value. items: of what. node: its key. unknown: the item as a Name."""
        return unknown

    def fail(self, node: ast.Call, error: PortError) -> None:
        """Handle a call whose arguments cannot be read."""
        raise error

    def evaluate(self, node: ast.expr, depth: int = 0) -> Any:
        """Return the value of an expression: a number, text, a list, tuple or dict, a Call, or a Name without a value.

        node: the expression. depth: number of parts around it (default: 0).
        Raises PortError for what is not supported.
        """
        self.steps += 1
        if depth > self.depth:
            raise PortError(f"nested more than {self.depth} deep")
        if self.steps > self.most_steps:
            raise PortError(f"more than {self.most_steps:,} steps of arithmetic")
        if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str | None):
            return check_size(node.value)
        if type(node) not in _READERS:
            raise PortError(UNSUPPORTED.format(text=cut(node)))
        return _READERS[type(node)](node, self, depth + 1)


def _read_name(node: ast.expr, scope: Scope, depth: int) -> Any:
    text = write_source(node)
    known, value = scope.look_up(text)
    if known:
        return value
    if isinstance(node, ast.Attribute):
        if scope.write_full_name(node) in CONSTANTS:
            return CONSTANTS[scope.write_full_name(node)]
        owner = scope.evaluate(node.value, depth) if _count_parts(node) < MAX_DEPTH else None
        if isinstance(owner, dict) and node.attr in owner:
            return owner[node.attr]
    return Name(text, (text,))


def _count_parts(node: ast.expr) -> int:
    parts = 1
    while isinstance(node, ast.Attribute):
        node, parts = node.value, parts + 1
    return parts


def _read_subscript(node: ast.Subscript, scope: Scope, depth: int) -> Any:
    text = write_source(node)
    known, value = scope.look_up(text)
    if known:
        return value
    items = scope.evaluate(node.value, depth)
    if isinstance(items, Name | Call):
        return scope.find_item(items, node.slice, Name(text, (text,)))
    if isinstance(node.slice, ast.Slice):
        ends = [None if part is None else scope.evaluate(part, depth) for part in (
            node.slice.lower, node.slice.upper, node.slice.step)]
        key: Any = slice(*ends)
        unknown = join_needs(ends)
    else:
        key = scope.evaluate(node.slice, depth)
        unknown = join_needs([key])
    if unknown:
        return scope.find_item(items, node.slice, Name(text, unknown))
    try:
        return items[key]
    except (TypeError, LookupError, ValueError):
        raise PortError(f"{cut(node)!r} has no value: {shorten_text(repr(key))} is not in {shorten_text(repr(items))}"
                        ) from None


def _read_call(node: ast.Call, scope: Scope, depth: int) -> Any:
    text = write_source(node)
    known, value = scope.look_up(text)
    if known:
        return value
    full = scope.write_full_name(node.func)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if full in FUNCTIONS and not node.keywords:
        values = [scope.evaluate(argument, depth) for argument in node.args]
        if any(isinstance(value, Name | Call) for value in values):
            return Name(cut(node), (text,)) if full == "len" else leave(node, values)
        return compute(FUNCTIONS[full], values, cut(node))
    if owner is not None and name in METHODS and not node.keywords:
        subject = scope.evaluate(owner, depth)
        if isinstance(subject, METHODS[name][0]):
            return compute(METHODS[name][1], [subject, *(scope.evaluate(part, depth) for part in node.args)],
                           cut(node))
        if isinstance(subject, Name):
            return leave(node, [subject])
    if not scope.calls_anything and (not full or not name or name.startswith("_")):
        raise PortError(f"must be the name of a class, got {cut(node.func)!r}")
    if full == "dict" and not node.args:
        return _read_arguments(node, name, scope, depth)[1]
    try:
        call = Call(name, *_read_arguments(node, name, scope, depth), shorten_text(text), full)
    except PortError as error:
        scope.fail(node, error)
        return Name(cut(node))
    return scope.call(call, node)


def _read_arguments(node: ast.Call, name: str, scope: Scope, depth: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
    given: list[Any] = []
    for argument in node.args:
        value = scope.evaluate(argument.value if isinstance(argument, ast.Starred) else argument, depth)
        if isinstance(argument, ast.Starred) and not isinstance(value, list | tuple):
            raise PortError(f"arguments must be written out, got *{cut(argument.value)}")
        given.extend(value if isinstance(argument, ast.Starred) else [value])
    keywords: dict[str, Any] = {}
    for keyword in node.keywords:
        value = scope.evaluate(keyword.value, depth)
        if keyword.arg is None and not (isinstance(value, dict) and all(isinstance(key, str) for key in value)):
            raise PortError(f"arguments must be written out, got **{cut(keyword.value)}")
        for key, item in (value if keyword.arg is None else {keyword.arg: value}).items():
            if key in keywords:
                raise PortError(f"{name}: {key} is given more than once")
            keywords[key] = item
    return tuple(given), keywords


_READERS: dict[type, Any] = {**READERS, ast.Name: _read_name, ast.Attribute: _read_name,
                             ast.Subscript: _read_subscript, ast.Call: _read_call}
