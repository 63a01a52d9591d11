"""The values of a constructor's text: numbers, text, lists, calls, and names without a value.

>>> call = parse_call("CosineScheduler(20, base_lr=0.3, final_lr=0.1 / 10)")
>>> call.name, call.arguments, call.keywords
('CosineScheduler', (20,), {'base_lr': 0.3, 'final_lr': 0.01})
>>> call
CosineScheduler(20, base_lr=0.3, final_lr=0.1 / 10)
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from frameworks.schedule.model import shorten_text

if TYPE_CHECKING:
    from parity.port.read.evaluate import Scope

#: The longest text: a constructor needs a line or two.
MAX_CHARACTERS = 20_000
#: Backquotes around a text, or a fence of Markdown with the name of a language; and lines of comments before a text.
_FENCE = re.compile(r"(`{1,9}|~{3,9})(?:[^\n`()]*\n)?(.*)\1", re.DOTALL)
_COMMENTS = re.compile(r"(?:#[^\n]*(?:\n[ \t\f\r\n]*|\Z))+")


class PortError(ValueError):
    """A scheduler that cannot be read or written, with the reason in one sentence."""


class Array(list):
    """The items of a NumPy array, which some classes refuse where they accept a list."""


class Float64(float):
    """A NumPy float64, with which Keras computes in float64."""


@dataclass(frozen=True, repr=False)
class Name:
    """A part of the text without a value, such as `optimizer`, `args.lr * 2` or a lambda.

    name: its text. needs: the names that would give it a value (default: none would).
    """

    name: str
    needs: tuple[str, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, repr=False)
class Call:
    """A call of a class.

    name: last part of the class's name. arguments, keywords: what is passed (default: nothing). text: the source text
    (default: ""). function: the name with which it is called, such as "optim.SGD" (default: "").
    typed: the option or key that the user typed, by argument (default: none, the arguments themselves).
    """

    name: str
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    text: str = field(default="", compare=False)
    function: str = field(default="", compare=False)
    typed: dict[str, str] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        given = [*map(repr, self.arguments), *(f"{key}={value!r}" for key, value in self.keywords.items())]
        return self.text or f"{self.name}({', '.join(given)})"


def parse_call(text: str, scope: Scope | None = None) -> Call:
    """Read a call whose arguments are numbers, text, lists, tuples, other calls, names, and arithmetic with them.

    text: the call, at most 20,000 characters. It may be copied from a script: assigned or returned, with comments, a
    comma or a semicolon after it, or in a fence of Markdown.
    scope: values of names (default: none has one).
    Raises PortError for anything else.
    """
    from parity.port.read.evaluate import Scope

    call = (scope or Scope()).evaluate(_find_value(text, _parse(unwrap_text(text), "call", "single").body))
    if not isinstance(call, Call):
        raise PortError(f"must be a call such as CosineScheduler(20), got {shorten_text(text)!r}")
    return call


def unwrap_text(text: str) -> str:
    """Return a copied text without the fence around it, the comments before it, and marks of byte order."""
    if len(text) > MAX_CHARACTERS:
        return text
    text = text.replace("\ufeff", "").strip()
    fence = _FENCE.fullmatch(text)
    text = fence[2].strip() if fence else text
    return text[match.end():] if (match := _COMMENTS.match(text)) else text


def _find_value(text: str, body: list[ast.stmt]) -> ast.expr:
    """Return the only expression of some statements, or what is assigned or returned. Raises PortError."""
    if len(body) > 1:
        raise PortError(f"must be one call such as CosineScheduler(20), got {len(body)} statements: "
                        f"{shorten_text(text)!r}")
    if not body:
        raise PortError("the text is empty")
    node = body[0].value if isinstance(body[0], ast.Expr | ast.Assign | ast.AnnAssign | ast.Return) else None
    if node is None:
        raise PortError(f"must be a call such as CosineScheduler(20), got {shorten_text(text)!r}")
    return node.elts[0] if isinstance(node, ast.Tuple) and len(node.elts) == 1 else node  # a comma was copied too


def parse_expression(text: str, what: str) -> ast.expr:
    """Return the tree of an expression. Raises PortError unless it is one.

    text: the expression. what: what it should be, for the message.
    """
    return _parse(text, what, "eval").body


def _parse(text: str, what: str, mode: str) -> Any:
    """Return the tree of a text. mode: "eval" or "single"; for its messages, "exec" would look for a file."""
    if len(text) > MAX_CHARACTERS:
        raise PortError(f"a constructor has at most {MAX_CHARACTERS} characters, got {len(text)}")
    if not text.strip():
        raise PortError("the text is empty")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise PortError(f"must be text in UTF-8, got {shorten_text(text)!r}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a warning about the text has no effect: it is not run
            return ast.parse(text.strip(), mode=mode)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise PortError(f"not a {what}: {getattr(error, 'msg', None) or 'nested too deeply'}, "
                        f"got {shorten_text(text)!r}") from None


def write_source(node: ast.expr) -> str:
    """Return the source text of a part, with standard spaces and quotes."""
    if isinstance(node, ast.Name):  # most parts are names, and unparse is slow
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    try:
        return ast.unparse(node)
    except (RecursionError, ValueError):  # nested too deeply, a number of thousands of digits
        return "..."
