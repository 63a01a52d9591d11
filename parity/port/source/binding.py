"""Gives names to the functions, classes, arguments and branches of a script that is followed."""

from __future__ import annotations

import ast
from typing import Any

from parity.port.read.literal import Call, Name, write_source
from parity.port.source.scope import ScriptScope


def define_names(body: list[ast.stmt], scope: ScriptScope) -> None:
    """Note the functions and classes of a body before it is followed."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            scope.functions[node.name] = node
            scope.defined.add(node.name)
        elif isinstance(node, ast.ClassDef):
            scope.defined.add(node.name)
            bases = [scope.write_full_name(base).rpartition(".")[2] for base in node.bases]
            scope.note_class(node, bases)
            scope.methods[node.name] = {item.name: item for item in node.body if isinstance(
                item, ast.FunctionDef | ast.AsyncFunctionDef)}
            values: dict[str, Any] = {}
            for item in node.body:
                target, value = _read_assignment(item)
                if isinstance(target, ast.Name) and value is not None:
                    values[target.id] = scope.evaluate(value)
            scope.classes[node.name] = values


def _read_assignment(node: ast.stmt) -> tuple[ast.expr | None, ast.expr | None]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return node.targets[0], node.value
    return (node.target, node.value) if isinstance(node, ast.AnnAssign) else (None, None)


def read_target(node: ast.expr) -> ast.expr:
    """Return the target of an assignment as an expression that can be evaluated."""
    return ast.parse(write_source(node), mode="eval").body


def name_unknown(node: ast.expr) -> Name:
    """Return an expression as a Name, to which only `--set` with the same text gives a value."""
    text = write_source(node)
    return Name(text, (text,))


def merge_values(first: dict[Any, Any], second: dict[Any, Any]) -> dict[Any, Any]:
    """Return the values after a branch that is not known: those that differ have none."""
    return {name: first[name] if name in first and name in second and (
        first[name] is second[name] or repr(first[name]) == repr(second[name])) else Name(str(name), (str(name),))
        for name in (*first, *(name for name in second if name not in first))}


def list_objects(values: dict[str, Any]) -> list[dict[Any, Any]]:
    """Return the dicts among values and in them, each once: a branch may change them."""
    objects: dict[int, dict[Any, Any]] = {}
    waiting = list(values.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict) and id(value) not in objects:
            objects[id(value)] = value
            waiting.extend(value.values())
    return list(objects.values())


def replace_contents(objects: list[dict[Any, Any]], contents: list[dict[Any, Any]]) -> None:
    """Give each dict its new content."""
    for item, content in zip(objects, contents):
        item.clear()
        item.update(content)


def assign_target(target: ast.expr, value: Any, scope: ScriptScope) -> None:
    """Give the target of an assignment its value: a name, the items of a tuple, an item or an attribute of a dict."""
    if isinstance(target, ast.Tuple | ast.List):
        same = isinstance(value, list | tuple) and len(value) == len(target.elts)
        for index, part in enumerate(target.elts):
            assign_target(part, value[index] if same else name_unknown(part), scope)
        return
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        owner = scope.evaluate(target.value)
        if isinstance(owner, dict):
            owner[target.slice.value] = value
            return
    if isinstance(target, ast.Attribute):
        owner = scope.evaluate(target.value)
        scope.note_change(owner, target)
        if isinstance(owner, dict) and write_source(target) not in scope.fixed:
            owner[target.attr] = value
            return
    if not isinstance(target, ast.Starred):
        scope.assign(write_source(target), value)


def bind_arguments(
    node: ast.FunctionDef | ast.AsyncFunctionDef, call: Call | None, scope: ScriptScope,
) -> dict[str, Any]:
    """Return the values of a function's parameters.

    call: a call of it; None: parameters without a default have no value.
    """
    given = node.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    values: dict[str, Any] = {name: Name(name, (name,)) for name in (
        *names, *(argument.arg for argument in given.kwonlyargs))}
    for name, default in zip(names[::-1], given.defaults[::-1]):
        values[name] = scope.evaluate(default)
    for argument, default in zip(given.kwonlyargs, given.kw_defaults):
        if default is not None:
            values[argument.arg] = scope.evaluate(default)
    if call is not None:
        values.update(zip(names, call.arguments))
        values.update({name: value for name, value in call.keywords.items() if name in values})
    return {name: value for name, value in values.items() if name not in scope.fixed}
