"""Values of names that are given beside a text, and the names that still lack one, all reported at once."""

from __future__ import annotations

import ast
import inspect
import shlex
from collections.abc import Iterator
from typing import Any

from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, Name, PortError, parse_expression, shorten_text, write_source

#: The arguments that name an object of the script, not a number.
OBJECTS = ("optimizer", "optimizers", "schedulers", "params", "parameters", "lr_scheduler", "lr_scheduler_config",
           "sym", "param_dict", "param_idx2name")
#: The arguments that are not checked here: constructors that are read later, and settings that are ignored.
UNREAD = ("scheduler", "others")
#: The arguments of an optimizer that decide rates.
_RATES = ("lr", "learning_rate", "begin_num_update")


def parse_settings(texts: list[str]) -> dict[str, str]:
    """Return the name and the value's text of each setting NAME=VALUE. Raises PortError for a name that is set twice.

    texts: the settings, such as "args.lr=0.1", "len(loader)=391" or 'cfg["lr"]=0.1'.
    """
    read: dict[str, str] = {}
    for text in texts:
        name, separator, value = _split(text)
        if not separator or not name.strip() or not value.strip():
            raise PortError(f"--set must be NAME=VALUE, such as args.lr=0.1, got {shorten_text(text)!r}")
        name = _normalize(name)
        if name in read:
            raise PortError(f"--set {name} is given twice: {read[name]} and {value}")
        read[name] = value
    return read


def _split(text: str) -> tuple[str, str, str]:
    """Split a setting at its first = outside brackets and quotes."""
    depth, quote = 0, ""
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "=" and depth == 0:
            return text[:index], "=", text[index + 1:]
    return text, "", ""


def _normalize(name: str) -> str:
    node = parse_expression(name, "name")
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        raise PortError(f"--set must begin with a name, such as args.lr or len(loader), got {shorten_text(name)!r}")
    return write_source(node)


def read_values(values: dict[str, str]) -> dict[str, Any]:
    """Return the value of each name.

    values: the text of each name's value, such as {"args.lr": "0.1"}: a number, a list, text in quotes, True, False or
    None. Raises PortError for others.
    """
    read = {}
    for name, text in values.items():
        value = Scope().evaluate(parse_expression(text, "value"))
        if isinstance(value, Call | Name | dict) or list(_list_needs(value)):
            raise PortError(f"--set {name}: must be a number, a list or text in quotes, got {shorten_text(text)!r}")
        read[_normalize(name)] = value
    return read


def check_used(scope: Scope, values: dict[str, str]) -> None:
    """Raise PortError for names that are set but not used."""
    unused = [name for name in map(_normalize, values) if name not in scope.used]
    if unused:
        raise PortError(f"--set {', '.join(unused)}: not used in the text")


def check_known(call: Call, source: str, optimizer: Call | None = None, lr: float | None = None) -> None:
    """Raise PortError that lists all names without a value in a scheduler and its optimizer.

    call: the scheduler. source: its library. optimizer: MXNet's optimizer (default: None). lr: the rate of torch's
    optimizer (default: None, it must be in the call).
    """
    missing = dict.fromkeys(list_missing_in(call, source, optimizer, lr))
    if missing:
        [first, *_] = missing
        raise PortError(f"{call.name} needs the value of {', '.join(missing)}: give each with --set, such as "
                        f"--set {shlex.quote(f'{first}=VALUE')}")


def list_missing_in(call: Call, source: str, optimizer: Call | None, lr: float | None) -> Iterator[str]:
    """Yield the names without a value in a scheduler and its optimizer. The arguments are those of `check_known`."""
    from parity.port.read import SOURCES

    yield from list_missing(call, SOURCES[source].READERS, rates=lr is None)
    if optimizer is not None:
        yield from _list_optimizer_needs(optimizer)


def list_missing(call: Call, readers: dict[str, Any], *, rates: bool = True) -> Iterator[str]:
    """Yield the names without a value in the arguments of a scheduler that are numbers or lists.

    call: the scheduler. readers: the readers of its library, by class. rates: include the rate of an optimizer in the
    call (default: True).
    """
    reader = readers.get(call.name)
    if reader is None:
        return
    try:
        bound = inspect.signature(reader).bind(None, *call.arguments, **call.keywords).arguments
    except TypeError:
        return  # reported by its reader
    for name, value in bound.items():
        inner = [item for item in (value if isinstance(value, list | tuple) else [value])
                 if isinstance(item, Call) and item.name in readers]
        if inner or name == "schedulers":
            for call_ in inner:
                yield from list_missing(call_, readers, rates=rates)
        elif name in UNREAD:
            continue
        elif name not in OBJECTS:
            yield from _list_needs(value)
        elif isinstance(value, Call) and rates:
            yield from _list_optimizer_needs(value)


def _list_optimizer_needs(optimizer: Call) -> Iterator[str]:
    for name, value in optimizer.keywords.items():
        if name in _RATES:
            yield from _list_needs(value)
    for value in optimizer.arguments[1:]:
        if isinstance(value, Name):
            yield from _list_needs(value)


def _list_needs(value: Any) -> Iterator[str]:
    if isinstance(value, Name):
        yield from value.needs
    elif isinstance(value, Call):
        yield value.text
    elif isinstance(value, list | tuple | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _list_needs(item)
