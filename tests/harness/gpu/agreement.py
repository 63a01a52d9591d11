"""Compares applied rates with specified ones, also for weights of bfloat16 and for momentum."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from frameworks.observation import format_bits
from frameworks.schedule import Schedule
from parity.cases import CASES, Case
from parity.measuring.compare import SMALLEST_NORMAL, compare
from parity.measuring.margin import compute_bounds
from tests.harness.gpu.place import Result

#: Returns the applied rates of updates from 0 on: float32, shape (updates, weights).
Observe = Callable[[Schedule, int], np.ndarray]

#: The cases of a rehearsal: of several kinds, with steps, curves and a warm-up.
REHEARSED = 4
#: The case whose rates change at every update: a frozen rate shows at its update 1.
MOVING = "warmup_cosine"
#: Cases are compared in this many passes, so that the first ones are of all kinds, if time is short.
PASSES = 8
#: The updates of each case in a rehearsal; and on a GPU in each way of running them but the first.
FEW, SOME = 12, 30


def choose_cases(rehearse: bool, *, by_kind: bool = False) -> dict[str, Case]:
    """Return the fixed cases, neighbours apart; in a rehearsal a few of them.

    by_kind: only the first case of each kind of schedule (default: all).
    """
    names = list({case.schedule.kind: name for name, case in reversed(CASES.items())}.values() if by_kind else CASES)
    chosen = names[:: len(names) // REHEARSED] if rehearse else [
        name for start in range(PASSES) for name in names[start::PASSES]]
    return {name: CASES[name] for name in chosen}


def compare_cases(observe: Observe, cases: dict[str, Case], most: int | None, until: float, **how: Any) -> Result:
    """Compare the rates of each case with the specification; name the first case that differs.

    most: the largest number of updates of a case (default: None, all of its updates). until: the time after which no
    other case begins; the cases left out are counted, and the check is then not whole. how: of `find_difference`.
    """
    differing, updates, compared = {}, 0, 0
    for name, case in cases.items():
        if time.monotonic() > until:
            break
        number = case.updates if most is None else min(case.updates, most)
        what = find_difference(case.schedule, observe(case.schedule, number), **how)
        updates, compared = updates + number, compared + 1
        if what is not None:
            differing[name] = what
    first = {"first": next(f"{name}: {what}" for name, what in differing.items())} if differing else {}
    return {"passed": not differing, "whole": compared == len(cases), "cases": f"{compared} of {len(cases)}",
            "updates": updates, "differing": len(differing), **first}


def find_frozen(observe: Observe) -> Result:
    """Return whether the comparison finds a frozen rate, at the first update whose rate is another."""
    schedule = CASES[MOVING].schedule
    what = find_difference(schedule, observe(schedule, FEW))
    return {"passed": what is not None and what.startswith("update 1:"), "found": what or "nothing"}


def find_difference(schedule: Schedule, applied: np.ndarray, dtype: str = "float32", *,
                    momentum: bool = False, ulps: int = 0) -> str | None:
    """Return the first update whose applied rate is not the specified one; None if all are.

    applied: float32, shape (updates, weights), from update 0 on. dtype: the type of the weights (default: "float32").
    momentum: whether they had momentum 0.5 under equal gradients, as torch computes it (default: no). ulps: float32
    numbers that a rate may be off (default: 0).
    """
    if (dtype, momentum, ulps) == ("float32", False, 0):
        first = compare(schedule, applied).first
        return None if first is None else str(first)
    t = np.arange(len(applied), dtype=np.int64)
    around = compute_bounds(schedule, t)
    outside = (around.rates > 0) & (around.rates < SMALLEST_NORMAL)
    factor = 2 - 2.0**-t if momentum else np.ones(len(t))
    allowed = [_round((np.maximum(side, 0).astype(np.float32) * factor).astype(np.float32), dtype) for side in around]
    right = np.any([np.abs(_order(applied) - _order(side)[:, None]) <= ulps for side in allowed], axis=0)
    wrong = ~(right | outside[:, None])
    if not wrong.any():
        return None
    update, weight = (int(index) for index in np.argwhere(wrong)[0])
    rate, specified = applied[update, weight], allowed[0][update]
    return f"update {update}: applied {rate} ({format_bits(rate)}), specified {specified} ({format_bits(specified)})"


def _order(rates: np.ndarray) -> np.ndarray:
    """Return the positions of float32 numbers among all of them; nan is far from every other."""
    words = rates.astype(np.float32).view(np.int32).astype(np.int64)
    return np.where(words < 0, -(words & 0x7FFFFFFF), words)


def _round(rates: np.ndarray, dtype: str) -> np.ndarray:
    """Round float32 numbers to the 8 bits of a bfloat16, to even on a tie; leave them for other types."""
    if dtype != "bfloat16":
        return rates
    bits = rates.view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
