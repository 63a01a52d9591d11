"""The native spelling, in torch and Keras, of what never ends: exponentials, inverse time, rounds."""

from __future__ import annotations

from frameworks.schedule import Cosine, CosineRestarts, Exponential, InverseTime, Repeat, Schedule, Sequence
from frameworks.schedule.fields import MAX_RATE
from parity.port.write import native_cycles
from parity.port.write.spelling import unheld

#: What is off about a class that goes on rising.
UNBOUNDED = "It has no highest rate."


def torch(schedule: Schedule) -> tuple[float, str, str] | None:
    """Return the optimizer's rate, the constructor, and what is off about it; None if there is no such class."""
    if steps := _steps(schedule):
        return steps[0].base_lr, f"StepLR(optimizer, {steps[1]}, gamma={steps[0].factor!r})", UNBOUNDED
    if isinstance(schedule, Exponential) and unbounded(schedule):
        note = "" if schedule.updates == 1 else "It multiplies its last rate again and again."
        gamma = schedule.factor ** (1 / schedule.updates)
        note = f"{note} {UNBOUNDED}".strip() if schedule.factor > 1 else note
        return schedule.base_lr, f"ExponentialLR(optimizer, gamma={gamma!r})", note
    waves = in_rounds(schedule)
    if waves is not None and waves.warmup == 0 and waves.decay == 1:
        times = f", T_mult={waves.growth}" if waves.growth > 1 else ""
        return (waves.base_lr, f"CosineAnnealingWarmRestarts(optimizer, T_0={waves.updates}{times}, "
                f"eta_min={waves.final_lr!r})", "")
    if (cycles := native_cycles.torch(schedule)) or not isinstance(schedule, Repeat) or schedule.decay < 1:
        return cycles
    of = schedule.of
    if isinstance(of, Sequence) and len(of.parts) == 2 and isinstance(of.parts[0], Cosine):
        down, up = of.parts
        back = Cosine(base_lr=down.final_lr, final_lr=down.base_lr, updates=down.updates)
        if up == back and (down.updates,) == of.boundaries and schedule.updates == 2 * down.updates:
            return (down.base_lr, f"CosineAnnealingLR(optimizer, {down.updates}, eta_min={down.final_lr!r})",
                    "It computes each rate from its last one.")
    return None


def unbounded(schedule: Exponential) -> bool:
    """Whether it falls, or rises as far as a specification's rates go: the classes stop at no rate below."""
    return schedule.factor <= 1 or schedule.max_lr >= MAX_RATE


def _steps(schedule: Schedule) -> tuple[Exponential, int] | None:
    """Return a rising exponential that is held, and for how long each time."""
    inner, updates = unheld(schedule)
    rises = isinstance(inner, Exponential) and inner.updates == 1 and inner.factor > 1 and unbounded(inner)
    return (inner, updates) if rises and updates > 1 else None


def in_rounds(schedule: Schedule) -> CosineRestarts | None:
    """Return the waves that a schedule consists of, if it does: a repeat of one wave is some too."""
    if isinstance(schedule, CosineRestarts):
        return schedule
    of = schedule.of if isinstance(schedule, Repeat) else None
    if isinstance(of, Cosine) and of.updates == schedule.updates and (
            schedule.decay == 1 or schedule.min_lr == of.final_lr):
        return CosineRestarts(base_lr=of.base_lr, final_lr=of.final_lr, updates=of.updates, decay=schedule.decay)
    return None


def tensorflow(schedule: Schedule) -> str | None:
    """Return the constructor; None if there is no such class. All compute in float32."""
    if steps := _steps(schedule):
        return f"ExponentialDecay({steps[0].base_lr!r}, {steps[1]}, {steps[0].factor!r}, staircase=True)"
    if isinstance(schedule, Exponential) and unbounded(schedule):
        return f"ExponentialDecay({schedule.base_lr!r}, {schedule.updates}, {schedule.factor!r})"
    if isinstance(schedule, InverseTime):
        return f"InverseTimeDecay({schedule.base_lr!r}, {schedule.timescale!r}, 1.0)"
    waves = in_rounds(schedule)
    if waves is None or waves.warmup or not waves.base_lr or (waves.sinks == "peak" and waves.decay < 1
                                                              and waves.final_lr):
        return None
    lower = f", m_mul={waves.decay!r}" if waves.decay < 1 else ""
    return (f"CosineDecayRestarts({waves.base_lr!r}, {waves.updates}, t_mul={float(waves.growth)!r}{lower}, "
            f"alpha={waves.final_lr / waves.base_lr!r})")
