"""Read a native constructor's text as a specification of the rates that it makes an optimizer apply."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from frameworks.schedule import Schedule
from parity.port.read import gluoncv, keras, mxnet, torch
from parity.port.read.arguments import Context, bound, naming
from parity.port.read.literal import Call, PortError, parsed

#: Where a text may come from.
SOURCES = {"mxnet": mxnet, "gluoncv": gluoncv, "torch": torch, "tensorflow": keras}


@dataclass(frozen=True)
class Reading:
    """A specification, and what about the native class surprises (sentences).

    followed: for how many updates it is what the class applies; None for ever.
    """

    schedule: Schedule
    traps: list[str] = field(default_factory=list)
    followed: int | None = None


def read_text(text: str, source: str, *, lr: float | None = None, optimizer: str | None = None) -> Reading:
    """Read what is applied, from the first update on: `t` counts the updates already made.

    source: "mxnet", "gluoncv", "torch" or "tensorflow". lr: the rate that a torch optimizer was made with. optimizer: a
    call such as "Adam(learning_rate=0.001)", for MXNet, whose optimizers may overwrite a scheduler's base_lr.
    Raises PortError in one sentence.
    """
    if optimizer is not None and source not in ("mxnet", "gluoncv"):
        raise PortError(f"only MXNet's optimizers change a schedule, not those of {source}")
    if lr is not None and source != "torch":
        hint = '; what MXNet\'s write over it is given by --optimizer "SGD(learning_rate=...)"'
        raise PortError("--lr is for torch, whose schedulers multiply the rate of their optimizer, not for "
                        f"{source}{hint if source in ('mxnet', 'gluoncv') else ''}")
    return read_call(parsed(text), source, lr=lr, optimizer=None if optimizer is None else parsed(optimizer))


def read_call(call: Call, source: str, *, lr: float | None = None, optimizer: Call | None = None) -> Reading:
    """Read a call that has been parsed, as `read_text` reads a text."""
    said: tuple[list[str], list[int]] = [], []
    schedule = _schedule(call, source, said, {"lr": lr, "optimizer": optimizer})
    traps, followed = said
    return Reading(schedule, list(dict.fromkeys(traps)), min(followed, default=None))


def _schedule(call: Call, source: str, said: tuple[list[str], list[int]], rest: dict[str, Any]) -> Schedule:
    module = SOURCES[source]
    if call.name in module.REFUSED:
        raise PortError(f"{call.name} cannot be ported: {module.REFUSED[call.name]}")
    if call.name not in module.READERS:
        near = difflib.get_close_matches(call.name, [*module.READERS, *module.REFUSED], n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(module.READERS)}"
        raise PortError(f"{call.name} is no scheduler of {source} that is known here; {hint}")
    reader: Callable[..., Schedule] = module.READERS[call.name]
    arguments = bound(call, reader)
    context = Context(*said, partial(_schedule, source=source, said=said, rest=rest), **rest,
                      share=partial(_schedule, source=source, said=said, rest={**rest, "lr": 1.0}))
    with naming(call.name):
        return reader(context, **arguments)
