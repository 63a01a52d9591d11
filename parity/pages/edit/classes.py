"""Lists the classes of all libraries that `port` reads: their arguments, and an example with its schedule."""

from __future__ import annotations

import inspect
from typing import Any

from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.reference import FRAMEWORK, TOTAL, UPDATES_PER_EPOCH
from parity.pages.coverage.row import LR, Row
from parity.port.read import MULTIPLYING, SOURCES, read_text
from parity.port.read.literal import PortError
from parity.port.read.torch_optimizers import DEFAULT_RATES, OPTIONS

#: The libraries whose constructors the page reads; of the others it has the names, and an example of each class.
READ = ("torch", "tensorflow", "mxnet", "optax")


def build_libraries() -> dict[str, Any]:
    """Return each library's classes with their arguments, those that are refused with the reason, and its examples."""
    rows = {FRAMEWORK.get(library.name, library.name): library.rows for library in LIBRARIES}
    return {source: {"classes": {name: list_arguments(reader) if source in READ else {}
                                 for name, reader in module.READERS.items()},
                     "refused": module.REFUSED, "examples": list_examples(rows.get(source, ()), source)}
            for source, module in SOURCES.items()}


def list_examples(rows: tuple[Row, ...], source: str) -> list[dict[str, Any]]:
    """Return the first example of each class of a library."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.class_name, row)
    return [example for row in first.values() if (example := read_example(row, source))]


def list_arguments(reader: Any) -> dict[str, str | None]:
    """Return the names of a class's arguments, each with its default in Python, or None without one."""
    _, *parameters = inspect.signature(reader).parameters.values()
    return {each.name: None if each.default is inspect.Parameter.empty else repr(each.default) for each in parameters}


def read_example(row: Row, source: str) -> dict[str, Any] | None:
    """Return a row's constructor, the options of `port` that it needs, and the schedule; None if `port` refuses it."""
    rate = LR if source in MULTIPLYING else None
    lengths = f"--updates-per-epoch {UPDATES_PER_EPOCH} --total-updates {TOTAL}"
    for epoch, total, options in ((None, None, ""), (UPDATES_PER_EPOCH, TOTAL, lengths)):
        try:
            reading = read_text(row.call, source, lr=rate, updates_per_epoch=epoch, total=total)
        except PortError:
            continue
        return {"text": row.call, "name": row.class_name, "lr": rate, "options": options,
                "schedule": reading.schedule.model_dump(mode="json", exclude_none=True)}
    return None


def build_optimizers() -> dict[str, Any]:
    """Return torch's optimizers: the default rate of each, and the names of its arguments."""
    return {name: {"rate": repr(rate), "options": ["params", "lr", *OPTIONS[name]]}
            for name, rate in DEFAULT_RATES.items()}
