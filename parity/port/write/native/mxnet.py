"""Writes a schedule with MXNet's built-in classes. A Trainer calls them with 1 first."""

from __future__ import annotations

from frameworks.schedule import Cosine, Factor, MultiFactor, Polynomial, Schedule
from parity.port.write.native.spelling import Spelling, split_warmup, strip_holds, strip_shift


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a built-in class, None if no class applies the schedule."""
    inner, updates = strip_holds(schedule)
    if isinstance(inner, Factor):
        return _write(f"FactorScheduler({inner.every * updates}, {inner.factor!r}, stop_factor_lr={inner.min_lr!r}, "
                      f"base_lr={inner.base_lr!r})")
    if isinstance(inner, MultiFactor):
        milestones = [step * updates for step in inner.milestones]
        return _write(f"MultiFactorScheduler({milestones}, {inner.factor!r}, base_lr={inner.base_lr!r})")
    unshifted_schedule, early = strip_shift(schedule)
    warm, after = split_warmup(unshifted_schedule)
    if not isinstance(after, Polynomial | Cosine) or (
            warm is not None and (warm.begin_lr > after.base_lr or warm.mode not in ("linear", "constant"))):
        return None
    steps = warm.updates if warm is not None else 0
    arguments = f"{after.updates + steps}, base_lr={after.base_lr!r}, final_lr={after.final_lr!r}"
    if isinstance(after, Polynomial):
        arguments += f", pwr={after.power!r}"
    if warm is not None:
        arguments += f", warmup_steps={steps}, warmup_begin_lr={warm.begin_lr!r}, warmup_mode={warm.mode!r}"
    name = "PolyScheduler" if isinstance(after, Polynomial) else "CosineScheduler"
    return _write(f"{name}({arguments})",
                  "" if early else "A Trainer calls it with 1 first: every rate comes one update early.")


def _write(constructor: str, note: str = "") -> Spelling:
    head = "from mxnet import lr_scheduler as schedulers  # with NumPy 1.24 or later, set numpy.bool = bool before"
    return Spelling(f"{head}\n\nlr_scheduler = schedulers.{constructor}\n", note)
