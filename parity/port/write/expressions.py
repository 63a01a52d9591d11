"""Writes the `formula` of a class as an expression of a language.

>>> from frameworks.schedule import Cosine
>>> from parity.port.write.dialects import JAX, PYTHON
>>> write_formula(Cosine(base_lr=0.3, updates=20), PYTHON, "t")
'0.3 * (1 + math.cos(math.pi * min(t, 20) / 20)) / 2'
>>> write_formula(Cosine(base_lr=0.3, final_lr=0.5, updates=20), JAX, "t").partition("(1")[0]
'jnp.float64(0.5) + jnp.float64(-0.2) * '
"""

from __future__ import annotations

import ast
import operator
import re
from typing import Any, NamedTuple

from frameworks.schedule import Schedule
from parity.port.write.dialects import Dialect

_OPERATORS = {ast.Add: ("+", 1, operator.add), ast.Sub: ("-", 1, operator.sub), ast.Mult: ("*", 2, operator.mul),
              ast.Div: ("/", 2, operator.truediv), ast.FloorDiv: ("//", 2, operator.floordiv),
              ast.Mod: ("%", 2, operator.mod)}
#: The ranks of an expression without brackets and of a power.
_ATOM, _POWER = 4, 3


class FormulaError(ValueError):
    """A schedule that cannot be written as code, with the reason in one sentence."""


def is_factor(t: str) -> bool:
    """Return whether a clock needs no brackets as a factor."""
    return t.isidentifier() or bool(re.fullmatch(r"(tf|jnp)\.maximum\([^()]*\)", t))


class _Part(NamedTuple):
    """Code of a part.

    rank: how strongly it binds. value: its number, if it is constant. real: whether it is a float64 in the code.
    """

    text: str
    rank: int = _ATOM
    value: float | None = None
    real: bool = True

    def bracket_below(self, rank: int) -> str:
        """Return the code, in brackets if it binds less strongly than `rank`."""
        return self.text if self.rank >= rank else f"({self.text})"


def write_formula(schedule: Schedule, d: Dialect, t: str) -> str:
    """Return the formula of a schedule's class with the numbers of its fields.

    schedule: the schedule. d: the language. t: the expression of the clock. A formula may have + - * / // % and **, min
    and max of two or more, sqrt, cos, sin and pi, numbers, fields and t. Raises FormulaError for other formulas.
    """
    functions = {"min": d.least, "max": d.most, "sqrt": d.root, "cos": d.cosine, "sin": d.sine}

    def number(value: Any) -> _Part:
        if type(value) not in (int, float):
            raise TypeError(value)
        return _Part(d.number.format(value) if isinstance(value, float) else str(value), value=value,
                     real=isinstance(value, float))

    def as_real(part: _Part) -> _Part:
        return part if part.real or part.value is not None else _Part(d.real.format(part.bracket_below(_ATOM)))

    def write_call(name: str, parts: list[_Part]) -> _Part:
        if name in ("sqrt", "cos", "sin"):
            (part,) = parts
            return _Part(functions[name].format(d.number.format(float(part.value)) if part.value is not None
                                                else as_real(part).text))
        if any(part.real for part in parts):
            parts = [as_real(part) for part in parts]
        first, second, *others = parts
        both = _Part(functions[name].format(first.text, second.text), real=any(part.real for part in parts))
        return write_call(name, [both, *others]) if others else both

    def write(node: ast.expr) -> _Part:
        if isinstance(node, ast.Constant):
            return number(node.value)
        if isinstance(node, ast.Name):
            special = {"t": _Part(t, _ATOM if is_factor(t) else 0, real=False), "pi": _Part("math.pi")}
            return special.get(node.id) or number(getattr(schedule, node.id))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return write_call(node.func.id, [write(argument) for argument in node.args])
        if not isinstance(node, ast.BinOp):
            raise TypeError(node)
        left, right = write(node.left), write(node.right)
        if isinstance(node.op, ast.Pow):
            left, right = as_real(left), as_real(right)
            if right.value == 1:
                return left
            return _Part(d.power.format(left.bracket_below(_ATOM), right.bracket_below(_ATOM)), _POWER)
        sign, rank, compute = _OPERATORS[type(node.op)]
        if left.value is not None and right.value is not None:
            return number(compute(left.value, right.value))
        real = left.real or right.real or sign == "/"
        left, right = (as_real(left), as_real(right)) if real else (left, right)
        if sign == "+" and left.value == 0:
            return right
        return _Part(f"{left.bracket_below(rank)} {sign} {right.bracket_below(rank + 1)}", rank, real=real)

    try:
        return write(ast.parse(schedule.formula, mode="eval").body).text
    except (SyntaxError, AttributeError, KeyError, TypeError, ValueError):
        raise FormulaError(f"no code for the kind '{schedule.kind}': its formula has more than + - * / // % **, min, "
                           f"max, sqrt, cos, sin, pi, numbers, fields and t, got {schedule.formula!r}") from None
