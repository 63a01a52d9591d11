"""Lists the schedulers whose class the script does not show: named by an option, or built by code of another file."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from parity.port.read.literal import Call, shorten_text, write_source
from parity.port.source.findings import SchedulerCall, Skipped
from parity.port.source.libraries import Kind, is_of_a_library, recognize, recognize_member
from parity.port.source.values import Choice, Function, Partial, Reference, list_choices

if TYPE_CHECKING:
    from parity.port.source.scope import ScriptScope

_SCHEDULER = re.compile(r"sched", re.IGNORECASE)
_CLASS = re.compile(r"(?:LR|Restarts|Warmup|WarmUp)$|^(?:Gradual|Linear|Cosine)?Warm", re.ASCII)
_OPTIMIZER = re.compile(r"(?:^|_)optim|optimizers?$|^opt(?:_\w+)?$", re.IGNORECASE)
#: What does something with a scheduler or to the rates, and builds none.
_OTHER = re.compile(r"^_?(?:step|update|adjust|set|load|save|resume|restore|log|print|plot|test|check|warn)_|^prepare$")
_PASSED = "is called outside the file: if nothing but the optimizer is passed to it, port {text} alone"


def find_class(value: Any, scope: ScriptScope) -> tuple[str, Kind] | None:
    """Return the name and the library of a class of schedulers, also inside a partial; None for anything else."""
    while isinstance(value, Partial):
        value = value.callee
    if not isinstance(value, Reference):
        return None
    kind = recognize(value.full, scope.source, scope.defined)
    name = value.full.rpartition(".")[2]
    return None if kind is None or name.startswith("get_") else (name, kind)


def note_open(callee: Choice, call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    """Note a scheduler whose class is one of several; functions among them are followed."""
    from parity.port.source.calls import call_value

    kinds = [named[1] for item in callee.among if (named := find_class(item, scope)) is not None]
    member = recognize_member(f"{callee.module}.X")
    if member is not None or kinds:
        kind = member or kinds[0]
        scope.note(node, SchedulerCall(node.lineno, kind, shorten_text(callee.name), error=_explain(callee),
                                       needs=() if callee.reason else callee.needs))
    else:
        scope.calls.append((call, node.lineno))
        given = [node.args[0]] if node.args else [part.value for part in node.keywords if part.arg == "optimizer"]
        is_given = any("optim" in name_last(part).lower() for part in given)
        note_elsewhere(node, scope, ("scheduler",) if is_given else ())
    with scope.enter(f"one of {shorten_text(callee.name)} (line {node.lineno})"):
        for item in callee.among:
            if isinstance(item, Function):
                call_value(item, call, node, scope)
    return call


def _explain(callee: Choice) -> str:
    if callee.reason:
        return callee.reason
    needs = ", ".join(callee.needs)
    if not needs:
        return f"its class is named by {shorten_text(callee.name)}, which is not read: port its constructor alone"
    keys = [repr(key) for key in callee.keys]
    among = f", one of {shorten_text(', '.join(keys))}" if keys else ""
    how = "is named by" if callee.keys or callee.module else "depends on"
    return f"its class {how} {needs}: give it with --set {callee.needs[0]}=...{among}"


def note_skipped(body: list[ast.stmt], branch: str, scope: ScriptScope) -> None:
    """Note the schedulers of statements that are not followed.

    body: the statements. branch: why they are not followed. scope: the names of the script.
    """
    targets: dict[int, tuple[str, ...]] = {}
    for part in (part for statement in body for part in ast.walk(statement)):
        if isinstance(part, ast.Assign):
            targets[id(part.value)] = _list_targets(part.targets)
        if not isinstance(part, ast.Call):
            continue
        full = scope.write_full_name(part.func)
        if full in scope.functions:
            scope.waiting.append(part)
        elif recognize(full, scope.source, scope.defined) or recognize_member(full):
            scope.skipped.append(Skipped(part.lineno, full.rpartition(".")[2], branch))
        elif isinstance(part.func, ast.Call | ast.Subscript):
            value = scope.evaluate(part.func)
            module = value.module if isinstance(value, Choice) else getattr(value, "full", "").rpartition(".")[0]
            if recognize_member(f"{module}.X") or any(find_class(item, scope) for item in list_choices(value)):
                scope.skipped.append(Skipped(part.lineno, shorten_text(write_source(part.func)), branch))
        elif builds_scheduler(part, scope, targets.get(id(part), ())):
            scope.skipped.append(Skipped(part.lineno, shorten_text(write_source(part.func)), branch))


def note_passed(call: Call, node: ast.Call, scope: ScriptScope) -> None:
    """Note a class of schedulers that is passed to an object of another file, which calls it."""
    places = {id(value): part for value, part in zip(call.arguments, node.args)}
    for keyword in node.keywords:
        if keyword.arg in call.keywords:
            places[id(call.keywords[keyword.arg])] = keyword.value
    named = [*((value, call.name[:1].isupper()) for value in call.arguments),
             *((value, call.name[:1].isupper() or _SCHEDULER.search(key)) for key, value in call.keywords.items())]
    for value, listed in named:
        named_class = find_class(value, scope) if listed and isinstance(value, Reference) else None
        if named_class is not None:
            part = places.get(id(value), node)
            scope.note(part, SchedulerCall(part.lineno, named_class[1], named_class[0], error=(
                f"{shorten_text(call.name)} calls it, which is not in the file: port its constructor alone")))


def note_partials(scope: ScriptScope) -> None:
    """Note the partials of schedulers that nothing in the script calls."""
    for (line, column), partials in scope.partials.items():
        for partial in partials:
            named = find_class(partial, scope)
            if named is not None and (partial.line, partial.name) not in scope.called_partials:
                name, kind = named
                given = [*map(repr, partial.given.arguments), *(
                    f"{key}={value!r}" for key, value in partial.given.keywords.items())]
                text = f"{name}({', '.join(['optimizer', *given])})"
                place = ast.Constant(0, lineno=line, col_offset=column)
                scope.note(place, SchedulerCall(line, kind, name, error=_PASSED.format(text=repr(text))))


def note_assigned(node: ast.Call, targets: list[ast.expr], scope: ScriptScope) -> None:
    """Note a scheduler by the names to which the value of a call is assigned."""
    if id(node) in scope.unresolved:
        note_elsewhere(node, scope, _list_targets(targets), scope.unresolved[id(node)][1])


def _list_targets(targets: list[ast.expr]) -> tuple[str, ...]:
    """Return the texts of the targets of an assignment."""
    return tuple(write_source(part) for target in targets for part in (
        target.elts if isinstance(target, ast.Tuple) else [target]))


def note_elsewhere(node: ast.Call, scope: ScriptScope, targets: tuple[str, ...] = (), custom: str = "") -> None:
    """Note a call that builds a scheduler by its looks, with code or settings that the script does not contain.

    node: the call. scope: the names of the script. targets: names that its value is assigned to (default: none).
    custom: the class of the script that is called (default: "", none).
    """
    scope.unresolved[id(node)] = (node, custom)
    if id(node) in scope.unused or (node.lineno, node.col_offset) in scope.schedulers or not builds_scheduler(
            node, scope, targets):
        return
    name = shorten_text(write_source(node.func))
    for part in _list_given(node):
        for scheduler in scope.find(scope.values.get(write_source(part))):
            scheduler.stepped = scheduler.stepped or f"line {node.lineno} passes it to {name}"
    if custom:
        scope.custom = [*dict.fromkeys([*scope.custom, (custom, scope.lines.get(custom, node.lineno))])]
        return
    full = scope.write_full_name(node.func)
    imported = full.partition(".")[0] in map(_find_root, scope.aliases.values())
    what = f"{full} is not a scheduler of a supported library, and" if imported else "its class"
    if full.endswith("instantiate") and node.args:  # hydra's
        what = f"its class is named by {shorten_text(write_source(node.args[0]))}, which"
    scope.note(node, SchedulerCall(node.lineno, Kind(), name, error=(
        f"{what} is not in the file: port its constructor alone")))


def _find_root(full: str) -> str:
    return full.partition(".")[0]


def _list_given(node: ast.Call) -> list[ast.expr]:
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return [part.value if isinstance(part, ast.Starred) else part for part in given]


def builds_scheduler(node: ast.Call, scope: ScriptScope, targets: tuple[str, ...] = ()) -> bool:
    """Return whether a call builds a scheduler by its looks: its name or its target is that of one, with an optimizer.

    node: the call. scope: the names of the script. targets: texts that its value is assigned to (default: none).
    """
    name = name_last(node.func)
    named = _SCHEDULER.search(name) or _CLASS.search(name)
    if _OTHER.search(name) or not (named or any(_SCHEDULER.search(target.rpartition(".")[2]) for target in targets)):
        return False
    optimizers = []
    for part in _list_given(node):
        text = write_source(part)
        if _SCHEDULER.search(text) and (text in targets or (not named and scope.find(scope.values.get(text)))):
            return False  # it is passed a scheduler, and returns it
        if _OPTIMIZER.search(name_last(part)) and not isinstance(scope.values.get(text), dict):
            optimizers.append(text)
    if not optimizers and len(targets) > 1:
        optimizers = [target for target in targets if _OPTIMIZER.search(target)]
    is_sure = any("optim" in text.lower() for text in optimizers)
    return is_sure or (bool(optimizers) and any(map(is_of_a_library, scope.aliases.values())))


def name_last(node: ast.expr) -> str:
    """Return the last part of a name: optimizer of self.optimizer and of optimizers[0]; "" for anything else."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
