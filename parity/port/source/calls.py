"""Calls a value of a script: a class, a function, a partial, or one of several. Nothing is run."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from parity.port.read.literal import Call, PortError, shorten_text, write_source
from parity.port.source.elsewhere import note_elsewhere, note_open, note_passed
from parity.port.source.findings import SchedulerCall
from parity.port.source.libraries import Kind, recognize, recognize_member
from parity.port.source.members import BUILTINS, refer
from parity.port.source.values import CALLABLE, Choice, Function, Instance, Partial, Reference

if TYPE_CHECKING:
    from parity.port.source.scope import ScriptScope


def find_callee(node: ast.expr, owner: Any, scope: ScriptScope) -> Any:
    """Return the value that is called: any expression's, so that a class may be given by a variable or a dict.

    node: the expression before the arguments. owner: the value of the object whose attribute it is (None: not one).
    """
    if not isinstance(node, ast.Attribute):
        value = scope.evaluate(node)
        named = scope.functions.get(node.id) if isinstance(node, ast.Name) else None
        return value if isinstance(value, CALLABLE) or named is None else named
    known, value = scope.look_up(write_source(node))
    if not known and isinstance(owner, dict) and node.attr in owner:
        known, value = True, owner[node.attr]
    return value if known and isinstance(value, CALLABLE) else refer(node, scope, owner)


def call_value(callee: Any, call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    """Return the value of a call: what a function returns, an object of the script, or the call itself.

    callee: what is called. call: its arguments. node: its place. scope: the names of the script.
    """
    if isinstance(callee, Partial):
        scope.called_partials.add((callee.line, callee.name))
        return call_value(callee.callee, replace(call, arguments=(*callee.given.arguments, *call.arguments), text="",
                                                 keywords={**callee.given.keywords, **call.keywords}), node, scope)
    if isinstance(callee, Function):
        given = call if callee.bound is None else replace(call, arguments=(callee.bound, *call.arguments))
        return scope.run_function(callee, given)
    if isinstance(callee, Choice):
        return note_open(callee, call, node, scope)
    full = callee.full if isinstance(callee, Reference) else call.function
    value = BUILTINS[full](call, node, scope) if full in BUILTINS else None
    if value is not None:
        return value
    if full in scope.classes:
        return _create(full, call, node, scope)
    call = name_call(call, full, node)
    kind = find_kind(full, scope)
    if kind is None:
        scope.calls.append((call, node.lineno))
        _note_parameters(call, node, scope)
        note_passed(call, node, scope)
        note_elsewhere(node, scope)
        return call
    scope.note(node, SchedulerCall(node.lineno, kind, call.name, call))
    return call


def find_kind(full: str, scope: ScriptScope) -> Kind | None:
    """Return the library of a scheduler by its full name, also of an unknown class of a module of schedulers."""
    return recognize(full, scope.source, scope.defined) or recognize_member(full)


def name_call(call: Call, full: str, node: ast.Call) -> Call:
    """Return a call with the name of its class, whatever the script names it."""
    name = full.rpartition(".")[2]
    if name == call.name and call.text:
        return replace(call, function=full)
    arguments = write_source(node).removeprefix(write_source(node.func))
    named = replace(call, name=name, function=full, text=f"{name}{arguments}" if call.text else "")
    return replace(named, text=shorten_text(repr(named)))


def _create(name: str, call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    """Return an object of a class of the script; one without methods is a dict of its attributes."""
    values, methods = scope.classes[name], scope.methods.get(name, {})
    if not methods:
        return {**values, **call.keywords}
    item = Instance(name, owner=name, number=1 + sum(owner == name for owner, _ in scope.attributes))
    scope.attributes[name, item.number] = dict(values)
    if "__init__" in methods:
        scope.run_function(Function(name, node=methods["__init__"], owner=name),
                           replace(call, arguments=(item, *call.arguments)))
    note_elsewhere(node, scope, custom=name)
    return item


def _note_parameters(call: Call, node: ast.Call, scope: ScriptScope) -> None:
    """Give self.hparams the parameters of __init__, as Lightning's save_hyperparameters does."""
    if call.name == "save_hyperparameters" and isinstance(node.func, ast.Attribute) and scope.active:
        parameters = scope.active[-1].node.args
        names = [argument.arg for argument in (*parameters.args[1:], *parameters.kwonlyargs)]
        given = call.arguments[0] if call.arguments else {
            name: scope.values[name] for name in names if name in scope.values}
        if isinstance(given, dict):
            scope.assign(f"{write_source(node.func.value)}.hparams", given)


def note_unreadable(node: ast.Call, error: PortError, scope: ScriptScope) -> None:
    """Note a scheduler whose arguments cannot be read."""
    owner = scope.evaluate(node.func.value) if isinstance(node.func, ast.Attribute) else None
    callee = find_callee(node.func, owner, scope)
    while isinstance(callee, Partial):
        scope.called_partials.add((callee.line, callee.name))
        callee = callee.callee
    if isinstance(callee, Choice):
        note_open(callee, Call(""), node, scope)
        return
    full = callee.full if isinstance(callee, Reference) else scope.write_full_name(node.func)
    kind = None if isinstance(callee, Function) else find_kind(full, scope)
    if kind is not None:
        scope.note(node, SchedulerCall(node.lineno, kind, full.rpartition(".")[2], error=str(error)))
    elif not isinstance(callee, Function):
        note_elsewhere(node, scope)
