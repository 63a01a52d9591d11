"""Writes cycles as expressions of `t`: schedules that decrease from cycle to cycle, and cosine restarts."""

from __future__ import annotations

from frameworks.schedule import CosineRestarts, Repeat
from parity.port.write.dialects import PYTHON, Dialect

#: The last update at which a cycle may begin: a clock has 63 bits.
LAST = 2**63 - 1


def write_decrease(s: Repeat, d: Dialect, t: str, rate: str) -> str:
    """Return a rate that decreases towards a floor. t: the clock, as a factor. rate: the expression in a cycle."""
    if s.decay == 1:
        return rate
    decay = _write_decay(s, d, t if s.updates == 1 else f"({t} // {s.updates})")
    floor = f" + {d.number.format(s.min_lr)} * (1 - {decay})" if s.min_lr else ""
    return f"{decay} * ({rate}){floor}"


def cosine_restarts(s: CosineRestarts, d: Dialect, t: str) -> str:
    """Return the rate. `i` and `s` are the cycle and the updates made in it, where they need a name."""
    t = t if t.isidentifier() else f"({t})"
    if s.growth == 1:
        return _write_rate(s, d, f"({t} // {s.updates})", f"({t} % {s.updates})", str(s.updates - s.warmup))
    cycles, start = 1, s.updates
    while start <= LAST:
        cycles, start = cycles + 1, start * s.growth + s.updates
    starts = f"{s.updates} * ({s.growth}**{{0}} - 1)" + (f" // {s.growth - 1}" if s.growth > 2 else "")
    if d is PYTHON:
        start, length = starts.format("i"), f"({s.updates} * {s.growth}**i{_subtract(s.warmup)})"
    else:
        start = d.item.format("i", f"[{starts.format('k')} for k in range({cycles})]", "int64")
        lengths = f"[{float(s.updates)!r} * {float(s.growth)!r}**k{_subtract(s.warmup)} for k in range({cycles})]"
        length = d.item.format("i", lengths, "float64")
    rate = f"(lambda s: {_write_rate(s, d, 'i', 's', length)})"
    done = d.whole.format(d.passed.format(t, f"[{starts.format('k')} for k in range(1, {cycles})]"))
    return f"(lambda i: {rate}({t} - {start}))({done})"


def _write_rate(s: CosineRestarts, d: Dialect, done: str, within: str, length: str) -> str:
    decay = "" if s.decay == 1 else f"{_write_decay(s, d, done)} * "
    later = f"({within} - {s.warmup})" if s.warmup else within
    share = f"(1 + {d.cosine.format(f'math.pi * {d.real.format(later)} / {length}')}) / 2"
    if s.warmup:
        share = d.choice.format(f"{within} < {s.warmup}", f"{d.real.format(within)} / {s.warmup}", share)
    low, base = d.number.format(s.final_lr), d.number.format(s.base_lr)
    if s.sinks == "peak":
        rate = f"{low} * (1 - x) + {decay}{base} * x"  # far below final_lr, a difference would lose digits
        return f"(lambda x: {rate})({share})" if s.final_lr else f"{decay}{base} * {share}"
    final = f"{low} + " if s.final_lr else ""
    return f"{final}{d.number.format(s.base_lr - s.final_lr)} * {decay}{share}"


def _write_decay(s: Repeat | CosineRestarts, d: Dialect, done: str) -> str:
    return d.power.format(d.number.format(s.decay), done if d is PYTHON else d.real.format(done))


def _subtract(warmup: int) -> str:
    return f" - {warmup}" if warmup else ""
