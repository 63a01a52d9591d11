"""Evaluates the operators, lists and comprehensions of a text. A part without a value stays a Name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from parity.port.read.functions import COMPARISONS, MAX_ITEMS, OPERATORS, check_size, combine, count_items, is_number
from parity.port.read.literal import Call, Name, PortError, shorten_text, write_source

if TYPE_CHECKING:
    from parity.port.read.evaluate import Scope

UNSUPPORTED = "must be written out as numbers, text, lists and calls, got {text!r}"


def read_sign(node: ast.UnaryOp, scope: Scope, depth: int) -> Any:
    """Return the value of an expression with a sign or `not`."""
    value = scope.evaluate(node.operand, depth)
    if isinstance(value, Name | Call):
        return leave(node, [value])
    if isinstance(node.op, ast.Not):
        return not value
    if not is_number(value) or isinstance(node.op, ast.Invert):
        raise PortError(f"must be a number, got {cut(node.operand)!r}")
    return -value if isinstance(node.op, ast.USub) else value


def read_operator(node: ast.BinOp, scope: Scope, depth: int) -> Any:
    """Return the value of an arithmetic operation."""
    if type(node.op) not in OPERATORS:
        raise PortError(UNSUPPORTED.format(text=cut(node)))
    left, right = scope.evaluate(node.left, depth), scope.evaluate(node.right, depth)
    if any(isinstance(value, Name | Call) for value in (left, right)):
        return leave(node, [left, right])
    return combine(type(node.op), left, right, cut(node))


def read_comparison(node: ast.Compare, scope: Scope, depth: int) -> Any:
    """Return the value of a comparison, also of a chained one."""
    values = [scope.evaluate(part, depth) for part in (node.left, *node.comparators)]
    if any(isinstance(value, Name | Call) for value in values):
        return leave(node, values)
    try:
        return all(COMPARISONS[type(operation)](left, right)
                   for operation, left, right in zip(node.ops, values, values[1:]))
    except TypeError as error:
        raise PortError(f"{error} in {cut(node)!r}") from None


def read_logic(node: ast.BoolOp, scope: Scope, depth: int) -> Any:
    """Return the value of `and` or `or`; later operands are not read once the value is certain."""
    value: Any = None
    for part in node.values:
        value = scope.evaluate(part, depth)
        if part is node.values[-1]:
            return value
        if isinstance(value, Name):
            return leave(node, [value])
        if bool(value) is isinstance(node.op, ast.Or):
            return value
    return value


def read_choice(node: ast.IfExp, scope: Scope, depth: int) -> Any:
    """Return the value of `a if test else b`; the operand that is not chosen is not read."""
    test = scope.evaluate(node.test, depth)
    if isinstance(test, Name):
        return leave(node, [test])
    return scope.evaluate(node.body if test else node.orelse, depth)


def read_comprehension(node: ast.ListComp | ast.GeneratorExp, scope: Scope, depth: int) -> Any:
    """Return the list of a comprehension with one loop."""
    [loop, *more] = node.generators
    if more or not isinstance(loop.target, ast.Name):
        raise PortError(UNSUPPORTED.format(text=cut(node)))
    items = scope.evaluate(loop.iter, depth)
    if isinstance(items, Name | Call):
        items = [items, _evaluate_with(node.elt, scope, depth, loop.target.id, Name(loop.target.id))]
        return leave(node, items)
    if not isinstance(items, list | tuple):
        raise PortError(f"must be a list, got {cut(loop.iter)!r}")
    read, size = [], 0
    for item in items:
        if all(_evaluate_with(test, scope, depth, loop.target.id, item) for test in loop.ifs):
            read.append(_evaluate_with(node.elt, scope, depth, loop.target.id, item))
            size += count_items(read[-1])
            if size > MAX_ITEMS:
                raise PortError(f"a list of more than {MAX_ITEMS:,} items")
    unknown = join_needs(read)
    return Name(cut(node), unknown) if unknown else check_size(read)


def _evaluate_with(node: ast.expr, scope: Scope, depth: int, name: str, value: Any) -> Any:
    """Return the value of an expression for one value of a comprehension's name."""
    known, before = name in scope.values, scope.values.get(name)
    scope.values[name] = value
    try:
        return scope.evaluate(node, depth)
    finally:
        if known:
            scope.values[name] = before
        else:
            del scope.values[name]


def read_list(node: ast.List | ast.Tuple, scope: Scope, depth: int) -> Any:
    """Return the list or tuple of its items; lists after `*` are inserted."""
    items: list[Any] = []
    for item in node.elts:
        if isinstance(item, ast.Starred):
            more = scope.evaluate(item.value, depth)
            if not isinstance(more, list | tuple):
                raise PortError(UNSUPPORTED.format(text=cut(item)))
            items.extend(more)
        else:
            items.append(scope.evaluate(item, depth))
    check_size(items)
    return items if isinstance(node, ast.List) else tuple(items)


def read_dict(node: ast.Dict, scope: Scope, depth: int) -> dict[Any, Any]:
    """Return a dict whose keys are constants; dicts after `**` are inserted."""
    read: dict[Any, Any] = {}
    for key, item in zip(node.keys, node.values):
        value = scope.evaluate(item, depth)
        if key is None and isinstance(value, dict):
            read.update(value)
        elif isinstance(key, ast.Constant):
            read[key.value] = value
        else:
            raise PortError(UNSUPPORTED.format(text=cut(node)))
    return check_size(read)


def read_lambda(node: ast.Lambda, scope: Scope, depth: int) -> Name:
    """Return a lambda as a Name: its text, without a value."""
    return Name(cut(node))


def join_needs(values: Any) -> tuple[str, ...]:
    """Return the names that values need, each once."""
    return tuple(dict.fromkeys(need for value in values if isinstance(value, Name | Call) for need in (
        value.needs if isinstance(value, Name) else (value.text,))))


def leave(node: ast.expr, values: list[Any]) -> Name:
    """Return an expression with unknown parts as a Name."""
    return Name(cut(node), join_needs(values))


def cut(node: ast.expr) -> str:
    """Return the text of an expression, shortened for a message."""
    return shorten_text(write_source(node))


READERS: dict[type, Any] = {
    ast.Lambda: read_lambda, ast.List: read_list, ast.Tuple: read_list, ast.Dict: read_dict, ast.UnaryOp: read_sign,
    ast.BinOp: read_operator, ast.Compare: read_comparison, ast.BoolOp: read_logic, ast.IfExp: read_choice,
    ast.ListComp: read_comprehension, ast.GeneratorExp: read_comprehension}
