"""The rates of a warm-up, in each of its modes, as expressions of `t`."""

from __future__ import annotations

from frameworks.schedule import Warmup
from parity.port.write.dialects import Dialect


def warming(s: Warmup, d: Dialect, t: str) -> str:
    """The rates before the warm-up ends. t: in brackets, unless it is a name."""
    begin, peak = s.begin_lr, s.then.lr(0) if s.peak_lr is None else s.peak_lr
    if s.mode == "exponential":
        return f"{d.number.format(begin)} * {d.power.format(d.number.format(peak / begin), _share(s, d, t))}"
    first = f"{d.number.format(begin)} + " if begin else ""
    rise = d.number.format(peak - begin)
    if s.mode == "linear":
        return f"{first}{rise} * {d.real.format(t)} / {s.updates}"
    if s.mode == "cosine":
        return f"{first}{rise} * {d.sine.format(f'math.pi / 2 * {_share(s, d, t)}')} ** 2"
    if s.mode == "polynomial":
        return f"{first}{rise} * {d.power.format(_share(s, d, t), d.number.format(s.power))}"
    raise TypeError(f"no such curve: {s.mode!r}")


def _share(s: Warmup, d: Dialect, t: str) -> str:
    """What has passed of it; past its end, where nobody asks, 1, lest a power becomes infinite."""
    if not d.inverts:
        return f"({t} / {s.updates})"
    passed, whole = d.least.format(t, s.updates), d.most.format(t, s.updates)  # XLA would multiply by 1 / updates
    return f"({d.real.format(passed)} / {d.real.format(whole)})"
