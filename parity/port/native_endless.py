"""The native spelling, in torch and Keras, of what never ends: falling exponentials, inverse time, rounds."""

from __future__ import annotations

from frameworks.schedule import Cosine, Exponential, InverseTime, Repeat, Schedule, Sequence


def torch(schedule: Schedule) -> tuple[float, str, str] | None:
    """Return the optimizer's rate, the constructor, and what is off about it; None if there is no such class."""
    if isinstance(schedule, Exponential) and schedule.factor <= 1:
        note = "" if schedule.updates == 1 else "It multiplies its last rate again and again."
        gamma = schedule.factor ** (1 / schedule.updates)
        return schedule.base_lr, f"ExponentialLR(optimizer, gamma={gamma!r})", note
    if not isinstance(schedule, Repeat):
        return None
    of = schedule.of
    if isinstance(of, Cosine) and of.updates == schedule.updates:
        return (of.base_lr, f"CosineAnnealingWarmRestarts(optimizer, T_0={of.updates}, eta_min={of.final_lr!r})", "")
    if isinstance(of, Sequence) and len(of.parts) == 2 and isinstance(of.parts[0], Cosine):
        down, up = of.parts
        back = Cosine(base_lr=down.final_lr, final_lr=down.base_lr, updates=down.updates)
        if up == back and (down.updates,) == of.boundaries and schedule.updates == 2 * down.updates:
            return (down.base_lr, f"CosineAnnealingLR(optimizer, {down.updates}, eta_min={down.final_lr!r})",
                    "It computes each rate from its last one.")
    return None


def tensorflow(schedule: Schedule) -> str | None:
    """Return the constructor; None if there is no such class. All compute in float32."""
    if isinstance(schedule, Exponential) and schedule.factor <= 1:
        return f"ExponentialDecay({schedule.base_lr!r}, {schedule.updates}, {schedule.factor!r})"
    if isinstance(schedule, InverseTime):
        return f"InverseTimeDecay({schedule.base_lr!r}, {schedule.timescale!r}, 1.0)"
    of = schedule.of if isinstance(schedule, Repeat) else None
    if isinstance(of, Cosine) and of.updates == schedule.updates and of.base_lr:
        return f"CosineDecayRestarts({of.base_lr!r}, {of.updates}, t_mul=1.0, alpha={of.final_lr / of.base_lr!r})"
    return None
