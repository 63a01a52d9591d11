"""The arithmetic that is computed while a text is read. All results have bounded sizes; nothing else is evaluated."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from parity.port.read.literal import Array, Float64, PortError

_LARGEST = 2**63
#: The most items of a list that is computed.
MAX_ITEMS = 100_000
_MAX_EXPONENT = 1024

OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow}
COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.eq, ast.IsNot: operator.ne,
    ast.In: lambda item, items: item in items, ast.NotIn: lambda item, items: item not in items}
#: Constants by their full name.
CONSTANTS = {"math.pi": math.pi, "numpy.pi": math.pi, "math.e": math.e}


def is_number(value: Any) -> bool:
    """Return whether a value is an integer or a float, not a bool."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_size(value: Any) -> Any:
    """Return a value. Raises PortError for a number beyond 2^63, which no schedule has, and for too many items."""
    if isinstance(value, complex):
        raise PortError("the root of a negative number")
    if isinstance(value, int | float) and not abs(value) <= _LARGEST:
        raise PortError("a number beyond 2^63")
    if count_items(value) > MAX_ITEMS:
        raise PortError(f"a list of more than {MAX_ITEMS:,} items")
    return value


def count_items(value: Any, known: dict[int, int] | None = None) -> int:
    """Return the number of items in a value, at any depth; an item that is in it n times counts n times.

    value: any value; a number counts 1. known: the counts of lists by id, for the recursion (default: none).
    """
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, list | tuple | dict):
        return 1
    known = {} if known is None else known
    if id(value) not in known:
        known[id(value)] = 2 * MAX_ITEMS  # a list that contains itself
        known[id(value)] = 1 + sum(count_items(item, known) for item in (
            value.values() if isinstance(value, dict) else value))
    return known[id(value)]


def combine(kind: type, left: Any, right: Any, text: str) -> Any:
    """Return the result of an operator: of two numbers, list + list, list * count, and arrays item by item.

    kind: a class of ast, such as ast.Add. left, right: its values. text: the source text, for messages.
    Raises PortError for other values and for results of too large a size.
    """
    try:
        if isinstance(left, Array) or isinstance(right, Array):
            return _combine_arrays(kind, left, right, text)
        if is_number(left) and is_number(right):
            if kind is ast.Pow and (abs(right) > _MAX_EXPONENT or _is_large_power(left, right)):
                raise PortError("a number beyond 2^63")
            result = check_size(OPERATORS[kind](left, right))
            return Float64(result) if Float64 in (type(left), type(right)) else result
    except ArithmeticError as error:
        raise PortError(f"{error} in {text!r}") from None
    if kind is ast.Add and type(left) is type(right) and isinstance(left, list | tuple):
        return check_size(left + right)
    if kind is ast.Mult:
        items, count = (left, right) if isinstance(left, list | tuple) else (right, left)
        if isinstance(items, list | tuple) and isinstance(count, int) and not isinstance(count, bool):
            if len(items) * max(count, 0) > MAX_ITEMS:
                raise PortError(f"a list of more than {MAX_ITEMS:,} items")
            return check_size(items * count)
    wrong = right if is_number(left) else left
    raise PortError(f"must be a number, got {wrong!r} in {text!r}")


def _is_large_power(base: Any, exponent: Any) -> bool:
    return isinstance(base, int) and isinstance(exponent, int) and exponent * base.bit_length() > 2 * _MAX_EXPONENT


def _combine_arrays(kind: type, left: Any, right: Any, text: str) -> Array:
    size = len(left if isinstance(left, list) else right)
    pairs = [value if isinstance(value, list) else [value] * size for value in (left, right)]
    if len(pairs[0]) != len(pairs[1]):
        raise PortError(f"arrays of {len(pairs[0])} and {len(pairs[1])} items in {text!r}")
    return Array(combine(kind, item, other, text) for item, other in zip(*pairs))


def _make_range(*bounds: int) -> list[int]:
    items = range(*bounds)
    if len(items) > MAX_ITEMS:
        raise PortError(f"a list of more than {MAX_ITEMS:,} items")
    return list(items)


def _make_array(items: Any, dtype: Any = None) -> Array:
    if not isinstance(items, list | tuple):
        raise TypeError("an array is made of a list")
    floats = any(isinstance(item, float) for item in items)
    return Array(Float64(item) if floats else item for item in items)


def _round_to(dtype: type) -> Callable[[Any], float]:
    return lambda value=0.0: float(dtype(float(value)))


def _read_int(value: Any = 0) -> int:
    if isinstance(value, str) and len(value) > 100:
        raise ValueError("a text of more than 100 characters")
    return int(value)


def _accept_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that raises TypeError unless each argument is a number or a list of numbers."""
    def accept(*values: Any) -> Any:
        for value in values:
            for item in value if isinstance(value, list | tuple) else [value]:
                if not is_number(item):
                    raise TypeError(f"must be a number, got {item!r}")
        return function(*values)

    return accept


_NUMPY_WHOLE = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "int_")
#: The functions that are computed, by their full name.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "int": _read_int, "float": lambda value=0.0: float(value), "round": _accept_numbers(round),
    "min": _accept_numbers(min), "max": _accept_numbers(max), "abs": _accept_numbers(abs),
    "sum": _accept_numbers(sum), "len": len, "range": _make_range, "list": list, "tuple": tuple,
    "sorted": sorted, "math.floor": _accept_numbers(math.floor),
    "math.ceil": _accept_numbers(math.ceil), "math.sqrt": _accept_numbers(math.sqrt),
    "numpy.floor": _accept_numbers(lambda value: Float64(math.floor(value))),
    "numpy.ceil": _accept_numbers(lambda value: Float64(math.ceil(value))),
    "numpy.sqrt": _accept_numbers(lambda value: Float64(math.sqrt(value))),
    "numpy.array": _make_array, "numpy.asarray": _make_array, "numpy.arange": lambda *bounds: Array(
        _make_range(*bounds)),
    "numpy.float64": lambda value=0.0: Float64(float(value)), "numpy.float32": _round_to(np.float32),
    "numpy.float16": _round_to(np.float16), **{f"numpy.{name}": _read_int for name in _NUMPY_WHOLE}}
#: Methods of text and of arrays that are computed.
METHODS: dict[str, tuple[type, Callable[..., Any]]] = {
    "split": (str, lambda text, separator=None, most=-1: text.split(separator, most)),
    "rsplit": (str, lambda text, separator=None, most=-1: text.rsplit(separator, most)),
    "strip": (str, lambda text: text.strip()),
    "startswith": (str, lambda text, start: text.startswith(start)),
    "endswith": (str, lambda text, end: text.endswith(end)),
    "lower": (str, lambda text: text.lower()), "upper": (str, lambda text: text.upper()),
    "tolist": (Array, list)}


def compute(function: Callable[..., Any], values: list[Any], text: str) -> Any:
    """Return what a function of the tables above returns. Raises PortError for what it does not accept.

    function: one of FUNCTIONS or METHODS. values: its arguments. text: the source text, for messages.
    """
    try:
        return check_size(function(*values))
    except (TypeError, ValueError, ArithmeticError) as error:
        if isinstance(error, PortError):
            raise
        raise PortError(f"{error} in {text!r}") from None
