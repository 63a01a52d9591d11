"""Reads Composer's schedulers, which multiply the optimizer's rate; their times are texts such as "10ba" or "0.3dur".

ba: batches. ep: epochs, of --updates-per-epoch. dur: a share of the training, --total-updates.
Source: mosaicml 0.32, composer/optim/scheduler.py.
"""

from __future__ import annotations

import re
from typing import Any

from frameworks.schedule import Exponential, Factor, Polynomial, Schedule, Warmup
from parity.port.read.arguments import Context, above_0, number, positive
from parity.port.read.curves import flat, joined, line, restarts, warmed, wave
from parity.port.read.drops import drop_at
from parity.port.read.literal import PortError

REFUSED = {"ComposerScheduler": "it is the base class of the others and defines no rates"}


def step(c: Context, step_size: Any, gamma: Any = 0.1) -> Schedule:
    """Read drops every step_size."""
    return Factor(base_lr=_base(c), factor=above_0("gamma", gamma), every=_time(c, "step_size", step_size, 1))


def multi_step(c: Context, milestones: Any, gamma: Any = 0.1) -> Schedule:
    """Read drops at milestones."""
    return drop_at("gamma", _base(c), number("gamma", gamma, None), _times(c, milestones))


def constant(c: Context, alpha: Any = 1.0, t_max: Any = "1dur") -> Schedule:
    """Read a share of the rate until t_max, then the whole rate."""
    base, share, until = _base(c), number("alpha", alpha), _time(c, "t_max", t_max)
    return joined([until], flat(base * share), flat(base)) if until else flat(base)


def linear(c: Context, alpha_i: Any = 1.0, alpha_f: Any = 0.0, t_max: Any = "1dur") -> Schedule:
    """Read a line between two shares of the rate."""
    base = _base(c)
    return line(base * number("alpha_i", alpha_i), base * number("alpha_f", alpha_f), _time(c, "t_max", t_max, 1))


def exponential(c: Context, gamma: Any, decay_period: Any = "1ep") -> Schedule:
    """Read a factor every decay_period, smooth."""
    return Exponential(base_lr=_base(c), factor=above_0("gamma", gamma),
                       updates=_time(c, "decay_period", decay_period, 1))


def cosine(c: Context, t_max: Any = "1dur", alpha_f: Any = 0.0) -> Schedule:
    """Read a cosine down to a share of the rate."""
    base = _base(c)
    return wave(base, base * number("alpha_f", alpha_f), _time(c, "t_max", t_max, 1))


def warm_restarts(c: Context, t_0: Any, t_mult: Any = 1.0, alpha_f: Any = 0.0) -> Schedule:
    """Read cosine cycles, each t_mult times as long as the one before."""
    base, length, times = _base(c), _time(c, "t_0", t_0, 1), number("t_mult", t_mult, 1)
    if not times.is_integer():
        raise PortError(f"t_mult must be a whole number, got {t_mult!r}: the specification counts whole updates")
    return restarts(base, base * number("alpha_f", alpha_f), length, int(times))


def polynomial(c: Context, power: Any, t_max: Any = "1dur", alpha_f: Any = 0.0) -> Schedule:
    """Read a power of the remaining share down to a share of the rate."""
    base = _base(c)
    return Polynomial(base_lr=base, final_lr=base * number("alpha_f", alpha_f), power=positive("power", power),
                      updates=_time(c, "t_max", t_max, 1))


def multi_step_with_warmup(c: Context, t_warmup: Any, milestones: Any, gamma: Any = 0.1,
                           scale_warmup: Any = False) -> Schedule:
    """Read a line up, then drops at milestones, which count the warm-up too."""
    base, warm = _base(c), _time(c, "t_warmup", t_warmup)
    after = drop_at("gamma", base, number("gamma", gamma, None), _times(c, milestones))
    return Warmup(updates=warm, peak_lr=base, clock="keep", then=after) if warm else after


def constant_with_warmup(c: Context, t_warmup: Any, alpha: Any = 1.0, t_max: Any = "1dur",
                         scale_warmup: Any = False) -> Schedule:
    """Read a line up, then a constant rate."""
    base = _base(c) * number("alpha", alpha)
    return _warm(c, t_warmup, flat(base))


def linear_with_warmup(c: Context, t_warmup: Any, alpha_i: Any = 1.0, alpha_f: Any = 0.0, t_max: Any = "1dur",
                       scale_warmup: Any = False) -> Schedule:
    """Read a line up, then a line down until t_max, which includes the warm-up."""
    base = _base(c)
    return _warm(c, t_warmup, line(base * number("alpha_i", alpha_i), base * number("alpha_f", alpha_f),
                                   _left(c, t_warmup, t_max)))


def cosine_with_warmup(c: Context, t_warmup: Any, t_max: Any = "1dur", alpha_f: Any = 0.0,
                       scale_warmup: Any = False) -> Schedule:
    """Read a line up, then a cosine down until t_max, which includes the warm-up."""
    base = _base(c)
    return _warm(c, t_warmup, wave(base, base * number("alpha_f", alpha_f), _left(c, t_warmup, t_max)))


def polynomial_with_warmup(c: Context, t_warmup: Any, power: Any = 2.0, t_max: Any = "1dur", alpha_f: Any = 0.0,
                           scale_warmup: Any = False) -> Schedule:
    """Read a line up, then a power of the remaining share until t_max, which includes the warm-up."""
    base = _base(c)
    return _warm(c, t_warmup, Polynomial(base_lr=base, final_lr=base * number("alpha_f", alpha_f),
                                         power=positive("power", power), updates=_left(c, t_warmup, t_max)))


def _base(c: Context) -> float:
    if c.lr is None:
        raise PortError("the rate that the optimizer was made with is needed: --lr")
    return number("lr", c.lr)


def _time(c: Context, name: str, value: Any, least: int = 0) -> int:
    """Return a time string in updates. Raises PortError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?(?:e-?\d+)?)(ba|ep|dur)", value) if isinstance(value, str) else None
    if match is None:
        raise PortError(f'{name} must be a time in batches, epochs or the training, such as "10ba", "5ep" or "0.3dur", '
                        f"got {value!r}")
    amount = float(match[1])
    if match[2] != "dur" and not amount.is_integer():
        raise PortError(f"{name} must be a whole number of {match[2]}, got {value!r}")
    scale = {"ba": lambda: 1, "ep": c.need_epochs, "dur": c.need_total}[match[2]]()
    updates = int(amount * scale)
    if updates < least:
        raise PortError(f"{name} must be at least {least} updates, got {value!r}, which is {updates}")
    return updates


def _times(c: Context, values: Any) -> list[int]:
    if not isinstance(values, list | tuple):
        raise PortError(f'milestones must be a list of times such as "10ba", got {values!r}')
    return [_time(c, "milestones", value) for value in values]


def _left(c: Context, warm: Any, until: Any) -> int:
    left = _time(c, "t_max", until) - _time(c, "t_warmup", warm)
    if left < 1:
        raise PortError(f"t_max includes the warm-up: it must be above t_warmup, {warm}, got {until}")
    return left


def _warm(c: Context, warm: Any, then: Schedule) -> Schedule:
    return warmed("t_warmup", _time(c, "t_warmup", warm), then)


READERS = {
    "StepScheduler": step, "MultiStepScheduler": multi_step, "ConstantScheduler": constant, "LinearScheduler": linear,
    "ExponentialScheduler": exponential, "CosineAnnealingScheduler": cosine,
    "CosineAnnealingWarmRestartsScheduler": warm_restarts, "PolynomialScheduler": polynomial,
    "MultiStepWithWarmupScheduler": multi_step_with_warmup, "ConstantWithWarmupScheduler": constant_with_warmup,
    "LinearWithWarmupScheduler": linear_with_warmup, "CosineAnnealingWithWarmupScheduler": cosine_with_warmup,
    "PolynomialWithWarmupScheduler": polynomial_with_warmup}
