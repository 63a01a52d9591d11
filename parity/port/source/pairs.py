"""Puts each scheduler of a script together with its optimizer, and reads both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from parity.port.read import MULTIPLYING, SOURCES, Reading, read_call
from parity.port.read.lightning import CONFIG
from parity.port.read.literal import Call, Name, PortError
from parity.port.read.missing import list_missing_in
from parity.port.read.torch_optimizers import read_rate
from parity.port.source.findings import SchedulerCall
from parity.port.source.libraries import is_mxnet_optimizer
from parity.port.source.lightning import find_own_step, is_stepped_by_lightning, write_config
from parity.port.source.scope import ScriptScope

#: MXNet's optimizer where a script names none: Module.fit and FeedForward.
_DEFAULT = "sgd"


@dataclass(frozen=True)
class Pair:
    """A scheduler and the optimizer that it stands with.

    scheduler: its call. optimizer: its optimizer (default: None, not found). line: the optimizer's line, or its
    trainer's (default: 0). reading: what was read (default: None). reason: why nothing was read (default: "").
    needs: names whose values are needed (default: none).
    """

    scheduler: SchedulerCall
    optimizer: Call | None = None
    line: int = 0
    reading: Reading | None = None
    reason: str = ""
    needs: tuple[str, ...] = ()


def read_pairs(scope: ScriptScope, lr: float | None = None, **lengths: int | None) -> list[Pair]:
    """Return every scheduler of a script that is not a part of another, read where it can be.

    scope: what the script builds. lr: rate of torch's optimizers that the script does not give (default: None).
    lengths: updates_per_epoch and total, as `read_call` accepts them.
    """
    every = [scheduler for many in scope.schedulers.values() for scheduler in many]
    inner = {id(part) for scheduler in every if scheduler.call is not None for part in _list_parts(scheduler.call)}
    outer = [scheduler for scheduler in every if scheduler.call is None or id(scheduler.call) not in inner]
    return [_read(scheduler, scope, lr, lengths) for scheduler in sorted(outer, key=lambda scheduler: scheduler.line)]


def _list_parts(value: Any, *, top: bool = True) -> list[Call]:
    """Return the calls among the arguments of a call, at any depth."""
    items = [*value.arguments, *value.keywords.values()] if isinstance(value, Call) else (
        value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ())
    inner = [part for item in items for part in _list_parts(item, top=False)]
    return inner if top or not isinstance(value, Call) else [value, *inner]


def _read(scheduler: SchedulerCall, scope: ScriptScope, lr: float | None, lengths: dict[str, int | None]) -> Pair:
    if scheduler.call is None:
        return Pair(scheduler, reason=scheduler.error, needs=scheduler.needs)
    if scheduler.kind.source is None:
        full = scheduler.call.function
        what = f"{full} is not in the file" if "." in full else "its import is not in the file"
        return Pair(scheduler, reason=f"{what}: give its library with --from")
    source, call = scheduler.kind.source, scheduler.call
    optimizer, line = None, 0
    if source in ("mxnet", "gluoncv"):
        optimizer, line = _find_mxnet(scheduler.call, scope)
    elif source in MULTIPLYING:
        call, optimizer = _split_optimizer(scheduler.call)
        optimizer = optimizer or _find_trained(scheduler.call, scope)
        line = next((at for other, at in scope.calls if other is optimizer), 0)
    pair = Pair(scheduler, optimizer, line)
    refused = scheduler.call.name in SOURCES[source].REFUSED
    needs = [] if refused else [*list_missing_in(scheduler.call, source, optimizer, lr)]
    if is_stepped_by_lightning(scheduler, scope):
        own = find_own_step(scheduler, scope)
        if own:
            return replace(pair, reason=f"lr_scheduler_step (line {own}) steps it: port its constructor alone")
        if scheduler.returned is None:
            return replace(pair, reason="how configure_optimizers returns it is not read: port its dict with --from "
                                        "lightning")
        source, call = "lightning", write_config(scheduler, call)
        needs += list_missing_in(call, source, optimizer, lr)
    needs = tuple(dict.fromkeys(needs))
    if needs:
        return replace(pair, needs=needs, reason=f"needs the value of {', '.join(needs)}")
    if scheduler.changes:
        return replace(pair, reason=f"line {scheduler.changes[0]} changes an attribute of it")
    try:
        rate = None
        if source in MULTIPLYING:
            rate = lr if optimizer is None else read_rate(optimizer)
            rate = lr if rate is None else rate
        other = optimizer if source not in MULTIPLYING else None
        reading = read_call(call, source, lr=rate, optimizer=other, **lengths)
        named = reading.optimizer or (optimizer.name if optimizer is not None else None)
        return replace(pair, reading=replace(reading, optimizer=named))
    except PortError as error:
        return replace(pair, reason=str(error).removeprefix(f"{call.name}: ") if call.name == CONFIG else str(error))


def _find_mxnet(scheduler: Call, scope: ScriptScope) -> tuple[Call | None, int]:
    """Return the optimizer that is created with a scheduler, and its line."""
    for call, line in scope.calls:
        arguments = {**{str(index): value for index, value in enumerate(call.arguments)}, **call.keywords}
        options = [_read_options(value) for value in arguments.values()]
        for given in (call.keywords, *options):
            if given is not None and given.get("lr_scheduler") is scheduler:
                name, itself = _name_optimizer(call), given is call.keywords and is_mxnet_optimizer(call.name)
                rates = {key: given[key] for key in ("learning_rate", "begin_num_update") if key in given}
                if not is_mxnet_optimizer(name) and "learning_rate" in rates:
                    # every optimizer writes a rate that it is given, whatever else it does
                    return Call(_DEFAULT, (), rates, f"{name}(...)"), line
                options = {key: value for key, value in given.items() if key != "lr_scheduler"}
                return Call(name, call.arguments if itself else (),
                            rates if given is call.keywords and not itself else options), line
    return None, 0


def _read_options(value: Any) -> dict[str, Any] | None:
    """Return optimizer_params as a dict: of a dict, or of pairs, as Module.fit also accepts them."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple) and value and all(
            isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str) for pair in value):
        return dict(value)
    return None


def _name_optimizer(call: Call) -> str:
    """Return the name of the optimizer in a call of it, of a trainer, of create or of fit."""
    if is_mxnet_optimizer(call.name):
        return call.name
    given = [call.keywords.get("optimizer"), *call.arguments]
    named = next((value for value in given if isinstance(value, str)), None)
    unknown = next((value.name for value in [call.keywords.get("optimizer"), *call.arguments[1:2]]
                    if isinstance(value, Name)), _DEFAULT)
    return named or unknown


def _find_trained(scheduler: Call, scope: ScriptScope) -> Call | None:
    """Return the optimizer of a trainer of Composer that has the scheduler, None without one."""
    for call, _ in scope.calls:
        given = call.keywords.get("schedulers")
        if given is scheduler or (isinstance(given, list | tuple) and any(item is scheduler for item in given)):
            optimizer = call.keywords.get("optimizers")
            return optimizer if isinstance(optimizer, Call) else None
    return None


def _split_optimizer(call: Call) -> tuple[Call, Call | None]:
    """Return a scheduler with the name of its torch optimizer, and the optimizer's call, if all parts share it."""
    optimizers: list[Call] = []
    places = (1, "optimizer") if call.name == "get_scheduler" else (0, "optimizer")

    def change(value: Any, place: int | str) -> Any:
        if isinstance(value, Call) and place in places and not value.name.endswith(("LR", "Restarts")):
            optimizers.extend([] if any(value is other for other in optimizers) else [value])
            return Name("optimizer")
        if isinstance(value, Call):
            return name_parts(value)
        return [change(item, -1) for item in value] if isinstance(value, list) else value

    def name_parts(part: Call) -> Call:
        return replace(part, arguments=tuple(change(item, index) for index, item in enumerate(part.arguments)),
                       keywords={key: change(item, key) for key, item in part.keywords.items()})

    named = name_parts(call)
    return (named, optimizers[0]) if len(optimizers) == 1 else (call, None)
