"""Lines that are stretched at their ends, as expressions of `t`."""

from __future__ import annotations

from frameworks.schedule import PolynomialCycle
from parity.port.write.dialects import Dialect


def polynomial_cycle(s: PolynomialCycle, d: Dialect, t: str) -> str:
    """What is left of the line, over its length: whole numbers, so that it is 0 at each end."""
    end = d.most.format(f"{s.updates} * (({t} + {s.updates - 1}) // {s.updates})", s.updates)
    left = f"({d.real.format(f'({end} - {t})')} / {d.real.format(end)})"
    share = left if s.power == 1 else d.power.format(left, d.number.format(s.power))
    final = f"{d.number.format(s.final_lr)} + " if s.final_lr else ""
    return f"{final}{d.number.format(s.base_lr - s.final_lr)} * {share}"
