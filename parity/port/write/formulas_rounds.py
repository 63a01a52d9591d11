"""The formulas of rounds as expressions: what sinks from round to round, and half a cosine wave again and again."""

from __future__ import annotations

from frameworks.schedule import CosineRestarts, Repeat
from parity.port.write.dialects import PYTHON, Dialect

#: A clock has 63 bits: later than this no round begins.
LAST = 2**63 - 1


def sinking(s: Repeat, d: Dialect, t: str, rate: str) -> str:
    """Return a rate that sinks towards a floor. t: as a factor of a product."""
    if s.decay == 1:
        return rate
    sunk = _sunk(s, d, t if s.updates == 1 else f"({t} // {s.updates})")
    floor = f" + {d.number.format(s.min_lr)} * (1 - {sunk})" if s.min_lr else ""
    return f"{sunk} * ({rate}){floor}"


def cosine_restarts(s: CosineRestarts, d: Dialect, t: str) -> str:
    """Return the rate: with `i` and `s`, the round and the updates made in it, where they need a name."""
    t = t if t.isidentifier() else f"({t})"
    if s.growth == 1:
        return _rate(s, d, f"({t} // {s.updates})", f"({t} % {s.updates})", str(s.updates - s.warmup))
    rounds, start = 1, s.updates
    while start <= LAST:
        rounds, start = rounds + 1, start * s.growth + s.updates
    starts = f"{s.updates} * ({s.growth}**{{0}} - 1)" + (f" // {s.growth - 1}" if s.growth > 2 else "")
    if d is PYTHON:
        start, wave = starts.format("i"), f"({s.updates} * {s.growth}**i{_less(s.warmup)})"
    else:
        start = d.item.format("i", f"[{starts.format('k')} for k in range({rounds})]", "int64")
        waves = f"[{float(s.updates)!r} * {float(s.growth)!r}**k{_less(s.warmup)} for k in range({rounds})]"
        wave = d.item.format("i", waves, "float64")
    rate = f"(lambda s: {_rate(s, d, 'i', 's', wave)})"
    done = d.whole.format(d.passed.format(t, f"[{starts.format('k')} for k in range(1, {rounds})]"))
    return f"(lambda i: {rate}({t} - {start}))({done})"


def _rate(s: CosineRestarts, d: Dialect, done: str, within: str, wave: str) -> str:
    sunk = "" if s.decay == 1 else f"{_sunk(s, d, done)} * "
    later = f"({within} - {s.warmup})" if s.warmup else within
    share = f"(1 + {d.cosine.format(f'math.pi * {d.real.format(later)} / {wave}')}) / 2"
    if s.warmup:
        share = d.choice.format(f"{within} < {s.warmup}", f"{d.real.format(within)} / {s.warmup}", share)
    low, base = d.number.format(s.final_lr), d.number.format(s.base_lr)
    if s.sinks == "peak":
        return f"{low} + ({sunk}{base} - {low}) * {share}"
    final = f"{low} + " if s.final_lr else ""
    return f"{final}{d.number.format(s.base_lr - s.final_lr)} * {sunk}{share}"


def _sunk(s: Repeat | CosineRestarts, d: Dialect, done: str) -> str:
    return d.power.format(d.number.format(s.decay), done if d is PYTHON else d.real.format(done))


def _less(warmup: int) -> str:
    return f" - {warmup}" if warmup else ""
