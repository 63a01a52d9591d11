"""Checks the arguments of a constructor as its class does, with the class's messages where it has some."""

from __future__ import annotations

import difflib
import inspect
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from frameworks.schedule import Schedule, SpecificationError
from parity.port.read.literal import Call, PortError

#: What reading raises for values of types that a reader does not expect.
UNREADABLE = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, MemoryError)


def _refuse(call: Call) -> Schedule:
    raise PortError(f"{call.name} is not supported inside another call")


@dataclass(frozen=True)
class Context:
    """Input and output of a reader besides the arguments of the call.

    traps: list to which the reader adds surprising behaviour. followed: list to which it adds the number of updates for
    which it follows a class without an end.
    inner: function that reads an inner call (default: it raises PortError).
    lr: initial rate of a torch optimizer (default: None). optimizer: call of an MXNet optimizer (default: None).
    share: function that reads an inner call of torch with an initial rate of 1 (default: it raises PortError).
    updates_per_epoch: updates in an epoch, for schedulers that count epochs (default: None).
    total: updates of the training, for schedulers that use its length (default: None).
    given: names of the arguments that the text has (default: none).
    """

    traps: list[str]
    followed: list[int]
    inner: Callable[[Call], Schedule] = _refuse
    lr: float | None = None
    optimizer: Call | None = None
    share: Callable[[Call], Schedule] = _refuse
    updates_per_epoch: int | None = None
    total: int | None = None
    given: frozenset[str] = frozenset()

    def note_default(self, name: str, value: Any) -> None:
        """Add a trap if the text leaves out an argument that decides when rates change. value: its default."""
        if name not in self.given:
            self.traps.append(f"{name} is not given: the default is {value}.")

    def need_epochs(self) -> int:
        """Return the number of updates in an epoch. Raises PortError if it is not given."""
        if self.updates_per_epoch is None:
            raise PortError("it counts epochs: give --updates-per-epoch")
        return self.updates_per_epoch

    def need_total(self) -> int:
        """Return the number of updates of the training. Raises PortError if it is not given."""
        if self.total is None:
            raise PortError("it uses the length of the training: give --total-updates")
        return self.total


def bind_arguments(call: Call, reader: Callable[..., Any], *, defaults: bool = True) -> dict[str, Any]:
    """Return the arguments of a call by name.

    call: the call. reader: a function with a context, then the arguments of the class. defaults: also return the
    arguments that are not given (default: True). Raises PortError where the class raises TypeError.
    """
    signature = inspect.signature(reader)
    signature = signature.replace(parameters=list(signature.parameters.values())[1:])
    try:
        given = signature.bind(*call.arguments, **call.keywords)
    except TypeError as error:
        raise PortError(f"{call.name}: {error}") from None
    if defaults:
        given.apply_defaults()
    named = dict(given.arguments)
    for name, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            named |= named.pop(name, {})
    return named


def check_whole(name: str, value: Any, least: int | None = 0, *, floats: bool = False) -> int:
    """Return a count. Raises PortError for anything else.

    name: the argument, for messages. value: the argument. least: lower bound (default: 0; None: no bound).
    floats: accept 5.0 as 5, as some classes do (default: False).
    """
    if floats and isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PortError(f"{name} must be a whole number, got {value!r}")
    if least is not None and value < least:
        raise PortError(f"{name} must be at least {least}, got {value}")
    return value


def check_number(name: str, value: Any, least: float | None = 0.0, most: float | None = None) -> float:
    """Return a number within its bounds, as a float. Raises PortError for anything else.

    name: the argument, for messages. value: the argument. least, most: bounds (default: 0 and None; None: no bound).
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PortError(f"{name} must be a number, got {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise PortError(f"{name} must be finite, got {value!r}")
    if least is not None and value < least:
        raise PortError(f"{name} must be at least {least:g}, got {value!r}")
    if most is not None and value > most:
        raise PortError(f"{name} must be at most {most:g}, got {value!r}")
    return float(value)


def suggest_name(name: str, names: Iterable[str]) -> str:
    """Return the end of a message about an unknown name: the most similar of some names, or nothing."""
    near = difflib.get_close_matches(name, list(names), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def check_flag(name: str, value: Any) -> bool:
    """Return True or False. Raises PortError for anything else."""
    if not isinstance(value, bool):
        raise PortError(f"{name} must be True or False, got {value!r}")
    return value


def check_single(name: str, value: Any) -> Any:
    """Return the rate of a list of one, or the value itself. Raises PortError for a list with a rate for each group."""
    if not isinstance(value, list | tuple):
        return value
    if len(set(map(repr, value))) != 1:
        raise PortError(f"{name} must be the same for all parameter groups, got {value!r}: port each group, or specify "
                        "them together as frameworks/GROUPS.md shows")
    return value[0]


def check_rate(name: str, value: Any) -> float:
    """Return the rate of all parameter groups: a number, or a list of equal numbers. Raises PortError."""
    return check_number(name, check_single(name, value))


def check_positive(name: str, value: Any) -> float:
    """Return a number above 0. Raises PortError for anything else."""
    result = check_number(name, value)
    if result == 0:
        raise PortError(f"{name} must be above 0, got {value!r}")
    return result


def check_above_0(name: str, value: Any) -> float:
    """Return a factor above 0. Raises PortError for others, which the classes accept but no schedule expresses."""
    factor = check_number(name, value, None)
    if factor <= 0:
        raise PortError(f"{name} must be positive, got {value!r} (the class accepts it, but no schedule expresses it)")
    return factor


def check_whole_list(name: str, value: Any, least: int = 1, *, floats: bool = False) -> list[int]:
    """Return the counts of a list or tuple. Raises PortError unless they increase strictly."""
    if not isinstance(value, list | tuple) or not value:
        raise PortError(f"{name} must be a list of whole numbers, got {value!r}")
    counts = [check_whole(name, item, least, floats=floats) for item in value]
    if any(later <= earlier for earlier, later in itertools.pairwise(counts)):
        raise PortError(f"{name} must increase, got {counts}")
    return counts


def check_one_of(name: str, value: Any, choices: tuple[str, ...]) -> Any:
    """Return a word. Raises PortError unless it is one of `choices`."""
    if value not in choices:
        raise PortError(f"{name} must be one of {', '.join(choices)}, got {value!r}")
    return value


@contextmanager
def name_errors(name: str) -> Iterator[None]:
    """Begin each PortError with the name of a class, and raise each SpecificationError as a PortError."""
    try:
        yield
    except SpecificationError as error:
        first = error.details[0]
        where = ".".join(str(part) for part in first["loc"])
        what = f"{where}: {first['msg'].lower()}, got {first['input']!r}" if where else f"it {first['msg'].lower()}"
        raise PortError(f"{name}: not expressible as a schedule: {what}"[:300]) from None
    except PortError as error:
        raise PortError(f"{name}: {error}" if not str(error).startswith(name) else str(error)) from None
    except UNREADABLE as error:
        raise PortError(f"{name} cannot be read with these arguments: {error or type(error).__name__}"[:300]) from None
