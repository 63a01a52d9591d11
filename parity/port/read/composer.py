"""Reads Composer's schedulers, which multiply the optimizer's rate; their times are texts such as "10ba" or "0.3dur".

ba: batches. ep: epochs, of --updates-per-epoch. dur: a share of the training, --total-updates.
Source: mosaicml 0.32, composer/optim/scheduler.py.
"""

from __future__ import annotations

import re
from typing import Any

from frameworks.schedule import Exponential, Factor, Polynomial, Schedule, Warmup
from parity.port.read import curves
from parity.port.read.arguments import Context, check_above_0, check_number, check_positive
from parity.port.read.drops import drop_at
from parity.port.read.literal import PortError

REFUSED = {"ComposerScheduler": "it is the base class of the others and defines no rates"}


def read_step(c: Context, step_size: Any, gamma: Any = 0.1) -> Schedule:
    """Read drops every step_size."""
    return Factor(base_lr=_read_base(c), factor=check_above_0("gamma", gamma),
                  every=_read_time(c, "step_size", step_size, 1))


def read_multi_step(c: Context, milestones: Any, gamma: Any = 0.1) -> Schedule:
    """Read drops at milestones."""
    return drop_at("gamma", _read_base(c), check_number("gamma", gamma, None), _read_times(c, milestones))


def read_constant(c: Context, alpha: Any = 1.0, t_max: Any = "1dur") -> Schedule:
    """Read a share of the rate until t_max, then the whole rate."""
    base, share, until = _read_base(c), check_number("alpha", alpha), _read_time(c, "t_max", t_max)
    return curves.join([until], curves.build_constant(base * share),
                       curves.build_constant(base)) if until else curves.build_constant(base)


def read_linear(c: Context, alpha_i: Any = 1.0, alpha_f: Any = 0.0, t_max: Any = "1dur") -> Schedule:
    """Read a line between two shares of the rate."""
    base = _read_base(c)
    return curves.build_line(base * check_number("alpha_i", alpha_i), base * check_number("alpha_f", alpha_f),
                      _read_time(c, "t_max", t_max, 1))


def read_exponential(c: Context, gamma: Any, decay_period: Any = "1ep") -> Schedule:
    """Read a factor every decay_period, smooth."""
    return Exponential(base_lr=_read_base(c), factor=check_above_0("gamma", gamma),
                       updates=_read_time(c, "decay_period", decay_period, 1))


def read_cosine(c: Context, t_max: Any = "1dur", alpha_f: Any = 0.0) -> Schedule:
    """Read a cosine down to a share of the rate."""
    base = _read_base(c)
    return curves.build_half_cosine(base, base * check_number("alpha_f", alpha_f), _read_time(c, "t_max", t_max, 1))


def read_warm_restarts(c: Context, t_0: Any, t_mult: Any = 1.0, alpha_f: Any = 0.0) -> Schedule:
    """Read cosine cycles, each t_mult times as long as the one before."""
    base, length, times = _read_base(c), _read_time(c, "t_0", t_0, 1), check_number("t_mult", t_mult, 1)
    if not times.is_integer():
        raise PortError(f"t_mult must be a whole number, got {t_mult!r}: the specification counts whole updates")
    return curves.build_restarts(base, base * check_number("alpha_f", alpha_f), length, int(times))


def read_polynomial(c: Context, power: Any, t_max: Any = "1dur", alpha_f: Any = 0.0) -> Schedule:
    """Read a power of the remaining share down to a share of the rate."""
    base = _read_base(c)
    return Polynomial(base_lr=base, final_lr=base * check_number("alpha_f", alpha_f),
                      power=check_positive("power", power), updates=_read_time(c, "t_max", t_max, 1))


def read_multi_step_with_warmup(c: Context, t_warmup: Any, milestones: Any, gamma: Any = 0.1,
                                scale_warmup: Any = False) -> Schedule:
    """Read a line up, then drops at milestones, which count the warm-up too."""
    base, warm = _read_base(c), _read_time(c, "t_warmup", t_warmup)
    after = drop_at("gamma", base, check_number("gamma", gamma, None), _read_times(c, milestones))
    return Warmup(updates=warm, peak_lr=base, clock="keep", then=after) if warm else after


def read_constant_with_warmup(c: Context, t_warmup: Any, alpha: Any = 1.0, t_max: Any = "1dur",
                              scale_warmup: Any = False) -> Schedule:
    """Read a line up, then a constant rate."""
    base = _read_base(c) * check_number("alpha", alpha)
    return _warm(c, t_warmup, curves.build_constant(base))


def read_linear_with_warmup(c: Context, t_warmup: Any, alpha_i: Any = 1.0, alpha_f: Any = 0.0, t_max: Any = "1dur",
                            scale_warmup: Any = False) -> Schedule:
    """Read a line up, then a line down until t_max, which includes the warm-up."""
    base = _read_base(c)
    return _warm(c, t_warmup,
                 curves.build_line(base * check_number("alpha_i", alpha_i), base * check_number("alpha_f", alpha_f),
                                         _count_left(c, t_warmup, t_max)))


def read_cosine_with_warmup(c: Context, t_warmup: Any, t_max: Any = "1dur", alpha_f: Any = 0.0,
                            scale_warmup: Any = False) -> Schedule:
    """Read a line up, then a cosine down until t_max, which includes the warm-up."""
    base = _read_base(c)
    return _warm(c, t_warmup,
                 curves.build_half_cosine(base, base * check_number("alpha_f", alpha_f),
                                          _count_left(c, t_warmup, t_max)))


def read_polynomial_with_warmup(c: Context, t_warmup: Any, power: Any = 2.0, t_max: Any = "1dur", alpha_f: Any = 0.0,
                                scale_warmup: Any = False) -> Schedule:
    """Read a line up, then a power of the remaining share until t_max, which includes the warm-up."""
    base = _read_base(c)
    return _warm(c, t_warmup, Polynomial(base_lr=base, final_lr=base * check_number("alpha_f", alpha_f),
                                         power=check_positive("power", power), updates=_count_left(c, t_warmup, t_max)))


def _read_base(c: Context) -> float:
    if c.lr is None:
        raise PortError("the rate that the optimizer was made with is needed: --lr")
    return check_number("lr", c.lr)


def _read_time(c: Context, name: str, value: Any, least: int = 0) -> int:
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


def _read_times(c: Context, values: Any) -> list[int]:
    if not isinstance(values, list | tuple):
        raise PortError(f'milestones must be a list of times such as "10ba", got {values!r}')
    return [_read_time(c, "milestones", value) for value in values]


def _count_left(c: Context, warm: Any, until: Any) -> int:
    left = _read_time(c, "t_max", until) - _read_time(c, "t_warmup", warm)
    if left < 1:
        raise PortError(f"t_max includes the warm-up: it must be above t_warmup, {warm}, got {until}")
    return left


def _warm(c: Context, warm: Any, then: Schedule) -> Schedule:
    return curves.add_warmup("t_warmup", _read_time(c, "t_warmup", warm), then)


READERS = {
    "StepScheduler": read_step, "MultiStepScheduler": read_multi_step, "ConstantScheduler": read_constant,
    "LinearScheduler": read_linear,
    "ExponentialScheduler": read_exponential, "CosineAnnealingScheduler": read_cosine,
    "CosineAnnealingWarmRestartsScheduler": read_warm_restarts, "PolynomialScheduler": read_polynomial,
    "MultiStepWithWarmupScheduler": read_multi_step_with_warmup,
    "ConstantWithWarmupScheduler": read_constant_with_warmup,
    "LinearWithWarmupScheduler": read_linear_with_warmup, "CosineAnnealingWithWarmupScheduler": read_cosine_with_warmup,
    "PolynomialWithWarmupScheduler": read_polynomial_with_warmup}
