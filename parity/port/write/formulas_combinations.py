"""Writes sum, product, minimum and maximum as expressions of `t`.

>>> from frameworks.schedule import Constant, Polynomial, Product, Warmup
>>> from parity.port.write.dialects import PYTHON
>>> line = Polynomial(base_lr=0.3, power=1, updates=20)
>>> write_branches(Product(of=[Constant(base_lr=0.5), line]), PYTHON)
[(None, '0.5 * (0.3 * (1 - min(t, 20) / 20) ** 1.0)')]
"""

from __future__ import annotations

import re
from functools import reduce
from itertools import accumulate

from frameworks.schedule import Maximum, Minimum, Product, Sum
from parity.port.write.dialects import Dialect
from parity.port.write.formulas import _register, _write, write_branches

__all__ = ["write_branches"]


@_register(Sum)
def _sum(s: Sum, d: Dialect, t: str) -> str:
    terms = [_write(part, d, t) for part in s.of]
    if d.inverts and len(terms) > 1:  # XLA moves constants between terms, but not through a maximum
        terms = [d.most.format(term, d.number.format(0.0)) if " + " in term else term for term in terms]
    return " + ".join(map(_bracket, terms))


@_register(Product)
def _product(s: Product, d: Dialect, t: str) -> str:
    return " * ".join(_bracket(_write(part, d, t)) for part in s.of)


@_register(Minimum)
def _minimum(s: Minimum, d: Dialect, t: str) -> str:
    return reduce(d.least.format, [_write(part, d, t) for part in s.of])


@_register(Maximum)
def _maximum(s: Maximum, d: Dialect, t: str) -> str:
    return reduce(d.most.format, [_write(part, d, t) for part in s.of])


def _bracket(text: str) -> str:
    """Return a number or a call unchanged, and everything else in brackets, to keep the order of operations."""
    return text if re.fullmatch(r"[\w.+-]+", text) or _has_outer_brackets(text) else f"({text})"


def _has_outer_brackets(text: str) -> bool:
    """Return whether the last bracket closes the first, with or without a name before it."""
    depths = list(accumulate((character == "(") - (character == ")") for character in text))
    return bool(re.match(r"[\w.]*\(", text)) and 0 not in depths[text.index("("):-1]
