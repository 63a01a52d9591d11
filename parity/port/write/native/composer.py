"""Writes a schedule with Composer's schedulers, which multiply the optimizer's rate. Times are in batches ("10ba").

Source: mosaicml 0.32.1, composer/optim/scheduler.py. A warm-up begins at 0. Times include it.
"""

from __future__ import annotations

from collections.abc import Iterable

from frameworks.schedule import Constant, Cosine, Exponential, Factor, MultiFactor, Polynomial, Schedule
from parity.port.write.native.pieces import Piece, split
from parity.port.write.native.shapes import find_decay, find_restarts, is_line, split_line_up
from parity.port.write.native.spelling import Spelling, is_unbounded
from parity.port.write.native.with_torch import write_around

#: The optimizer's rate, the constructor, and the note about its difference.
Found = tuple[float, str, str]


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a class of Composer, None if no class applies the schedule."""
    pieces = split(schedule)
    line, rest = split_line_up(pieces)
    spelled = _find(pieces) if line is None or line.base_lr else _find_warmed(line.updates, rest)
    if spelled is None:
        return None
    base, constructor, note = spelled
    return write_around("composer.optim.scheduler", base, constructor,
                        "composer.Trainer(..., optimizers=optimizer, schedulers=scheduler)", note)


def _find(pieces: list[Piece]) -> Found | None:
    """Return the class for the pieces of a schedule without a warm-up from 0."""
    of, base = pieces[0].of, pieces[0].first
    if curve := find_decay(pieces):
        return _find_decay(curve)
    if len(pieces) == 2 and isinstance(of, Constant) and isinstance(pieces[1].of, Constant) and pieces[1].first:
        last = pieces[1].first
        return last, f"ConstantScheduler(alpha={base / last!r}, t_max='{pieces[0].length}ba')", ""
    if len(pieces) > 1:
        return None
    if isinstance(of, Constant):
        return base, "ConstantScheduler(alpha=1.0, t_max='1ba')", ""
    if isinstance(of, Factor):
        return (base, f"StepScheduler('{of.every}ba', gamma={of.factor!r})", "It has no floor." if of.min_lr else "")
    if isinstance(of, MultiFactor):
        return base, f"MultiStepScheduler({_write_times(of.milestones)}, gamma={of.factor!r})", ""
    if isinstance(of, Exponential) and is_unbounded(of):
        return (base, f"ExponentialScheduler({of.factor!r}, decay_period='{of.updates}ba')",
                "It has no highest rate." if of.factor > 1 else "")
    cycles = find_restarts(of)
    if cycles is None or cycles.decay < 1 or not base:
        return None
    return (base, f"CosineAnnealingWarmRestartsScheduler('{cycles.updates}ba', t_mult={float(cycles.growth)!r}, "
            f"alpha_f={cycles.final_lr / base!r})", "")


def _find_decay(curve: Schedule) -> Found | None:
    if not isinstance(curve, Polynomial | Cosine):
        return None
    base, last, time = curve.base_lr, curve.final_lr, f"'{curve.updates}ba'"
    if is_line(curve):
        top = max(base, last)
        return top, f"LinearScheduler(alpha_i={base / top!r}, alpha_f={last / top!r}, t_max={time})", ""
    if not base:
        return None
    if isinstance(curve, Cosine):
        return base, f"CosineAnnealingScheduler(t_max={time}, alpha_f={last / base!r})", ""
    return base, f"PolynomialScheduler({curve.power!r}, t_max={time}, alpha_f={last / base!r})", ""


def _find_warmed(warm: int, rest: list[Piece]) -> Found | None:
    """Return the class for the pieces after a warm-up from 0."""
    of, base = rest[0].of, rest[0].first
    if len(rest) == 1 and isinstance(of, Constant):
        return base, f"ConstantWithWarmupScheduler('{warm}ba')", ""
    if len(rest) == 1 and isinstance(of, MultiFactor):
        times = _write_times([warm + step for step in of.milestones])
        return base, f"MultiStepWithWarmupScheduler('{warm}ba', {times}, gamma={of.factor!r})", ""
    curve = find_decay(rest)
    if not isinstance(curve, Polynomial | Cosine):
        return None
    end = warm + curve.updates
    arguments = f"'{warm}ba', t_max='{end}ba', alpha_f={curve.final_lr / base!r}"
    if is_line(curve):
        constructor = f"LinearWithWarmupScheduler({arguments})"
    elif isinstance(curve, Polynomial):
        constructor = f"PolynomialWithWarmupScheduler({arguments}, power={curve.power!r})"
    else:
        constructor = f"CosineAnnealingWithWarmupScheduler({arguments})"
    return base, constructor, f"It refuses a training of more than {end} batches."


def _write_times(updates: Iterable[int]) -> str:
    return repr([f"{update}ba" for update in updates])
