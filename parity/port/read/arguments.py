"""What a constructor was given, held against what the class itself accepts, in its words where it has some."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from frameworks.schedule import Schedule, SpecificationError
from parity.port.read.literal import Call, Computed, PortError


def _refuse(call: Call) -> Schedule:
    raise PortError(f"{call.name} is not read inside another call here")


@dataclass(frozen=True)
class Context:
    """What a reader knows beside the arguments.

    traps: where it says what surprises. followed: where it says for how many updates it follows a class that never
    ends. inner: reads a call inside a call. lr: the rate that a torch optimizer was made with. optimizer: the call that
    makes an MXNet optimizer. share: reads a call inside a call as a share, of a torch optimizer made with a rate of 1.
    """

    traps: list[str]
    followed: list[int]
    inner: Callable[[Call], Schedule] = _refuse
    lr: float | None = None
    optimizer: Call | None = None
    share: Callable[[Call], Schedule] = _refuse


def bound(call: Call, reader: Callable[..., Any]) -> dict[str, Any]:
    """Return the arguments of a call by name, with the defaults of the reader.

    Its signature is that of the class, after a context. Raises PortError where the class would raise TypeError.
    """
    signature = inspect.signature(reader)
    signature = signature.replace(parameters=list(signature.parameters.values())[1:])
    try:
        given = signature.bind(*call.arguments, **call.keywords)
    except TypeError as error:
        raise PortError(f"{call.name}: {error}") from None
    given.apply_defaults()
    return dict(given.arguments)


def whole(name: str, value: Any, least: int = 0, *, floats: bool = False) -> int:
    """Return a count. floats: 5.0 is one too, where the class counts with it as with 5; others refuse it themselves."""
    if floats and isinstance(value, float) and value.is_integer():
        if isinstance(value, Computed):
            raise PortError(f"{name} must be a whole number, written out, got {value!r} from a product or a quotient")
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PortError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise PortError(f"{name} must be at least {least}, got {value}")
    return value


def number(name: str, value: Any, least: float | None = 0.0, most: float | None = None) -> float:
    """Return a number within its bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PortError(f"{name} must be a number, got {value!r}")
    if least is not None and value < least:
        raise PortError(f"{name} must be at least {least:g}, got {value!r}")
    if most is not None and value > most:
        raise PortError(f"{name} must be at most {most:g}, got {value!r}")
    return float(value)


def positive(name: str, value: Any) -> float:
    """Return a number above 0."""
    found = number(name, value)
    if found == 0:
        raise PortError(f"{name} must be above 0, got {value!r}")
    return found


def above_0(name: str, value: Any) -> float:
    """Return what a rate is multiplied by. The classes take others, too: rates of 0, or below."""
    found = number(name, value, None)
    if found <= 0:
        raise PortError(f"{name} must be above 0, got {value!r}: the class takes it, the specification not")
    return found


def whole_list(name: str, value: Any, least: int = 1, *, floats: bool = False) -> list[int]:
    """Return a list, or a tuple, of counts that increase strictly."""
    if not isinstance(value, list | tuple) or not value:
        raise PortError(f"{name} must be a list of whole numbers, got {value!r}")
    found = [whole(name, item, least, floats=floats) for item in value]
    if any(later <= earlier for earlier, later in itertools.pairwise(found)):
        raise PortError(f"{name} must increase, got {found}")
    return found


def one_of(name: str, value: Any, choices: tuple[str, ...]) -> Any:
    """Return one of some words."""
    if value not in choices:
        raise PortError(f"{name} must be one of {', '.join(choices)}, got {value!r}")
    return value


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Name the class in whatever refuses its arguments, and say in one sentence what the specification refuses."""
    try:
        yield
    except SpecificationError as error:
        first = error.details[0]
        where = ".".join(str(part) for part in first["loc"])
        what = f"{where}: {first['msg'].lower()}, got {first['input']!r}" if where else f"it {first['msg'].lower()}"
        raise PortError(f"{name}: the specification cannot say it: {what}"[:300]) from None
    except PortError as error:
        raise PortError(f"{name}: {error}" if not str(error).startswith(name) else str(error)) from None
