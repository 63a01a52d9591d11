"""Writes a schedule with Keras' built-in classes. With Python numbers they compute in float32."""

from __future__ import annotations

from frameworks.schedule import (
    Cosine,
    Exponential,
    Factor,
    InverseTime,
    MultiFactor,
    Polynomial,
    PolynomialCycle,
    Schedule,
)
from parity.port.keras_graph import DROPS, RESTARTS, describe_division
from parity.port.write.native.spelling import (
    UNBOUNDED,
    Spelling,
    find_cosine_restarts,
    find_increasing_steps,
    is_unbounded,
    split_warmup,
    strip_holds,
    strip_shift,
)

_NOTE = "It computes in float32."


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the spelling with a built-in class, None if no class applies the schedule."""
    inner, updates = strip_holds(schedule)
    if endless := _write_endless(schedule):
        increases = isinstance(inner, Exponential) and inner.factor > 1
        steps, cycles = find_increasing_steps(schedule), find_cosine_restarts(schedule)
        division = describe_division(steps[1], *DROPS) if steps else (
            describe_division(cycles.updates, *RESTARTS) if cycles and cycles.growth == 1 else "")
        return _write(endless, _join(_NOTE, UNBOUNDED if increases else "", division))
    if isinstance(inner, Factor):
        every = inner.every * updates
        return _write(f"ExponentialDecay({inner.base_lr!r}, {every}, {inner.factor!r}, staircase=True)",
                      _join(_NOTE if not inner.min_lr else "It has no floor, and computes in float32.",
                            describe_division(every, *DROPS)))
    if isinstance(inner, MultiFactor):
        values = [inner.base_lr * inner.factor**drops for drops in range(len(inner.milestones) + 1)]
        boundaries = [step * updates - 1 for step in inner.milestones]
        return _write(f"PiecewiseConstantDecay({boundaries}, {values})", "")
    if isinstance(schedule, Polynomial | PolynomialCycle):
        arguments = f"{schedule.base_lr!r}, {schedule.updates}, {schedule.final_lr!r}, power={schedule.power!r}"
        if isinstance(schedule, Polynomial):
            return _write(f"PolynomialDecay({arguments})")
        return _write(f"PolynomialDecay({arguments}, cycle=True)",
                      f"{_NOTE} Compiled code, as in fit, jumps one update early at some ends.")
    unshifted_schedule, early = strip_shift(schedule)
    warm, after = split_warmup(unshifted_schedule)
    if not isinstance(after, Cosine) or not after.base_lr or (early and (warm is None or warm.updates < 2)):
        return None
    share = after.final_lr / after.base_lr
    if warm is None:
        return _write(f"CosineDecay({after.base_lr!r}, {after.updates}, alpha={share!r})")
    if warm.mode != "linear":
        return None
    first = warm.begin_lr + (after.base_lr - warm.begin_lr) * early / warm.updates
    return _write(f"CosineDecay({first!r}, {after.updates}, alpha={share!r}, warmup_target={after.base_lr!r}, "
                  f"warmup_steps={warm.updates - early})")


def _write_endless(schedule: Schedule) -> str | None:
    """Return the constructor of a schedule without an end: exponential, inverse time, cycles; else None."""
    if steps := find_increasing_steps(schedule):
        return f"ExponentialDecay({steps[0].base_lr!r}, {steps[1]}, {steps[0].factor!r}, staircase=True)"
    if isinstance(schedule, Exponential) and is_unbounded(schedule):
        return f"ExponentialDecay({schedule.base_lr!r}, {schedule.updates}, {schedule.factor!r})"
    if isinstance(schedule, InverseTime):
        return f"InverseTimeDecay({schedule.base_lr!r}, {schedule.timescale!r}, 1.0)"
    cycles = find_cosine_restarts(schedule)
    if cycles is None or cycles.warmup or not cycles.base_lr or (cycles.sinks == "peak" and cycles.decay < 1
                                                              and cycles.final_lr):
        return None
    lower = f", m_mul={cycles.decay!r}" if cycles.decay < 1 else ""
    return (f"CosineDecayRestarts({cycles.base_lr!r}, {cycles.updates}, t_mul={float(cycles.growth)!r}{lower}, "
            f"alpha={cycles.final_lr / cycles.base_lr!r})")


def _join(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _write(constructor: str, note: str = _NOTE) -> Spelling:
    return Spelling(f"from keras.optimizers.schedules import {constructor.split('(')[0]}\n\n"
                    f"learning_rate = {constructor}  # keras.optimizers.SGD(learning_rate)\n", note)
