"""Follows the body of a function, a method or a lambda of a script for one call."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from parity.port.read.literal import Call, Name
from parity.port.source.binding import bind_arguments, define_names
from parity.port.source.members import is_static
from parity.port.source.scope import ScriptScope
from parity.port.source.values import Function, Instance, choose

_MAX_CALLS = 50


class Returned(Exception):  # noqa: N818
    """The end of a function's body. value: what it returns."""

    def __init__(self, value: Any) -> None:
        self.value = value


def call_function(function: Function, call: Call | None, scope: ScriptScope,
                  follow: Callable[[list[ast.stmt], ScriptScope], None]) -> Any:
    """Follow the body of a function for one call, and return the value that it returns.

    function: the function, method or lambda; a method's object keeps its attributes. call: the call; None for a
    function that the script never calls, whose arguments have their defaults. scope: the names around it.
    follow: the function that follows statements.
    """
    node, key = function.node, id(function.node)
    name = getattr(node, "name", "lambda")
    if any(other.node is node for other in scope.active) or scope.called.get(key, 0) >= _MAX_CALLS:
        return Name(f"{name}(...)")
    scope.called[key] = scope.called.get(key, 0) + 1
    outer = scope.values, scope.created, scope.maybe_returned
    scope.values = {**(function.closure[0] if function.closure else scope.values)}
    scope.created, scope.maybe_returned = [], []
    values = bind_arguments(node, call, scope)
    item = _bind_object(function, values, scope)
    caller = scope.active[-1] if scope.active else None
    scope.values |= values
    scope.active.append(replace(function, bound=item))
    last: list[Any] = []
    try:
        if isinstance(node, ast.Lambda):
            return _evaluate_lambda(node, call, scope)
        define_names(node.body, scope)
        follow(node.body, scope)
    except Returned as end:
        last.append(end.value)
    finally:
        returned = [*scope.maybe_returned, *last]
        scope.active.pop()
        attributes = {known.partition(".")[2]: value for known, value in scope.values.items()
                      if item is not None and known.startswith(f"{item.name}.")}
        for inner in scope.created:
            inner.closure[:] = [scope.values]
        scope.values, scope.created, scope.maybe_returned = outer
        if item is not None:
            scope.attributes[item.owner, item.number] = attributes
            if caller is not None and caller.bound == item:
                scope.values.update({f"{item.name}.{name}": value for name, value in attributes.items()})
    if len(returned) < 2:
        return returned[0] if returned else None
    return choose(Name(f"{name}(...)", (f"{name}(...)",)), returned)


def _evaluate_lambda(node: ast.Lambda, call: Call | None, scope: ScriptScope) -> Any:
    if call is not None:
        return scope.evaluate(node.body)
    with scope.enter(f"a lambda (line {node.lineno})"):
        return scope.evaluate(node.body)


def _bind_object(function: Function, values: dict[str, Any], scope: ScriptScope) -> Instance | None:
    """Give a method its object with its attributes, and return the object as the method names it.

    function: the method, or a function without an object. values: the parameters, to which attributes are added.
    scope: the names of the script.
    """
    owner, arguments = function.owner, function.node.args.args
    if not owner or not arguments or is_static(function.node):
        return None
    given = values.get(arguments[0].arg)
    number = given.number if isinstance(given, Instance) and given.owner == owner else 0
    item = Instance(arguments[0].arg, owner=owner, number=number)
    scope.owners.add(item.name)
    is_same = bool(scope.active) and scope.active[-1].bound == item  # its attributes are among the caller's names
    kept = scope.values if is_same else scope.fixed
    attributes = {f"{item.name}.{name}": value for name, value in scope.read_attributes(owner, number).items()}
    values |= {item.name: item} | {name: value for name, value in attributes.items() if name not in kept}
    return item


def list_uncalled(scope: ScriptScope, named: set[str]) -> list[Function]:
    """Return the functions, lambdas and methods that were not called, of each class __init__ first.

    scope: the names of the script. named: names of what the script calls: these come once nothing else is left.
    """
    methods = [Function(node.name, node=node, owner=owner) for owner, methods in scope.methods.items()
               for node in sorted(methods.values(), key=lambda method: method.name != "__init__")]
    uncalled = [function for function in (*scope.pending.values(), *methods) if id(function.node) not in scope.called]
    return [function for function in uncalled if getattr(function.node, "name", "") not in named] or uncalled
