"""Writes a schedule with PaddlePaddle's classes, which contain their first rate.

Source: paddlepaddle 3.3.1, python/paddle/optimizer/lr.py. LinearWarmup applies another scheduler after its line.
"""

from __future__ import annotations

import re

from frameworks.schedule import (
    Constant,
    Cosine,
    Cyclic,
    Exponential,
    Factor,
    InverseSquareRoot,
    InverseTime,
    MultiFactor,
    OneCycle,
    Polynomial,
    PolynomialCycle,
    Schedule,
)
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import find_decay, find_restarts, find_swing, list_rates, split_line_up
from parity.port.write.native.spelling import Spelling

#: The constructor, and the note about its difference.
Found = tuple[str, str]


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a class of PaddlePaddle, None if no class applies the schedule."""
    spelled = _find_kind(schedule) or _find(split(schedule))
    if spelled is None:
        return None
    constructor, note = spelled
    names = ", ".join(sorted(set(re.findall(r"\b([A-Z]\w+)\(", constructor))))
    return Spelling(f"import paddle\nfrom paddle.optimizer.lr import {names}\n\n"
                    f"scheduler = {constructor}  # scheduler.step() after every update\n"
                    "optimizer = paddle.optimizer.SGD(scheduler, parameters=model.parameters())\n", note)


def _find_kind(schedule: Schedule) -> Found | None:
    """Return the class of a kind that PaddlePaddle has too."""
    if isinstance(schedule, Cyclic):
        gamma = f", exp_gamma={schedule.gamma!r}" if schedule.mode == "exp_range" else ""
        return (f"CyclicLR({schedule.low!r}, {schedule.high!r}, {schedule.up}, {schedule.down or schedule.up}, "
                f"mode={schedule.mode!r}{gamma})", "It computes its position in the cycle from a quotient.")
    if not isinstance(schedule, OneCycle) or not schedule.base_lr * schedule.peak_lr * schedule.final_lr:
        return None
    total, strategy = schedule.updates + 1, "cos" if schedule.mode == "cosine" else "linear"
    three = ", three_phase=True" if schedule.phases == 3 else ""
    if three and 2 * (schedule.rise + 1) >= total:  # the class refuses it
        return None
    return (f"OneCycleLR({schedule.peak_lr!r}, {total}, divide_factor={schedule.peak_lr / schedule.base_lr!r}, "
            f"end_learning_rate={schedule.final_lr!r}, phase_pct={(schedule.rise + 1) / total!r}, "
            f"anneal_strategy={strategy!r}{three})", f"It raises ValueError after update {total}.")


def _find(pieces: list[Piece]) -> Found | None:
    """Return the class for the pieces of a schedule, or of its rest after a warm-up."""
    line, rest = split_line_up(pieces)
    if line is None:
        return _find_plain(pieces)
    if not line.base_lr and len(rest) == 1 and isinstance(root := rest[0].of, InverseSquareRoot) and (
            root.timescale == line.updates):
        factor = root.base_lr * line.updates**0.5
        return f"NoamDecay(d_model=1, warmup_steps={line.updates}, learning_rate={factor!r})", ""
    only = len(rest) == 1 and isinstance(rest[0].of, Constant)
    after = (repr(rest[0].first), "") if only else _find(rest)
    if after is None:
        return None
    return f"LinearWarmup({after[0]}, {line.updates}, {line.base_lr!r}, {line.final_lr!r})", after[1]


def _find_plain(pieces: list[Piece]) -> Found | None:
    of = pieces[0].of
    if curve := find_decay(pieces):
        if isinstance(curve, Polynomial):
            return _write_polynomial(curve), ""
        if isinstance(curve, Cosine):
            return (f"CosineAnnealingDecay({curve.base_lr!r}, {curve.updates}, eta_min={curve.final_lr!r})",
                    f"It moves back to the first rate after update {curve.updates}.")
        return None
    if len(pieces) == 1 and (spelled := _find_endless(of)):
        return spelled, "It has no floor." if isinstance(of, Factor) and of.min_lr and not list_rates(pieces) else ""
    if steps := list_rates(pieces):
        starts, rates = steps
        return f"PiecewiseDecay({starts or [1]}, {rates if starts else rates * 2})", ""
    return None


def _find_endless(of: Schedule) -> str | None:
    """Return the class of a schedule without parts and without a last rate."""
    if isinstance(of, Factor) and (not of.min_lr or not list_rates([Piece(of)])):
        return (f"ExponentialDecay({of.base_lr!r}, {of.factor!r})" if of.every == 1 else
                f"StepDecay({of.base_lr!r}, {of.every}, gamma={of.factor!r})")
    if isinstance(of, MultiFactor) and of.factor < 1:
        return f"MultiStepDecay({of.base_lr!r}, {list(of.milestones)}, gamma={of.factor!r})"
    if isinstance(of, Exponential) and of.factor < 1:
        return f"ExponentialDecay({of.base_lr!r}, {of.factor ** (1 / of.updates)!r})"
    if isinstance(of, InverseTime):
        return f"InverseTimeDecay({of.base_lr!r}, {1 / of.timescale!r})"
    if isinstance(of, PolynomialCycle):
        return _write_polynomial(of, ", cycle=True")
    if half := find_swing(of):
        return f"CosineAnnealingDecay({half.base_lr!r}, {half.updates}, eta_min={half.final_lr!r})"
    cycles = find_restarts(of)
    if cycles is None or cycles.decay < 1:
        return None
    times = f", T_mult={cycles.growth}" if cycles.growth > 1 else ""
    return f"CosineAnnealingWarmRestarts({cycles.base_lr!r}, {cycles.updates}{times}, eta_min={cycles.final_lr!r})"


def _write_polynomial(of: Polynomial | PolynomialCycle, cycle: str = "") -> str:
    return (f"PolynomialDecay({of.base_lr!r}, {of.updates}, end_lr={of.final_lr!r}, power={of.power!r}{cycle})")
