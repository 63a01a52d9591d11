"""Reads fairseq's command-line arguments as the call of a scheduler. Source: fairseq 0.12.2, dataclass/configs.py."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from parity.port.read.configs import ARGUMENTS, read_arguments, read_list
from parity.port.read.evaluate import Scope
from parity.port.read.fairseq_schedules import READERS, REFUSED
from parity.port.read.literal import Call, PortError

__all__ = ["CONFIGS", "READERS", "REFUSED", "read_config"]
CONFIGS = (ARGUMENTS,)
#: The classes of --lr-scheduler.
SCHEDULERS = {
    "inverse_sqrt": "InverseSquareRootSchedule", "polynomial_decay": "PolynomialDecayLRSchedule",
    "cosine": "CosineLRSchedule", "fixed": "FixedLRSchedule", "triangular": "TriangularLRSchedule",
    "tri_stage": "TriStageLRSchedule", "step": "StepLRSchedule",
    "reduce_lr_on_plateau": "ReduceLROnPlateauLRSchedule", "manual": "ManualSchedule",
    "pass_through": "PassThroughScheduleSchedule"}
_WHOLE = ("--warmup-updates", "--force-anneal", "--warmup-steps", "--hold-steps", "--decay-steps", "--lr-deacy-period")
_NUMBERS = ("--warmup-init-lr", "--min-lr", "--end-learning-rate", "--power", "--total-num-update", "--t-mult",
            "--lr-period-updates", "--lr-shrink", "--max-lr", "--init-lr-scale", "--final-lr-scale", "--lr-decay",
            "--lr-threshold", "--max-update")
_OPTIONS: dict[str, Callable[[str], Any] | None] = {
    "--lr": read_list, "--phase-ratio": read_list, "--lr-scheduler": str, "--shrink-min": None, "--lr-patience": int,
    **dict.fromkeys(_WHOLE, int), **dict.fromkeys(_NUMBERS, float)}
#: Options that older scripts give to every schedule, although only some have them.
_COMMON = ("--min-lr", "--max-update")


def read_config(text: str, scope: Scope) -> Call:
    """Return the call of the scheduler that --lr-scheduler names, "fixed" without it."""
    values = read_arguments(text, scope, _OPTIONS)
    name = values.pop("--lr-scheduler", "fixed")
    if name not in SCHEDULERS:
        raise PortError(f"--lr-scheduler must be one of {', '.join(SCHEDULERS)}, got {name!r}")
    kind = SCHEDULERS[name]
    if kind in REFUSED:
        return Call(kind)
    if "--lr" not in values:
        raise PortError("--lr must be given: its default, 0.25, is rarely meant")
    fields = inspect.signature(READERS[kind]).parameters
    keywords = {}
    for option, value in values.items():
        field = option[2:].replace("-", "_")
        if field in fields:
            keywords[field] = value
        elif option not in _COMMON:
            raise PortError(f"{option} is not an argument of --lr-scheduler {name}: leave it out")
    return Call(kind, keywords=keywords, typed={name: f"--{name.replace('_', '-')}" for name in fields})
