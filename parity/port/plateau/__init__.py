"""Ports reduce on plateau: reads torch's and Keras' constructor, and writes a specification for each framework.

Patience p in torch is p + 1 in Keras. A cooldown c above 0 is c + 1. Keras has no relative threshold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from frameworks.schedule import ReduceOnPlateau, dumps
from parity.port.plateau.exact import quote, write_exact
from parity.port.read.arguments import Context, bind_arguments, check_number, check_one_of, check_whole, name_errors
from parity.port.read.literal import Call, PortError
from parity.port.read.torch_optimizers import find_initial_rate
from parity.port.write.native.spelling import Spelling

NAME = "ReduceLROnPlateau"
MONITOR = "val_loss"
TARGETS = ("mxnet", "torch", "tensorflow")
_FLOAT64 = ("torch keeps the rate and compares metrics in float64: rates may be some ULP off, and metrics that are "
            "equal in float32 may differ.")
_FLOAT32 = ("Keras keeps the rate and compares metrics in float32: rates may be some ULP off, and metrics that differ "
            "by less than float32 resolves are equal.")
_NAN = "A NaN as the first metric stays the best one in Keras; in torch it is a bad one before the first best."
_WATCHED = "A better metric becomes the best here during a cooldown, too."


@dataclass(frozen=True)
class Reading:
    """A specification read from a class.

    plateau: the specification. traps: sentences about surprising behaviour of the class. monitor: name of the metric,
    for Keras (default: "val_loss").
    """

    plateau: ReduceOnPlateau
    traps: list[str]
    monitor: str = MONITOR


def read_torch(c: Context, optimizer: Any, mode: Any = "min", factor: Any = 0.1, patience: Any = 10,
               threshold: Any = 1e-4,
               threshold_mode: Any = "rel", cooldown: Any = 0, min_lr: Any = 0, eps: Any = 1e-8) -> ReduceOnPlateau:
    """Read torch's class: torch 2.14, torch/optim/lr_scheduler.py."""
    base_lr = find_initial_rate(c, optimizer, -1)
    c.traps.append("torch's threshold is relative by default, and its eps skips reductions of up to 1e-8.")
    if isinstance(min_lr, list | tuple):
        if len({check_number("min_lr", rate) for rate in min_lr}) != 1:
            raise PortError(f"min_lr must be the same for all groups, got {min_lr!r}")
        min_lr = min_lr[0]
    return ReduceOnPlateau(
        base_lr=base_lr, factor=_read_factor(factor), patience=check_whole("patience", patience, floats=True),
        rule="exceeds",
        direction=check_one_of("mode", mode, ("min", "max")), threshold=check_number("threshold", threshold),
        threshold_mode="relative" if check_one_of("threshold_mode", threshold_mode, ("rel", "abs")) == "rel"
        else "absolute",
        cooldown=check_whole("cooldown", cooldown, floats=True), min_lr=check_number("min_lr", min_lr),
        least_change=check_number("eps", eps))


def read_keras(c: Context, monitor: Any = MONITOR, factor: Any = 0.1, patience: Any = 10, verbose: Any = 0,
               mode: Any = "auto", min_delta: Any = 1e-4, cooldown: Any = 0, min_lr: Any = 0.0) -> ReduceOnPlateau:
    """Read Keras' class: keras 3.15, callbacks/reduce_lr_on_plateau.py."""
    if c.lr is None:
        raise PortError("the rate that the optimizer was made with is needed: --lr")
    if not isinstance(monitor, str) or not monitor.isprintable():
        raise PortError(f"monitor must be the name of a metric, got {monitor!r}")
    mode = check_one_of("mode", mode, ("auto", "min", "max"))
    if mode == "auto":
        if monitor.removeprefix("val_") != "loss":
            raise PortError(f"mode must be 'min' or 'max': with 'auto' the model decides which way {monitor!r} gets "
                            "better")
        mode = "min"
    c.traps.append("Keras' callback resets its best metric and its counts at the start of each fit.")
    return ReduceOnPlateau(
        base_lr=check_number("lr", c.lr), factor=_read_factor(factor),
        patience=check_whole("patience", patience, floats=True),
        rule="reaches", direction=mode, threshold=abs(check_number("min_delta", min_delta, None)),
        threshold_mode="absolute",
        cooldown=check_whole("cooldown", cooldown, floats=True), min_lr=check_number("min_lr", min_lr),
        precision="float32")


READERS: dict[str, Callable[..., ReduceOnPlateau]] = {"torch": read_torch, "tensorflow": read_keras}


def read_call(call: Call, source: str, lr: float | None = None) -> Reading:
    """Read `ReduceLROnPlateau(...)` of "torch" or "tensorflow".

    call: the constructor. source: the library. lr: initial rate (default: None, written in the call). Raises PortError.
    """
    traps: list[str] = []
    context = Context(traps, [], lr=lr)
    with name_errors(NAME):
        given = bind_arguments(call, READERS[source])
        return Reading(READERS[source](context, **given), traps, given.get("monitor", MONITOR))


def write_spellings(plateau: ReduceOnPlateau, target: str, monitor: str = MONITOR) -> list[Spelling]:
    """Return the spelling with the built-in class, if there is one, and the self-contained code.

    The note of the first has a line for each difference.
    """
    native = {"torch": [_write_torch(plateau)], "tensorflow": [_write_keras(plateau, monitor)]}
    return [*native.get(target, []), Spelling(write_exact(plateau, target, monitor), native=False)]


def write_ports(reading: Reading, ports: dict[str, list[Spelling]]) -> str:
    """Return the spellings for each framework as text."""
    lines = ["# the rule, as applied: patience and cooldown count metrics", *(f"# {line}" for line in
             dumps(reading.plateau).splitlines()), ""]
    for target, code in ports.items():
        for spelling in code:
            lines += [f"# {target}, {spelling.label}{', but' if spelling.note else ': 0 ULP'}",
                      *(f"# - {note}" for note in spelling.note.splitlines()), spelling.code.rstrip(), ""]
    return "\n".join([*lines, *(f"# trap: {trap}" for trap in reading.traps)])


def _write_torch(plateau: ReduceOnPlateau) -> Spelling:
    patience, cooldown, notes = plateau.patience, plateau.cooldown, []
    if plateau.rule == "reaches":
        patience, cooldown = max(patience, 1) - 1, max(cooldown, 1) - 1
        notes += [f"torch reduces when the bad metrics exceed patience, Keras when they reach it: {plateau.patience} "
                  f"there is {patience} here.{_note_cooldown(plateau, cooldown)}",
                  _NAN]
    notes += [_WATCHED] if plateau.in_cooldown == "ignore" else []
    if plateau.precision == "float32":
        notes.append(_FLOAT64)
    return Spelling(f"""\
import torch

optimizer = torch.optim.SGD(model.parameters(), lr={plateau.base_lr!r})
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
    optimizer, mode={plateau.direction!r}, factor={plateau.factor!r}, patience={patience},
    threshold={plateau.threshold!r}, threshold_mode={plateau.threshold_mode[:3]!r}, cooldown={cooldown},
    min_lr={plateau.min_lr!r}, eps={plateau.least_change!r})
# scheduler.step(metric) after every epoch
""", "\n".join(notes))


def _write_keras(plateau: ReduceOnPlateau, monitor: str) -> Spelling:
    patience, cooldown, notes = plateau.patience, plateau.cooldown, []
    if plateau.rule == "exceeds":
        patience, cooldown = patience + 1, cooldown and cooldown + 1
        notes += [f"Keras reduces when the bad metrics reach patience, torch when they exceed it: {plateau.patience} "
                  f"there is {patience} here.{_note_cooldown(plateau, cooldown)}",
                  _NAN]
    if plateau.threshold_mode == "relative" and plateau.threshold:
        notes.append(f"Keras has no relative threshold: min_delta={plateau.threshold!r} is in the metric's unit, not a "
                     "share of the best one.")
    if plateau.least_change:
        notes.append(f"Keras has no least change: reductions of {plateau.least_change!r} and less are made, too.")
    notes += [_WATCHED] if plateau.in_cooldown == "ignore" else []
    if plateau.precision == "float64":
        notes.append(_FLOAT32)
    return Spelling(f"""\
import keras

optimizer = keras.optimizers.SGD({plateau.base_lr!r})
plateau = keras.callbacks.ReduceLROnPlateau(
    monitor={quote(monitor)}, mode={plateau.direction!r}, factor={plateau.factor!r}, patience={patience},
    min_delta={plateau.threshold!r}, cooldown={cooldown}, min_lr={plateau.min_lr!r})
# model.fit(..., callbacks=[plateau])
""", "\n".join(notes))


def _note_cooldown(plateau: ReduceOnPlateau, cooldown: int) -> str:
    return f" A cooldown of {plateau.cooldown} there is {cooldown} here." if plateau.cooldown else ""


def _read_factor(factor: Any) -> float:
    result = check_number("factor", factor, None)
    if result >= 1:
        raise PortError(f"factor must be below 1, got {factor!r}")
    if result <= 0:
        raise PortError(f"factor must be positive, got {factor!r} (the class accepts it, but no schedule expresses it)")
    return result
