"""Finds what a name, an attribute or an item refers to, as Python does: in the script, in modules and in dicts."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from parity.port.read.literal import Call, Name, shorten_text, write_source
from parity.port.read.operations import join_needs
from parity.port.source.values import CALLABLE, Choice, Function, Instance, Partial, Reference, choose

if TYPE_CHECKING:
    from parity.port.source.scope import ScriptScope

_NAMES = ("globals", "locals")


def refer(node: ast.Name | ast.Attribute, scope: ScriptScope, owner: Any = None) -> Any:
    """Return what a name without a value refers to: a function, class or attribute of the script, or an import.

    node: the name. scope: the names of the script. owner: the object whose attribute it is (default: None, looked up).
    """
    text = write_source(node)
    if isinstance(node, ast.Attribute):
        if owner is None and isinstance(node.value, ast.Name):
            owner = scope.values.get(node.value.id)
        of = owner.owner if isinstance(owner, Instance) else scope.write_full_name(node.value)
        if node.attr in scope.methods.get(of, {}):
            class_name = of.removeprefix("super().")
            return _bind(Function(text, (text,), scope.methods[of][node.attr], class_name), owner)
        attributes = scope.read_attributes(of, owner.number if isinstance(owner, Instance) else 0)
        if node.attr in attributes:
            return attributes[node.attr]
    full = scope.write_full_name(node)
    if full in scope.functions:
        return scope.functions[full]
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    imported = isinstance(root, ast.Name) and root.id in scope.aliases
    return Reference(text, (text,), full) if imported or full in scope.classes or full != text else Name(text, (text,))


def _bind(method: Function, owner: Any) -> Function:
    """Return a method with its object, as the first argument of a call."""
    marks = _list_marks(method.node)
    bound = None if is_static(method.node) or not isinstance(owner, Instance) else owner
    if bound is not None or "classmethod" in marks:
        bound = Instance(method.owner, owner=method.owner, number=getattr(owner, "number", 0))
    return Function(method.name, method.needs, method.node, method.owner, bound)


def _list_marks(node: ast.FunctionDef) -> list[str]:
    return [getattr(mark, "id", "") for mark in node.decorator_list]


def is_static(node: Any) -> bool:
    """Return whether a method is called without its object."""
    return "staticmethod" in _list_marks(node)


def read_member(owner: Any, key: Any, text: str, scope: ScriptScope, reason: str = "") -> Any:
    """Return the member of a dict or of a module. One whose key has no value is one of all.

    owner: the dict, or a Reference. key: the key, or a Name. text: the expression, for messages. scope: the names of
    the script. reason: why there is no such member (default: "").
    """
    needs = join_needs([key])
    if isinstance(owner, dict):
        if not isinstance(key, Name) and key in owner:
            return owner[key]
        return choose(Name(text, needs), owner.values(), keys=tuple(owner), reason=reason)
    if not isinstance(owner, Reference):
        return Choice(text, needs)
    full = owner.full.removesuffix(".__dict__")
    if not isinstance(key, str):
        return Choice(text, needs, module=full)
    if full in _NAMES:
        return scope.evaluate(ast.Name(key, ast.Load())) if key.isidentifier() else Name(text)
    return Reference(text, (text,), f"{full}.{key}")


def _get_attribute(call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    """Return the value of getattr(owner, name, default)."""
    if len(call.arguments) < 2:
        return None
    owner, key, *default = call.arguments
    text = shorten_text(write_source(node))
    if isinstance(key, str) and key.isidentifier() and not isinstance(owner, dict | Reference):
        return scope.evaluate(ast.copy_location(ast.Attribute(node.args[0], key, ast.Load()), node))
    if isinstance(owner, dict) and key not in owner and isinstance(key, str) and default:
        return default[0]
    return read_member(owner, key, text, scope)


def _build_partial(call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    if not call.arguments or not isinstance(call.arguments[0], CALLABLE):
        return None
    callee, *rest = call.arguments
    given = Call("partial", tuple(rest), call.keywords)
    made = Partial(shorten_text(write_source(node)), callee=callee, given=given, line=node.lineno)
    scope.partials.setdefault((node.lineno, node.col_offset), []).append(made)
    return made


def _read_text(call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    """Return what eval returns for the text of a name; any other text is not read."""
    text = call.arguments[0] if call.arguments else None
    parts = text.strip().split(".") if isinstance(text, str) else []
    if not parts or not all(part.isidentifier() for part in parts):
        return Choice(shorten_text(write_source(node)), join_needs(call.arguments), module="eval")
    named: ast.expr = ast.Name(parts[0], ast.Load())
    for part in parts[1:]:
        named = ast.Attribute(named, part, ast.Load())
    return scope.evaluate(named)


def _import_module(call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    text = call.arguments[0] if call.arguments else None
    return Reference(shorten_text(write_source(node)), (), text) if isinstance(text, str) else None


def _read_names(call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    """Return the names of the script, of a module or of a dict, as globals() and vars() do."""
    if call.name in _NAMES and not call.arguments:
        return Reference(f"{call.name}()", (), call.name)
    owner = call.arguments[0] if call.arguments else None
    return owner if isinstance(owner, dict | Reference) else None


def _find_base(call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    """Return the object of a method with the methods that its class inherits."""
    item = scope.active[-1].bound if scope.active else None
    base = f"super().{item.owner}" if isinstance(item, Instance) else ""
    return Instance("super()", owner=base, number=getattr(item, "number", 0)) if base in scope.methods else None


def _build_dict(call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    first = call.arguments[0] if call.arguments else {}
    return {**first, **call.keywords} if isinstance(first, dict) else None


def _instantiate(call: Call, node: ast.Call, scope: ScriptScope) -> Any:
    """Return what hydra builds of a dict that is written out: its _target_, called with the other items."""
    config = call.arguments[0] if call.arguments else None
    target = config.get("_target_") if isinstance(config, dict) else None
    if not isinstance(config, dict) or not isinstance(target, str):
        return None
    items = {key: value for key, value in {**config, **call.keywords}.items() if not str(key).startswith("_")}
    from parity.port.source.calls import call_value

    callee = Reference(shorten_text(write_source(node)), (), target)
    given = Call(target.rpartition(".")[2], call.arguments[1:], items, "", target)
    if config.get("_partial_") is True or call.keywords.get("_partial_") is True:
        return Partial(callee.name, callee=callee, given=given, line=node.lineno)
    return call_value(callee, given, node, scope)


#: The functions that return a value of the script itself, by their full name.
BUILTINS: dict[str, Callable[[Call, ast.Call, ScriptScope], Any]] = {
    "getattr": _get_attribute, "functools.partial": _build_partial, "eval": _read_text,
    "importlib.import_module": _import_module, "globals": _read_names, "locals": _read_names, "vars": _read_names,
    "super": _find_base,
    "types.SimpleNamespace": _build_dict, "argparse.Namespace": _build_dict, "easydict.EasyDict": _build_dict,
    "omegaconf.OmegaConf.create": _build_dict, "addict.Dict": _build_dict, "copy.copy": _build_dict,
    "copy.deepcopy": _build_dict, "dict": _build_dict, "hydra.utils.instantiate": _instantiate,
    "detectron2.config.LazyCall": lambda call, node, scope: call.arguments[0] if call.arguments else None}
