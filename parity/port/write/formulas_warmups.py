"""Writes the rates of a warm-up, in each of its modes, as expressions of `t`."""

from __future__ import annotations

from frameworks.schedule import Warmup
from parity.port.write.dialects import Dialect


def write_warmup_curve(s: Warmup, d: Dialect, t: str) -> str:
    """Return the rates before the warm-up ends. t: the clock, in brackets unless it is a name."""
    begin, peak = s.begin_lr, s.then.lr(0) if s.peak_lr is None else s.peak_lr
    if s.mode == "exponential":
        return f"{d.number.format(begin)} * {d.power.format(d.number.format(peak / begin), _share(s, d, t))}"
    first = f"{d.number.format(begin)} + " if begin else ""
    difference = d.number.format(peak - begin)
    if s.mode == "linear":
        return f"{first}{difference} * {d.real.format(t)} / {s.updates}"
    if s.mode == "cosine":
        return f"{first}{difference} * {d.sine.format(f'math.pi / 2 * {_share(s, d, t)}')} ** 2"
    if s.mode == "polynomial":
        return f"{first}{difference} * {d.power.format(_share(s, d, t), d.number.format(s.power))}"
    raise TypeError(f"no such curve: {s.mode!r}")


def _share(s: Warmup, d: Dialect, t: str) -> str:
    """Return the elapsed share: 1 after the end, where it is not used, so that no power overflows."""
    if not d.inverts:
        return f"({t} / {s.updates})"
    passed, whole = d.least.format(t, s.updates), d.most.format(t, s.updates)  # XLA would multiply by 1 / updates
    return f"({d.real.format(passed)} / {d.real.format(whole)})"
