"""Reads mmengine's param_scheduler: a dict, a list of dicts, or a configuration file in Python that has it.

The runner steps a scheduler after every epoch, with by_epoch=False or convert_to_iter_based=True after every update.
Source: mmengine 0.10, runner/runner.py, registry/build_functions.py and hooks/param_scheduler_hook.py.
"""

from __future__ import annotations

import itertools
from typing import Any

from frameworks.schedule import Product, Schedule
from parity.port.read.arguments import Context, check_flag, check_number, check_whole, name_errors, suggest_name
from parity.port.read.curves import build_constant, join
from parity.port.read.literal import PortError
from parity.port.read.mmengine_files import NAME, read_config
from parity.port.read.mmengine_parts import INF, PARTS, Part, Range

__all__ = ["CONFIGS", "READERS", "REFUSED", "read_config"]
CONFIGS = (".py", "(", "[", "{")
REFUSED: dict[str, str] = {}
_REFUSED = {"ReduceOnPlateauLR": "its rates depend on the training's metric, not on the update alone",
            "CosineRestartLR": "it is not supported"}
#: The arguments of every scheduler besides those of its curve.
_RANGE = ("begin", "end", "by_epoch", "convert_to_iter_based", "last_step", "verbose")


def read_all(c: Context, parts: Any, lr: Any = None, max_epochs: Any = None, max_iters: Any = None) -> Schedule:
    """Read schedulers that act in turn, or at the same time if all of them multiply the rate."""
    if lr is None and c.lr is None:
        raise PortError("the rate that the optimizer was made with is needed: --lr")
    base = check_number("lr", c.lr if lr is None else lr)
    if c.lr not in (None, base):
        raise PortError(f"the optimizer is made with the rate {base:g}, but --lr is {c.lr:g}")
    read = [_read_part(c, dict(part), base, max_epochs, max_iters) for part in parts if _has_rate(c, part)]
    if not read:
        return build_constant(base)
    if len(read) > 1 and any(part.alone for part in read):
        raise PortError("OneCycleLR must be the only one: it overwrites the rates from which the others start")
    return _chain(base, sorted(read, key=lambda part: part.range.begin))


def _has_rate(c: Context, part: dict[str, Any]) -> bool:
    """Return whether a scheduler changes the rate, not the momentum or another parameter."""
    name, parameter = part["type"], part.get("param_name", "lr")
    if "Momentum" in name or parameter != "lr":
        c.traps.append(f"{name} changes the {'momentum' if 'Momentum' in name else parameter} and is left out.")
        return False
    return True


def _read_part(c: Context, part: dict[str, Any], base: float, epochs: Any, iters: Any) -> Part:
    name = part.pop("type")
    if name in _REFUSED:
        raise PortError(f"{name} cannot be ported: {_REFUSED[name]}")
    if name not in PARTS:
        raise PortError(f"{name} is not a supported scheduler of mmengine; supported: {', '.join(PARTS)}")
    with name_errors(name):
        steps = _read_range(c, {key: part.pop(key) for key in _RANGE if key in part}, epochs, iters)
        known = [*_RANGE, *PARTS[name].__code__.co_varnames[3:PARTS[name].__code__.co_argcount]]
        for key in map(str, part):
            if key not in known:
                raise PortError(f"it has no argument {key}: mmengine raises TypeError{suggest_name(key, known)}")
        return PARTS[name](c, steps, base, **part)


def _read_range(c: Context, given: dict[str, Any], epochs: Any, iters: Any) -> Range:
    """Return the range of a scheduler; the runner sets end to the length of the training by default."""
    if given.get("last_step", -1) != -1:
        raise PortError("last_step must be -1: with another value the rates depend on the optimizer's current rate")
    by_epoch = check_flag("by_epoch", given.get("by_epoch", True))
    convert = check_flag("convert_to_iter_based", given.get("convert_to_iter_based", False))
    if by_epoch and iters is not None:
        raise PortError("by_epoch must be False with max_iters: an IterBasedTrainLoop has one epoch, the training")
    if convert and not by_epoch:
        raise PortError("convert_to_iter_based needs by_epoch=True: mmengine raises AssertionError")
    scale = c.need_epochs() if by_epoch else 1
    if by_epoch:
        c.traps.append("by_epoch is True by default: begin, end and lengths count epochs of an EpochBasedTrainLoop.")
    end = given.get("end")
    if end is None:
        end = _read_length(c, epochs, iters, by_epoch=by_epoch)
    begin = check_number("begin", given.get("begin", 0))
    if check_number("end", end) <= begin:
        raise PortError(f"end must be above begin, got begin={begin:g} and end={end:g}")
    first = int(begin * scale) if convert else check_whole("begin", given.get("begin", 0))
    last = None if end == INF else int(end * scale) if convert else check_whole("end", end)
    count = None if last is None else last - first
    if not by_epoch or convert:
        return Range(first, count, scale=scale if convert else 1)
    return Range(first * scale, count, hold=scale)


def _read_length(c: Context, epochs: Any, iters: Any, *, by_epoch: bool) -> int:
    """Return the length of the training in epochs or updates; INF if it is not known."""
    if iters is not None:
        return check_whole("max_iters", iters, 1)
    if epochs is not None:
        return check_whole("max_epochs", epochs, 1) * (1 if by_epoch else c.need_epochs())
    if c.total is None or not by_epoch:
        return c.total or INF
    if c.total % c.need_epochs():
        raise PortError(f"--total-updates must be a multiple of --updates-per-epoch, {c.need_epochs()}, got {c.total}")
    return c.total // c.need_epochs()


def _chain(base: float, parts: list[Part]) -> Schedule:
    """Return schedulers, sorted by begin, one after another; those whose ranges overlap are multiplied."""
    groups: list[list[Part]] = []
    for part in parts:
        if groups and part.range.begin < max(each.range.end for each in groups[-1]):
            groups[-1].append(part)
        else:
            groups.append([part])
    rate, starts = base, []
    pieces: list[Schedule] = []
    for group in groups:
        start = group[0].range.begin
        if pieces:
            rate = pieces[-1].lr(start - starts[-1])
        elif start:
            pieces.append(build_constant(base))
            starts.append(0)
        pieces.append(_multiply(rate, group))
        starts.append(start)
    lengths = [later - start for start, later in itertools.pairwise(starts)]
    return join(lengths, *pieces) if lengths else pieces[0]


def _multiply(rate: float, group: list[Part]) -> Schedule:
    """Return the product of schedulers whose ranges overlap, from the first one's begin on."""
    if len(group) == 1:
        return group[0].read(rate)
    if not all(part.multiplies for part in group):
        raise PortError("the ranges begin to end overlap, of schedulers of which one does not multiply the rate: an "
                        "eta_min above 0, or a range longer than T_max; give ranges that follow each other")
    start = group[0].range.begin
    factors = []
    for index, part in enumerate(group):
        first, delay = (rate if index == 0 else 1.0), part.range.begin - start
        factors.append(join([delay], build_constant(first), part.read(first)) if delay else part.read(first))
    return Product(of=factors)


READERS = {NAME: read_all}
