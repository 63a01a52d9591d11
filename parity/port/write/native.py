"""The native spelling of a schedule in each framework: what its own classes say most nearly, and what is off."""

from __future__ import annotations

import re
from collections.abc import Callable

from frameworks.schedule import (
    Constant,
    Cosine,
    Exponential,
    Factor,
    MultiFactor,
    Polynomial,
    PolynomialCycle,
    Schedule,
    Shift,
    Warmup,
)
from parity.port.write import native_combinations, native_endless
from parity.port.write.native_optax import optax
from parity.port.write.spelling import Native, unheld, warmed


def mxnet(schedule: Schedule) -> Native | None:
    """FactorScheduler and MultiFactorScheduler as they are; the others are asked for 1 first."""
    head = "from mxnet import lr_scheduler as schedulers  # with NumPy 1.24 or later, set numpy.bool = bool before\n\n"
    inner, updates = unheld(schedule)
    if isinstance(inner, Factor):
        return Native(f"{head}lr_scheduler = schedulers.FactorScheduler({inner.every * updates}, {inner.factor!r}, "
                      f"stop_factor_lr={inner.min_lr!r}, base_lr={inner.base_lr!r})\n")
    if isinstance(inner, MultiFactor):
        milestones = [one * updates for one in inner.milestones]
        return Native(f"{head}lr_scheduler = schedulers.MultiFactorScheduler({milestones}, {inner.factor!r}, "
                      f"base_lr={inner.base_lr!r})\n")
    early = isinstance(schedule, Shift) and schedule.by == 1
    warm, after = warmed(schedule.of if early else schedule)
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
    return Native(f"{head}lr_scheduler = schedulers.{name}({arguments})\n",
                  "" if early else "A Trainer asks for 1 first: every rate comes one update early.")


def torch(schedule: Schedule) -> Native | None:
    """The classes that multiply the optimizer's rate."""
    if found := native_endless.torch(schedule) or native_combinations.torch(schedule):
        return _torch(*found)
    inner, updates = unheld(schedule)
    if isinstance(inner, Constant):
        return _torch(inner.base_lr, "ConstantLR(optimizer, factor=1.0)")
    if isinstance(inner, Factor):
        return _torch(inner.base_lr, f"StepLR(optimizer, {inner.every * updates}, gamma={inner.factor!r})",
                      "StepLR has no floor." if inner.min_lr else "")
    if isinstance(inner, MultiFactor):
        milestones = [one * updates for one in inner.milestones]
        return _torch(inner.base_lr, f"MultiStepLR(optimizer, {milestones}, gamma={inner.factor!r})")
    if updates > 1:
        return None
    if isinstance(schedule, Polynomial) and schedule.base_lr and schedule.power == 1:
        share = schedule.final_lr / schedule.base_lr
        if share <= 1:
            return _torch(schedule.base_lr, f"LinearLR(optimizer, start_factor=1.0, end_factor={share!r}, "
                          f"total_iters={schedule.updates})", "It multiplies its last rate again and again.")
    if isinstance(schedule, Polynomial) and schedule.final_lr == 0:
        return _torch(schedule.base_lr, f"PolynomialLR(optimizer, total_iters={schedule.updates}, "
                      f"power={schedule.power!r})", "It multiplies its last rate again and again.")
    early = isinstance(schedule, Shift) and schedule.by == 1
    warm, after = warmed(schedule.of if early else schedule)
    if not isinstance(after, Cosine) or not after.base_lr or after.final_lr > after.base_lr:
        return None
    return _torch_cosine(warm, after, early)


def _torch_cosine(warm: Warmup | None, after: Cosine, early: bool) -> Native | None:
    """A cosine is held by what follows it, and cannot be asked for 1 first without a warm-up."""
    tail = f"ConstantLR(optimizer, factor={after.final_lr / after.base_lr!r}, total_iters=1_000_000_000)"
    cosine = f"CosineAnnealingLR(optimizer, {after.updates}, eta_min={after.final_lr!r})"
    note = "CosineAnnealingLR computes each rate from its last one."
    if warm is None:
        return None if early else _torch(
            after.base_lr, f"SequentialLR(optimizer, [{cosine}, {tail}], [{after.updates}])", note)
    if warm.mode != "linear" or (early and warm.updates < 2):
        return None
    steps = warm.updates - early
    first = warm.begin_lr + (after.base_lr - warm.begin_lr) * early / warm.updates
    share = first / after.base_lr or 1e-8
    if share > 1:
        return None
    line = f"LinearLR(optimizer, start_factor={share!r}, total_iters={steps})"
    return _torch(after.base_lr, f"SequentialLR(optimizer, [{line}, {cosine}, {tail}], "
                  f"[{steps}, {steps + after.updates}])",
                  note if first else f"LinearLR cannot start at 0; {note}")


def _torch(base_lr: float, constructor: str, note: str = "") -> Native:
    names = sorted(set(re.findall(r"(\w+LR|\w+WarmRestarts|ChainedScheduler)\(", constructor)))
    return Native(f"import torch\nfrom torch.optim.lr_scheduler import {', '.join(names)}\n\n"
                  f"optimizer = torch.optim.SGD(model.parameters(), lr={base_lr!r})\n"
                  f"scheduler = {constructor}  # scheduler.step() after every update\n", note)


def tensorflow(schedule: Schedule) -> Native | None:
    """Given Python numbers, all compute in float32."""
    inner, updates = unheld(schedule)
    note = "It computes in float32."
    if endless := native_endless.tensorflow(schedule):
        rises = isinstance(inner, Exponential) and inner.factor > 1
        return _keras(endless, f"{note} {native_endless.UNBOUNDED}" if rises else note)
    if isinstance(inner, Factor):
        return _keras(f"ExponentialDecay({inner.base_lr!r}, {inner.every * updates}, {inner.factor!r}, "
                      "staircase=True)", note if not inner.min_lr else "It has no floor, and computes in float32.")
    if isinstance(inner, MultiFactor):
        values = [inner.base_lr * inner.factor**drops for drops in range(len(inner.milestones) + 1)]
        boundaries = [one * updates - 1 for one in inner.milestones]
        return _keras(f"PiecewiseConstantDecay({boundaries}, {values})")
    if updates > 1:
        return None
    if isinstance(schedule, Polynomial):
        return _keras(f"PolynomialDecay({schedule.base_lr!r}, {schedule.updates}, {schedule.final_lr!r}, "
                      f"power={schedule.power!r})", note)
    if isinstance(schedule, PolynomialCycle):
        return _keras(f"PolynomialDecay({schedule.base_lr!r}, {schedule.updates}, {schedule.final_lr!r}, "
                      f"power={schedule.power!r}, cycle=True)",
                      f"{note} Compiled code, as in fit, jumps one update early at some ends.")
    early = isinstance(schedule, Shift) and schedule.by == 1
    warm, after = warmed(schedule.of if early else schedule)
    if not isinstance(after, Cosine) or not after.base_lr or (early and (warm is None or warm.updates < 2)):
        return None
    share = after.final_lr / after.base_lr
    if warm is None:
        return _keras(f"CosineDecay({after.base_lr!r}, {after.updates}, alpha={share!r})", note)
    if warm.mode != "linear":
        return None
    first = warm.begin_lr + (after.base_lr - warm.begin_lr) * early / warm.updates
    return _keras(f"CosineDecay({first!r}, {after.updates}, alpha={share!r}, warmup_target={after.base_lr!r}, "
                  f"warmup_steps={warm.updates - early})", note)


def _keras(constructor: str, note: str = "") -> Native:
    return Native(f"from keras.optimizers.schedules import {constructor.split('(')[0]}\n\n"
                  f"learning_rate = {constructor}  # keras.optimizers.SGD(learning_rate)\n", note)


NATIVE: dict[str, Callable[[Schedule], Native | None]] = {
    "mxnet": mxnet, "torch": torch, "tensorflow": tensorflow, "optax": optax}
