"""What bends between two rates, and exponentials that rise, as expressions of `t`."""

from __future__ import annotations

import math

from frameworks.schedule import Annealing, Exponential
from parity.port.write.dialects import Dialect


def annealing(s: Annealing, d: Dialect, t: str, before: str) -> str:
    """The curve, and the rate that is held. before: the condition that `t` is before the end."""
    return d.choice.format(before, _curve(s, d, t), d.number.format(s.final_lr))


def _curve(s: Annealing, d: Dialect, t: str) -> str:
    """A curve of what has passed where it rises, of what is left where it falls."""
    y, left = _passed_and_left(s, d, t)
    if s.shape == "exponential":
        return f"{d.number.format(s.base_lr)} * {d.power.format(d.number.format(s.final_lr / s.base_lr), y)}"
    rises = s.final_lr > s.base_lr
    straight = rises and s.power == 1
    share, power = y if straight else left, s.power
    if s.shape == "cosine":
        share, power = d.sine.format(f"math.pi / 2 * {share}"), 2 * power
    share = share if power == 1 else d.power.format(share, d.number.format(power))
    if rises and not straight:
        share = f"(1 - {share})"
    low, height = min(s.base_lr, s.final_lr), abs(s.base_lr - s.final_lr)
    return f"{d.number.format(low)} + {d.number.format(height)} * {share}" if low else (
        f"{d.number.format(height)} * {share}")


def _passed_and_left(s: Annealing, d: Dialect, t: str) -> tuple[str, str]:
    passed, whole = d.real.format(t), d.number.format(s.updates)
    y = f"(({passed} + {d.number.format(s.elapsed)}) / {whole})" if s.elapsed else f"({passed} / {whole})"
    if s.elapsed_power != 1:
        y = f"({d.power.format(y, d.number.format(s.elapsed_power))})"
        return y, f"(1 - {y})"
    return y, f"(({d.number.format(s.updates - s.elapsed)} - {passed}) / {whole})"


def rising(s: Exponential, max_lr: float, d: Dialect, falling: str, share: str) -> str:
    """Up to its highest rate; no power is taken of what would pass every bound."""
    most = math.ceil(math.log(max_lr / s.base_lr) / math.log(s.factor)) + 1 if s.base_lr else 0
    capped = d.least.format(share, d.number.format(float(most)))
    return d.least.format(falling.replace(share, capped), d.number.format(max_lr))
