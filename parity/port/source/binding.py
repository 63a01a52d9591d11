"""Gives names to the functions, classes, arguments and branches of a script that is followed."""

from __future__ import annotations

import ast
from typing import Any

from parity.port.read.literal import Call, Name, write_source
from parity.port.source.libraries import recognize
from parity.port.source.scope import ScriptScope
from parity.port.source.values import Function


def define_names(body: list[ast.stmt], scope: ScriptScope) -> None:
    """Note the functions and classes of a body before it is followed."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope.defined.add(node.name)
            if node.name not in scope.fixed:
                scope.values.pop(node.name, None)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            known = scope.functions.get(node.name)
            if known is None or known.node is not node or known.closure:
                scope.functions[node.name] = scope.create(Function(node.name, (node.name,), node))
        elif isinstance(node, ast.ClassDef):
            _define_class(node, scope)


def _define_class(node: ast.ClassDef, scope: ScriptScope) -> None:
    """Note the methods and attributes of a class, with those of its base classes in the script."""
    bases = [scope.write_full_name(base) for base in node.bases]
    scope.note_class(node.name, node.lineno, bases, any(recognize(base, None, scope.defined) for base in bases))
    methods: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for base in reversed(bases):
        methods |= scope.methods.get(base, {})
        values |= scope.classes.get(base, {})
    scope.methods[f"super().{node.name}"] = dict(methods)
    for item in node.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
            methods[item.name] = item
        target, value = _read_assignment(item)
        if isinstance(target, ast.Name) and value is not None:
            values[target.id] = scope.evaluate(value)
    scope.methods[node.name], scope.classes[node.name] = methods, values
    define_names([item for item in node.body if isinstance(item, ast.ClassDef)], scope)


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
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, call: Call | None, scope: ScriptScope,
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
    for rest in (given.vararg, given.kwarg):
        if rest is not None:
            values[rest.arg] = Name(rest.arg, (rest.arg,))
    if call is not None:
        if given.vararg is not None:
            values[given.vararg.arg] = tuple(call.arguments[len(names):])
        if given.kwarg is not None:
            values[given.kwarg.arg] = {name: value for name, value in call.keywords.items() if name not in values}
        values.update(zip(names, call.arguments))
        values.update({name: value for name, value in call.keywords.items() if name in values})
    return {name: value for name, value in values.items() if name not in scope.fixed}
