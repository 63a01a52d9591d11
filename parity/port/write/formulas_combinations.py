"""Sum, product, minimum and maximum as expressions of `t`: what expression.py is for the other kinds.

>>> from frameworks.schedule import Constant, Polynomial, Product, Warmup
>>> from parity.port.write.dialects import PYTHON
>>> line = Polynomial(base_lr=0.3, power=1, updates=20)
>>> branches(Product(of=[Constant(base_lr=0.5), line]), PYTHON)
[(None, '0.5 * (0.3 * (1 - min(t, 20) / 20) ** 1.0)')]
"""

from __future__ import annotations

import re
from functools import reduce
from itertools import accumulate

from frameworks.schedule import Maximum, Minimum, Product, Sum
from parity.port.write.dialects import Dialect
from parity.port.write.formulas import _said, _says, branches

__all__ = ["branches"]


@_says(Sum)
def _sum(s: Sum, d: Dialect, t: str) -> str:
    terms = [_said(one, d, t) for one in s.of]
    if d.inverts and len(terms) > 1:  # a graph moves constants from term to term, but none through a maximum
        terms = [d.most.format(one, d.number.format(0.0)) if " + " in one else one for one in terms]
    return " + ".join(map(_term, terms))


@_says(Product)
def _product(s: Product, d: Dialect, t: str) -> str:
    return " * ".join(_term(_said(one, d, t)) for one in s.of)


@_says(Minimum)
def _minimum(s: Minimum, d: Dialect, t: str) -> str:
    return reduce(d.least.format, [_said(one, d, t) for one in s.of])


@_says(Maximum)
def _maximum(s: Maximum, d: Dialect, t: str) -> str:
    return reduce(d.most.format, [_said(one, d, t) for one in s.of])


def _term(text: str) -> str:
    """A number or a call as it is, all else in brackets: what is multiplied first stays so."""
    return text if re.fullmatch(r"[\w.+-]+", text) or _bracketed(text) else f"({text})"


def _bracketed(text: str) -> bool:
    """Whether the first bracket, after a name or none, is closed by the last."""
    depths = list(accumulate((character == "(") - (character == ")") for character in text))
    return bool(re.match(r"[\w.]*\(", text)) and 0 not in depths[text.index("("):-1]
