"""The values of a script that can be called: classes, functions, partials, and choices between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from parity.port.read.literal import Call, Name


@dataclass(frozen=True, repr=False)
class Reference(Name):
    """A module, class or function that is imported, or a class of the script. full: its dotted name."""

    full: str = field(default="", compare=False)


@dataclass(frozen=True, repr=False)
class Function(Name):
    """A function, method or lambda of the script.

    node: its definition. owner: the class of a method (default: ""). bound: the object or class of a method (default:
    None, not bound). closure: the names of the function around it, once that has ended.
    """

    node: Any = field(default=None, compare=False)
    owner: str = field(default="", compare=False)
    bound: Any = field(default=None, compare=False)
    closure: list[dict[str, Any]] = field(default_factory=list, compare=False)


@dataclass(frozen=True, repr=False)
class Partial(Name):
    """A functools.partial. callee: what it calls. given: the arguments that it adds. line: its line."""

    callee: Any = field(default=None, compare=False)
    given: Call = field(default_factory=lambda: Call(""), compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, repr=False)
class Choice(Name):
    """One of several values, which the names in `needs` decide.

    among: the values (default: none is known). keys: their keys in a dict (default: none). module: the module of which
    it is a member (default: ""). reason: why it has no value (default: "", a name in `needs` has none).
    """

    among: tuple[Any, ...] = field(default=(), compare=False)
    keys: tuple[Any, ...] = field(default=(), compare=False)
    module: str = field(default="", compare=False)
    reason: str = field(default="", compare=False)


@dataclass(frozen=True, repr=False)
class Instance(Name):
    """An object of a class of the script.

    owner: the class. number: which of its objects (default: 0, one whose creation the script does not show).
    """

    owner: str = ""
    number: int = 0


#: What can be called.
CALLABLE = (Reference, Function, Partial, Choice)


def list_choices(value: Any) -> Iterator[Any]:
    """Yield each value that a value may be: the members of a choice, or the value itself."""
    if isinstance(value, Choice) and value.among:
        for item in value.among:
            yield from list_choices(item)
    else:
        yield value


def choose(name: Name, values: Iterable[Any], **more: Any) -> Name:
    """Return a value that is one of several: a Choice if one can be called or is a call, else the name itself.

    name: the expression and what it needs. values: what it may be. more: other fields of the Choice.
    """
    among = {id(item): item for value in values for item in list_choices(value) if isinstance(item, CALLABLE) or (
        isinstance(item, Call) and (item.name[:1].isupper() or "sched" in item.name))}
    return Choice(name.name, name.needs, among=tuple(among.values()), **more) if among else name


def merge_values(first: dict[Any, Any], second: dict[Any, Any], needs: tuple[str, ...] = ()) -> dict[Any, Any]:
    """Return the values after a branch that is not known: those that differ have none.

    first, second: the values at the end of the branch and of its else. needs: names that decide between them.
    """
    merged = {}
    for name in (*first, *(name for name in second if name not in first)):
        both = [values[name] for values in (first, second) if name in values]
        if len(both) == 2 and _is_same(*both):
            merged[name] = both[0]
        else:
            chosen = choose(Name(str(name), needs), both)
            merged[name] = chosen if isinstance(chosen, Choice) else Name(str(name), (str(name),))
    return merged


def _is_same(first: Any, second: Any, depth: int = 20) -> bool:
    """Return whether two values are equal. Calls of the same text are not, unless their arguments are equal."""
    if first is second:
        return True
    if type(first) is not type(second) or depth == 0:
        return False
    if isinstance(first, Call):
        return first.name == second.name and _is_same(first.arguments, second.arguments, depth - 1) and _is_same(
            first.keywords, second.keywords, depth - 1)
    if isinstance(first, dict):
        return [*first] == [*second] and all(_is_same(first[key], second[key], depth - 1) for key in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(_is_same(*pair, depth - 1) for pair in zip(first, second))
    return repr(first) == repr(second)
