"""Parses the text of a constructor as a literal call. Nothing is evaluated, imported or looked up.

>>> call = parsed("CosineScheduler(20, base_lr=0.3, final_lr=0.1 / 10)")
>>> call.name, call.arguments, call.keywords
('CosineScheduler', (20,), {'base_lr': 0.3, 'final_lr': 0.01})
>>> call
CosineScheduler(20, base_lr=0.3, final_lr=0.1 / 10)
"""

from __future__ import annotations

import ast
import operator
import warnings
from dataclasses import dataclass, field
from typing import Any

#: The longest text: a constructor needs a line or two.
MAX_CHARACTERS = 20_000
MAX_DEPTH = 20
#: The operators of numbers: `5 * 235`, `0.01 / 0.3`. Powers are not supported: they could take too long.
_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
              ast.FloorDiv: operator.floordiv}
_LARGEST = 2**63


class PortError(ValueError):
    """A scheduler that cannot be read or written, with the reason in one sentence."""


class Computed(float):
    """A float from a product or a quotient, as 1000 * 0.9: its rounding decides whether it is whole."""


@dataclass(frozen=True, repr=False)
class Name:
    """A placeholder for an object of the script, such as its optimizer. name: `self.optimizer`, a lambda, ..."""

    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, repr=False)
class Call:
    """A call of a class.

    name: last part of the class's name. arguments, keywords: what is passed (default: nothing). text: the source text
    (default: "").
    """

    name: str
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    text: str = field(default="", compare=False)

    def __repr__(self) -> str:
        given = [*map(repr, self.arguments), *(f"{key}={value!r}" for key, value in self.keywords.items())]
        return self.text or f"{self.name}({', '.join(given)})"


def parsed(text: str) -> Call:
    """Read a call of literals: numbers, text, lists, tuples, other calls, and names such as `optimizer`.

    Raises PortError for anything else.
    """
    if len(text) > MAX_CHARACTERS:
        raise PortError(f"a constructor has at most {MAX_CHARACTERS} characters, got {len(text)}")
    if not text.strip():
        raise PortError("the text is empty")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise PortError(f"must be text in UTF-8, got {shortened(text)!r}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a warning about the text has no effect: it is not run
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise PortError(f"not a call: {getattr(error, 'msg', None) or 'nested too deeply'}, "
                        f"got {shortened(text)!r}") from None
    call = _read_value(tree.body, 0)
    if not isinstance(call, Call):
        raise PortError(f"must be a call such as CosineScheduler(20), got {shortened(text)!r}")
    return call


def _read_value(node: ast.expr, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise PortError(f"nested more than {MAX_DEPTH} deep")
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str | None):
        return _check_size(node.value)
    if isinstance(node, ast.List | ast.Tuple):
        items = [_read_value(item, depth + 1) for item in node.elts]
        return items if isinstance(node, ast.List) else tuple(items)
    if isinstance(node, ast.Name | ast.Lambda) or (isinstance(node, ast.Attribute) and all(
            isinstance(part, ast.Name | ast.Attribute | ast.Load) for part in ast.walk(node))):
        return Name(_source(node))
    if isinstance(node, ast.Call):
        return _read_call(node, depth)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        number = _read_number(node.operand, depth)
        return -number if isinstance(node.op, ast.USub) else number
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _read_number(node.left, depth), _read_number(node.right, depth)
        try:
            result = _check_size(_OPERATORS[type(node.op)](left, right))
        except ArithmeticError as error:
            raise PortError(f"{error} in {_source(node)!r}") from None
        return Computed(result) if isinstance(result, float) else result
    raise PortError(f"must be written out as numbers, text, lists and calls, got {_source(node)!r}")


def _read_call(node: ast.Call, depth: int) -> Call:
    function, parts = node.func, 0
    while isinstance(function, ast.Attribute):
        function, parts = function.value, parts + 1
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if not isinstance(function, ast.Name) or not name or name.startswith("_"):
        raise PortError(f"must be the name of a class, got {_source(node.func)!r}")
    keywords: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise PortError(f"arguments must be written out, got **{_source(keyword.value)}")
        if keyword.arg in keywords:
            raise PortError(f"{name}: {keyword.arg} is given more than once")
        keywords[keyword.arg] = _read_value(keyword.value, depth + 1)
    return Call(name, tuple(_read_value(argument, depth + 1) for argument in node.args), keywords,
                _source(node))


def _read_number(node: ast.expr, depth: int) -> int | float:
    value = _read_value(node, depth + 1)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PortError(f"must be a number, got {_source(node)!r}")
    return value


def _check_size(value: Any) -> Any:
    """Return a value. Raises PortError for a number beyond 2^63, which no schedule has."""
    if isinstance(value, int | float) and not abs(value) <= _LARGEST:
        raise PortError("a number beyond 2^63")
    return value


def _source(node: ast.expr) -> str:
    """Return the source text of a part, shortened."""
    try:
        return shortened(ast.unparse(node))
    except (RecursionError, ValueError):  # nested too deeply, a number of thousands of digits
        return "..."


def shortened(text: str) -> str:
    """Return a text in one line, cut to 60 characters."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
