"""Follows the statements of a script without running it: assignments, imports, options, branches and functions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from parity.port.read.literal import Call, Name, shorten_text, write_source
from parity.port.source.binding import (
    assign_target,
    bind_arguments,
    define_names,
    list_objects,
    merge_values,
    read_target,
    replace_contents,
)
from parity.port.source.scope import Instance, ScriptScope

_MAX_CALLS = 50


class _Return(Exception):  # noqa: N818
    def __init__(self, value: Any) -> None:
        self.value = value


def follow(tree: ast.Module, scope: ScriptScope) -> None:
    """Follow a script: its statements, then each function and method that was not called.

    tree: the script. scope: values of names; it collects what is found.
    """
    scope.run_function = lambda node, call, owner="": _call_function(node, call, scope, owner)
    define_names(tree.body, scope)
    _follow_all(tree.body, scope)
    for waiting in scope.waiting:  # a branch that is not entered still shows the arguments
        if scope.write_full_name(waiting.func) not in scope.called:
            scope.evaluate(waiting)
    for node in [*scope.functions.values()]:
        if node.name not in scope.called:
            _call_function(node, None, scope)
    for owner, methods in [*scope.methods.items()]:
        for node in sorted(methods.values(), key=lambda method: method.name != "__init__"):
            if f"{owner}.{node.name}" not in scope.called:
                _call_function(node, None, scope, owner)


def _follow_all(body: list[ast.stmt], scope: ScriptScope) -> None:
    for node in body:
        _STATEMENTS.get(type(node), _follow_parts)(node, scope)


def _follow_parts(node: ast.stmt, scope: ScriptScope) -> None:
    """Evaluate the expressions of any other statement."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            scope.evaluate(child)


def _follow_assignment(node: ast.stmt, scope: ScriptScope) -> None:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]  # type: ignore[attr-defined]
    value_node: ast.expr | None = node.value  # type: ignore[attr-defined]
    if isinstance(node, ast.AugAssign):
        operation = ast.copy_location(ast.BinOp(read_target(node.target), node.op, node.value), node)
        value_node = operation
    if value_node is None:
        return
    value = scope.evaluate(value_node)
    for target in targets:
        assign_target(target, value, scope)


def _follow_import(node: ast.stmt, scope: ScriptScope) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            scope.aliases[alias.asname or alias.name.partition(".")[0]] = (
                alias.name if alias.asname else alias.name.partition(".")[0])
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            scope.aliases[alias.asname or alias.name] = f"{module}.{alias.name}"


def _follow_if(node: ast.If, scope: ScriptScope) -> None:
    text = write_source(node.test)
    test = True if text == "__name__ == '__main__'" else scope.evaluate(node.test)
    if not isinstance(test, Name | Call):
        chosen, other = (node.body, node.orelse) if test else (node.orelse, node.body)
        scope.note_skipped(other, f"line {node.lineno}: {'else of ' if test else ''}if {shorten_text(text)}")
        _follow_all(chosen, scope)
        return
    before, objects = scope.values, list_objects(scope.values)
    kept = [dict(item) for item in objects]
    branches, contents = [], []
    for body, name in ((node.body, "if"), (node.orelse, "else of if")):
        scope.values = dict(before)
        with scope.enter(f"{name} {shorten_text(text)} (line {node.lineno})"):
            _follow_guarded(body, scope)
        if not body or not isinstance(body[-1], ast.Raise | ast.Continue | ast.Break):
            branches.append(scope.values)
            contents.append([dict(item) for item in objects])
        replace_contents(objects, kept)
    replace_contents(objects, kept if not contents else contents[0] if len(contents) == 1 else [
        merge_values(*pair) for pair in zip(*contents)])
    scope.values = merge_values(*branches) if len(branches) == 2 else branches[0] if branches else before


def _follow_guarded(body: list[ast.stmt], scope: ScriptScope) -> None:
    """Follow a body that may not be run: a return in it ends only the body."""
    try:
        _follow_all(body, scope)
    except _Return as end:
        scope.maybe_returned = end.value


def _follow_loop(node: ast.stmt, scope: ScriptScope) -> None:
    heading = node.iter if isinstance(node, ast.For | ast.AsyncFor) else node.test  # type: ignore[attr-defined]
    scope.evaluate(heading)
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            scope.assign(part.id, Name(part.id, (part.id,)))
    with scope.enter(f"a loop (line {node.lineno})"):
        _follow_guarded(node.body, scope)  # type: ignore[attr-defined]
    _follow_guarded(node.orelse, scope)  # type: ignore[attr-defined]


def _follow_with(node: ast.With | ast.AsyncWith, scope: ScriptScope) -> None:
    for item in node.items:
        value = scope.evaluate(item.context_expr)
        if item.optional_vars is not None:
            assign_target(item.optional_vars, value, scope)
    _follow_all(node.body, scope)


def _follow_try(node: ast.Try, scope: ScriptScope) -> None:
    _follow_all(node.body, scope)
    for handler in node.handlers:
        with scope.enter(f"except (line {handler.lineno})"):
            _follow_guarded(handler.body, scope)
    _follow_all([*node.orelse, *node.finalbody], scope)


def _follow_return(node: ast.Return, scope: ScriptScope) -> None:
    raise _Return(None if node.value is None else scope.evaluate(node.value))


def _follow_definition(node: ast.stmt, scope: ScriptScope) -> None:
    define_names([node], scope)


def _call_function(node: ast.FunctionDef | ast.AsyncFunctionDef, call: Call | None, scope: ScriptScope,
                   owner: str = "") -> Any:
    """Follow the body of a function for one call, and return the value that it returns.

    call: the call; None for a function that the script never calls, whose arguments have their defaults.
    owner: the class of a method, whose object keeps its attributes (default: "", a function).
    """
    name = f"{owner}.{node.name}" if owner else node.name
    if name in scope.active or scope.called.get(name, 0) >= _MAX_CALLS:
        return Name(f"{node.name}(...)")
    scope.called[name] = scope.called.get(name, 0) + 1
    values = bind_arguments(node, call, scope)
    first = node.args.args[0].arg if owner and node.args.args else ""
    if first:
        values |= {first: Instance(first, owner=owner)} | {
            f"{first}.{attribute}": value for attribute, value in scope.attributes.get(owner, {}).items()
            if f"{first}.{attribute}" not in scope.fixed}
    outer, scope.values = scope.values, {**scope.values, **values}
    scope.active.append(name)
    scope.maybe_returned = None
    try:
        define_names(node.body, scope)
        _follow_all(node.body, scope)
        return scope.maybe_returned
    except _Return as end:
        return end.value if scope.maybe_returned is None else Name(f"{node.name}(...)", (f"{node.name}(...)",))
    finally:
        scope.active.pop()
        if first:
            scope.attributes[owner] = {known.partition(".")[2]: value for known, value in scope.values.items()
                                       if known.startswith(f"{first}.")}
        scope.values, scope.maybe_returned = outer, None


_STATEMENTS: dict[type, Callable[[Any, ScriptScope], None]] = {
    ast.Assign: _follow_assignment, ast.AnnAssign: _follow_assignment, ast.AugAssign: _follow_assignment,
    ast.Import: _follow_import, ast.ImportFrom: _follow_import, ast.If: _follow_if, ast.For: _follow_loop,
    ast.AsyncFor: _follow_loop, ast.While: _follow_loop, ast.With: _follow_with, ast.AsyncWith: _follow_with,
    ast.Try: _follow_try, ast.Return: _follow_return, ast.FunctionDef: _follow_definition,
    ast.AsyncFunctionDef: _follow_definition, ast.ClassDef: _follow_definition}
