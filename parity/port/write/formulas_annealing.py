"""Writes annealings and increasing exponentials as expressions of `t`."""

from __future__ import annotations

import math

from frameworks.schedule import Annealing, Exponential
from parity.port.write.dialects import Dialect


def annealing(s: Annealing, d: Dialect, t: str, before: str) -> str:
    """Return the curve and the rate held after it. before: the condition that `t` is before the end."""
    return d.choice.format(before, _write_curve(s, d, t), d.number.format(s.final_lr))


def _write_curve(s: Annealing, d: Dialect, t: str) -> str:
    """Return an increasing curve of the elapsed share, or a decreasing curve of the remaining share."""
    y, left = _write_shares(s, d, t)
    if s.shape == "exponential":
        return f"{d.number.format(s.base_lr)} * {d.power.format(d.number.format(s.final_lr / s.base_lr), y)}"
    increases = s.final_lr > s.base_lr
    straight = increases and s.power == 1
    share, power = y if straight else left, s.power
    if s.shape == "cosine":
        share, power = d.sine.format(f"math.pi / 2 * {share}"), 2 * power
    share = share if power == 1 else d.power.format(share, d.number.format(power))
    if increases and not straight:
        share = f"(1 - {share})"
    low, height = min(s.base_lr, s.final_lr), abs(s.base_lr - s.final_lr)
    return f"{d.number.format(low)} + {d.number.format(height)} * {share}" if low else (
        f"{d.number.format(height)} * {share}")


def _write_shares(s: Annealing, d: Dialect, t: str) -> tuple[str, str]:
    passed, whole = d.real.format(t), d.number.format(s.updates)
    y = f"(({passed} + {d.number.format(s.elapsed)}) / {whole})" if s.elapsed else f"({passed} / {whole})"
    if s.elapsed_power != 1:
        y = f"({d.power.format(y, d.number.format(s.elapsed_power))})"
        return y, f"(1 - {y})"
    return y, f"(({d.number.format(s.updates - s.elapsed)} - {passed}) / {whole})"


def write_increase(s: Exponential, max_lr: float, d: Dialect, falling: str, share: str) -> str:
    """Return an increasing exponential up to its highest rate. Limits the exponent, so that no power overflows."""
    most = math.ceil(math.log(max_lr / s.base_lr) / math.log(s.factor)) + 1 if s.base_lr else 0
    capped = d.least.format(share, d.number.format(float(most)))
    return d.least.format(falling.replace(share, capped), d.number.format(max_lr))
