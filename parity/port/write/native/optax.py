"""Writes a schedule with optax's built-in functions, which compute in float32 by default."""

from __future__ import annotations

from frameworks.schedule import Annealing, Constant, Cosine, Exponential, Factor, MultiFactor, Polynomial, Schedule
from parity.port.write.native.spelling import Spelling, split_warmup


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a built-in class, None if no class applies the schedule."""
    note = "It computes in float32, unless jax_enable_x64 is set."
    if isinstance(schedule, Constant):
        return _write(f"constant_schedule({schedule.base_lr!r})")
    if isinstance(schedule, MultiFactor):
        drops = dict.fromkeys(schedule.milestones, schedule.factor)
        return _write(f"piecewise_constant_schedule({schedule.base_lr!r}, {drops})", note)
    if isinstance(schedule, Factor) and schedule.factor < 1:
        floor = f", end_value={schedule.min_lr!r}" if schedule.min_lr else ""
        return _write(f"exponential_decay({schedule.base_lr!r}, {schedule.every}, {schedule.factor!r}, "
                      f"staircase=True{floor})", note)
    if isinstance(schedule, Exponential) and schedule.factor != 1:
        end = f", end_value={schedule.max_lr!r}" if schedule.factor > 1 else ""
        return _write(f"exponential_decay({schedule.base_lr!r}, {schedule.updates}, {schedule.factor!r}{end})", note)
    if isinstance(schedule, Annealing):
        return _write_annealing(schedule, note)
    if isinstance(schedule, Polynomial):
        return _write(f"polynomial_schedule({schedule.base_lr!r}, {schedule.final_lr!r}, {schedule.power!r}, "
                      f"{schedule.updates})", f"{note} Jitted, its end can be just below final_lr, or nan.")
    warm, after = split_warmup(schedule)
    if not isinstance(after, Cosine) or not after.base_lr:
        return None
    if warm is None:
        return _write(f"cosine_decay_schedule({after.base_lr!r}, {after.updates}, "
                      f"alpha={after.final_lr / after.base_lr!r})", note)
    if warm.mode != "linear":
        return None
    return _write(f"warmup_cosine_decay_schedule({warm.begin_lr!r}, {after.base_lr!r}, {warm.updates}, "
                  f"{warm.updates + after.updates}, end_value={after.final_lr!r})", note)


def _write_annealing(schedule: Annealing, note: str) -> Spelling | None:
    """Return the spelling of an annealing that starts at its beginning and has elapsed_power 1, else None."""
    base, final, updates = schedule.base_lr, schedule.final_lr, int(schedule.updates)
    if schedule.elapsed or schedule.elapsed_power != 1 or updates != schedule.updates or not base:
        return None
    if schedule.shape == "cosine":
        return _write(f"cosine_decay_schedule({base!r}, {updates}, alpha={final / base!r}, "
                      f"exponent={schedule.power!r})", note)
    if schedule.shape == "linear":
        return _write(f"polynomial_schedule({base!r}, {final!r}, {schedule.power!r}, {updates})",
                      f"{note} Jitted, its end can be just below final_lr, or nan.")
    if base == final:
        return None
    return _write(f"exponential_decay({base!r}, {updates}, {final / base!r}, end_value={final!r})", note)


def _write(constructor: str, note: str = "") -> Spelling:
    return Spelling(f"import optax\n\nschedule = optax.{constructor}\noptimizer = optax.sgd(schedule)\n", note)
