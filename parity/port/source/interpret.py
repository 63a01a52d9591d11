"""Follows the statements of a script without running it: assignments, imports, options, branches and functions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from parity.port.read.literal import Call, Name, shorten_text, write_source
from parity.port.read.operations import join_needs
from parity.port.source.binding import (
    assign_target,
    define_names,
    list_objects,
    read_target,
    replace_contents,
)
from parity.port.source.elsewhere import name_last, note_assigned, note_partials, note_skipped
from parity.port.source.functions import Returned, call_function, list_uncalled
from parity.port.source.lightning import note_returned
from parity.port.source.scope import ScriptScope
from parity.port.source.values import merge_values


def follow(tree: ast.Module, scope: ScriptScope) -> None:
    """Follow a script: its statements, then each function, method and lambda that was not called.

    tree: the script. scope: values of names; it collects what is found.
    """
    scope.run_function = lambda function, call: call_function(function, call, scope, _follow_all)
    define_names(tree.body, scope)
    with suppress(Returned):  # a piece of a function may end with its return
        _follow_all(tree.body, scope)
    for waiting in scope.waiting:  # a branch that is not entered still shows the arguments
        function = scope.functions.get(scope.write_full_name(waiting.func))
        if function is None or id(function.node) not in scope.called:
            scope.evaluate(waiting)
    named = {name_last(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    named.discard("__init__")  # of super(), which is not that of the class
    while uncalled := list_uncalled(scope, named):  # what is followed may define more
        for function in uncalled:
            if id(function.node) not in scope.called:
                scope.run_function(function, None)
    note_partials(scope)


def _follow_all(body: list[ast.stmt], scope: ScriptScope) -> None:
    for index, node in enumerate(body):
        try:
            _STATEMENTS.get(type(node), _follow_parts)(node, scope)
        except Returned:
            note_skipped(body[index + 1:], f"after the return of line {node.lineno}", scope)
            raise


def _follow_expression(node: ast.Expr, scope: ScriptScope) -> None:
    scope.unused.add(id(node.value))
    scope.evaluate(node.value)


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
    if isinstance(value_node, ast.Call):
        note_assigned(value_node, targets, scope)
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
    for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
        if (name := alias.asname or alias.name) not in scope.fixed:
            scope.values.pop(name, None)


def _follow_if(node: ast.If, scope: ScriptScope) -> None:
    text = write_source(node.test)
    test = True if text == "__name__ == '__main__'" else scope.evaluate(node.test)
    if not isinstance(test, Name | Call):
        chosen, other = (node.body, node.orelse) if test else (node.orelse, node.body)
        note_skipped(other, f"line {node.lineno}: {'else of ' if test else ''}if {shorten_text(text)}", scope)
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
        merge_values(*pair, needs=join_needs([test])) for pair in zip(*contents)])
    scope.values = before if not branches else branches[0] if len(branches) == 1 else (
        merge_values(*branches, needs=join_needs([test])))


def _follow_guarded(body: list[ast.stmt], scope: ScriptScope) -> None:
    """Follow a body that may not be run: a return in it ends only the body."""
    try:
        _follow_all(body, scope)
    except Returned as end:
        scope.maybe_returned.append(end.value)


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
    try:
        _follow_all(node.body, scope)
    finally:
        for handler in node.handlers:
            with scope.enter(f"except (line {handler.lineno})"):
                _follow_guarded(handler.body, scope)
    _follow_all([*node.orelse, *node.finalbody], scope)


def _follow_match(node: ast.Match, scope: ScriptScope) -> None:
    """Follow `match` as branches: those of constants as comparisons, any other as one that is not known."""
    branches: list[ast.stmt] = []
    for case in reversed(node.cases):
        patterns = case.pattern.patterns if isinstance(case.pattern, ast.MatchOr) else [case.pattern]
        if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None:
            branches = case.body
            continue
        test: ast.expr = ast.Name(f"case {ast.unparse(case.pattern)}", ast.Load())
        if case.guard is None and all(isinstance(pattern, ast.MatchValue) for pattern in patterns):
            values: list[ast.expr] = [pattern.value for pattern in patterns]  # type: ignore[attr-defined]
            test = ast.Compare(node.subject, [ast.In()], [ast.Tuple(values, ast.Load())])
        branches = [ast.copy_location(ast.If(ast.copy_location(test, case.pattern), case.body, branches), case.pattern)]
    _follow_all(branches, scope)


def _follow_return(node: ast.Return, scope: ScriptScope) -> None:
    value = None if node.value is None else scope.evaluate(node.value)
    if scope.active and getattr(scope.active[-1].node, "name", "") == "configure_optimizers":
        note_returned(value, scope)
    raise Returned(value)


def _follow_definition(node: ast.stmt, scope: ScriptScope) -> None:
    define_names([node], scope)


_STATEMENTS: dict[type, Callable[[Any, ScriptScope], None]] = {
    ast.Assign: _follow_assignment, ast.AnnAssign: _follow_assignment, ast.AugAssign: _follow_assignment,
    ast.Import: _follow_import, ast.ImportFrom: _follow_import, ast.If: _follow_if, ast.For: _follow_loop,
    ast.AsyncFor: _follow_loop, ast.While: _follow_loop, ast.With: _follow_with, ast.AsyncWith: _follow_with,
    ast.Expr: _follow_expression, ast.Match: _follow_match, ast.Try: _follow_try, ast.Return: _follow_return,
    ast.FunctionDef: _follow_definition,
    ast.AsyncFunctionDef: _follow_definition, ast.ClassDef: _follow_definition}
