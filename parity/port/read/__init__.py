"""Reads the constructor of a scheduler as a specification of the rates that it makes an optimizer apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from frameworks.schedule import Schedule
from parity.port.read import (
    composer,
    deepspeed,
    detectron2,
    fairseq,
    fvcore,
    gluoncv,
    ignite,
    keras,
    lightning,
    megatron,
    mlx,
    mmengine,
    mxnet,
    olmo,
    optax,
    paddle,
    timm_arguments,
    torch,
    torchtitan,
    transformers_arguments,
)
from parity.port.read.arguments import UNREADABLE, Context, bind_arguments, name_errors
from parity.port.read.configs import has_config
from parity.port.read.evaluate import Scope
from parity.port.read.hints import suggest
from parity.port.read.literal import Call, PortError, parse_call
from parity.port.read.missing import check_known, check_used, read_values
from parity.port.read.releases import RELEASES
from parity.port.read.typed import name_typed, spell_typed

#: The supported libraries.
SOURCES = {
    "mxnet": mxnet, "gluoncv": gluoncv, "torch": torch, "tensorflow": keras, "transformers": transformers_arguments,
    "timm": timm_arguments, "optax": optax, "paddle": paddle, "composer": composer, "fvcore": fvcore,
    "lightning": lightning, "mmengine": mmengine, "detectron2": detectron2, "olmo": olmo, "mlx": mlx,
    "deepspeed": deepspeed, "megatron": megatron, "torchtitan": torchtitan, "fairseq": fairseq,
    "ignite": ignite}
#: The libraries whose schedulers multiply the rate of an optimizer of torch.
MULTIPLYING = ("torch", "transformers", "timm", "composer", "lightning", "mmengine", "olmo", "deepspeed", "torchtitan",
               "ignite")


@dataclass(frozen=True)
class Reading:
    """A specification read from a class.

    schedule: the specification. traps: sentences about surprising behaviour of the class. followed: number of updates
    for which the specification equals the class (default: None, all). optimizer: class of the optimizer that it was
    read with (default: None, not given). release: of the library that applies it (default: None, not of a text).
    """

    schedule: Schedule
    traps: list[str] = field(default_factory=list)
    followed: int | None = None
    optimizer: str | None = None
    release: str | None = None


def read_text(text: str, source: str, *, lr: float | None = None, optimizer: str | None = None,
              values: dict[str, str] | None = None, updates_per_epoch: int | None = None,
              total: int | None = None, config: bool = False) -> Reading:
    """Read a constructor's text as the rates it applies from the first update on.

    text: the constructor, or command-line arguments of its library. source: the library, one of SOURCES.
    lr: the initial rate of an optimizer of torch (default: None, written in the text).
    optimizer: for MXNet, a call such as "Adam(learning_rate=0.001)", which may overwrite base_lr (default: None).
    values: the text of a value for each name in the texts, such as {"args.lr": "0.1"} (default: none).
    updates_per_epoch, total: for schedulers that count epochs, or use the length of the training (default: None).
    config: whether the text is that of a configuration file of the library (default: False).
    Raises PortError, one sentence.
    """
    if optimizer is not None and source not in ("mxnet", "gluoncv"):
        raise PortError(f"only MXNet's optimizers change a schedule, not those of {source}")
    if lr is not None and source not in MULTIPLYING:
        hint = '; for MXNet, give --optimizer "SGD(learning_rate=...)"'
        raise PortError("--lr is for torch, whose schedulers multiply the rate of their optimizer, not for "
                        f"{source}{hint if source in ('mxnet', 'gluoncv') else ''}")
    scope = Scope(read_values(values or {}))
    module = SOURCES[source]
    try:
        is_config = config or has_config(module, text)
        call = module.read_config(text, scope) if is_config else parse_call(text, scope)
    except PortError:
        raise
    except UNREADABLE as error:
        raise PortError(f"{source}: the text cannot be read: {error or type(error).__name__}"[:300]) from None
    reading = read_call(call, source, lr=lr, optimizer=_parse_optimizer(optimizer, scope),
                        updates_per_epoch=updates_per_epoch, total=total)
    check_used(scope, values or {})
    return reading


def _parse_optimizer(text: str | None, scope: Scope) -> Call | None:
    """Return the call of an optimizer, for which its name alone is enough."""
    if text is None or (text.isidentifier() and not text.startswith("_")):
        return None if text is None else Call(text)
    return parse_call(text, scope)


def read_call(call: Call, source: str, *, lr: float | None = None, optimizer: Call | None = None,
              updates_per_epoch: int | None = None, total: int | None = None) -> Reading:
    """Read a parsed call as `read_text` reads a text."""
    check_known(call, source, optimizer, lr)
    notes: tuple[list[str], list[int]] = [], []
    with name_typed(call.typed):
        schedule = _read_schedule(call, source, notes, {
            "lr": lr, "optimizer": optimizer, "updates_per_epoch": updates_per_epoch, "total": total})
    traps, followed = [spell_typed(trap, call.typed) for trap in notes[0]], notes[1]
    named = optimizer or next((part for part in (*call.arguments[:1], call.keywords.get("optimizer"))
                               if isinstance(part, Call) and source in MULTIPLYING), None)
    return Reading(schedule, list(dict.fromkeys(traps)), min(followed, default=None), named and named.name,
                   RELEASES[source])


def _read_schedule(call: Call, source: str, notes: tuple[list[str], list[int]], rest: dict[str, Any]) -> Schedule:
    module = SOURCES[source]
    if call.name in module.REFUSED:
        raise PortError(f"{call.name} cannot be ported: {module.REFUSED[call.name]}")
    if call.name not in module.READERS:
        raise PortError(f"{call.name} is not a supported scheduler of {source}; {suggest(call.name, source)}")
    reader: Callable[..., Schedule] = module.READERS[call.name]
    if source == "torch" and "verbose" in call.keywords:
        notes[0].append("verbose has no effect on the rates; torch 2.14 does not accept it.")
        call = replace(call, keywords={key: value for key, value in call.keywords.items() if key != "verbose"})
    arguments, given = bind_arguments(call, reader), bind_arguments(call, reader, defaults=False)
    read = partial(_read_schedule, source=source, notes=notes)
    context = Context(*notes, partial(read, rest=rest), **rest, share=partial(read, rest={**rest, "lr": 1.0}),
                      given=frozenset(given))
    with name_errors(call.name), name_typed(getattr(module, "TYPED", {}).get(call.name, {})):
        schedule = reader(context, **arguments)
        return module.finish(context, call.name, given, schedule) if hasattr(module, "finish") else schedule
