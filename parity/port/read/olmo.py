"""Reads OLMo-core's schedulers, which multiply the optimizer's rate; the training has --total-updates, T.

The trainer counts an update before it sets the rate: the first update sees 1, and the last one T.
Source: ai2-olmo-core 3.0, optim/scheduler.py and train/trainer.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from frameworks.schedule import Exponential, InverseSquareRoot, PowerLaw, Schedule, Shift, Sum, Warmup
from parity.port.read.arguments import Context, bind_arguments, check_number, check_positive, check_whole, name_errors
from parity.port.read.curves import build_constant, build_half_cosine, build_line, join
from parity.port.read.literal import Call, Name, PortError

REFUSED = {"WSDS": "its periods are not supported", "ComposableScheduler": "its stages are not supported",
           "Scheduler": "it is the base class of the others and defines no rates"}
_WARMUP = ("warmup", "warmup_steps", "warmup_fraction", "warmup_min_lr")
_DECAY = ("decay", "decay_steps", "decay_fraction", "decay_min_lr")


def read_constant(c: Context, **phases: Any) -> Schedule:
    """Read a constant rate."""
    return build_constant(_read_base(c, phases))


def read_constant_with_warmup(c: Context, **phases: Any) -> Schedule:
    """Read a line up, then a constant rate."""
    base = _read_base(c, phases, *_WARMUP)
    return _warm(phases, _count(c, phases, "warmup"), base, build_constant(base))


def read_wsd(c: Context, **phases: Any) -> Schedule:
    """Read a line up, a constant rate, and a line down over the last updates."""
    base, warm = _read_base(c, phases, *_WARMUP, *_DECAY), _count(c, phases, "warmup")
    start = max(warm, c.need_total() - _count_decay(c, phases))
    return _decay(c, phases, _warm(phases, warm, base, build_constant(base)), start)


def read_power(c: Context, b: Any = -0.51, **phases: Any) -> Schedule:
    """Read a line up, a power of the number of updates, and a line down over the last ones."""
    base, warm = _read_base(c, phases, *_WARMUP, *_DECAY), _count(c, phases, "warmup")
    start = c.need_total() - _count_decay(c, phases)
    if not 0 < warm < start:
        raise PortError(f"warmup must be above 0 and below the first update of the decay, {start}, got {warm}")
    exponent = check_positive("-b", -check_number("b", b, None))
    return _decay(c, phases, _warm(phases, warm, base, PowerLaw(base_lr=base, timescale=warm, power=exponent)), start)


def read_linear(c: Context, alpha_f: Any = 0.1, t_max: Any = None, **phases: Any) -> Schedule:
    """Read a line up, then a line down to a share of the rate at T."""
    return _anneal(c, alpha_f, t_max, phases, build_line)


def read_cosine(c: Context, alpha_f: Any = 0.1, t_max: Any = None, **phases: Any) -> Schedule:
    """Read a line up, then a cosine down to a share of the rate at T."""
    return _anneal(c, alpha_f, t_max, phases, build_half_cosine)


def read_half_cosine(c: Context, alpha_f: Any = 0.1, t_max: Any = None, **phases: Any) -> Schedule:
    """Read a line up to the middle of the two rates, then the second half of a cosine."""
    return _anneal(c, alpha_f, t_max, phases, lambda high, low, left: Shift(
        by=left, of=build_half_cosine(high, low, 2 * left)))


def read_cosine_with_decay(c: Context, alpha_f: Any = 0.1, t_max: Any = None, **phases: Any) -> Schedule:
    """Read the cosine, and a line down from it to decay_min_lr over the last updates."""
    start = c.need_total() - _count_decay(c, phases)
    if start < 0:
        raise PortError(f"decay must be at most the {c.need_total()} updates of the training")
    return _decay(c, phases, _anneal(c, alpha_f, t_max, phases, build_half_cosine, _DECAY), start)


def read_inverse_sqrt(c: Context, alpha_f: Any = 0.1, **phases: Any) -> Schedule:
    """Read a line up, then one over the square root, down to a share of the rate."""
    base, warm = _read_base(c, phases, *_WARMUP), _count(c, phases, "warmup")
    low = base * check_number("alpha_f", alpha_f, 0, 1)
    floor = build_constant(low)
    root = Sum(of=[floor, InverseSquareRoot(base_lr=base - low, timescale=warm)]) if warm else floor
    return _warm(phases, warm, base, root)


def read_exponential(c: Context, lr_min: Any = 1e-9, **phases: Any) -> Schedule:
    """Read an exponential up from lr_min to the rate at T."""
    base, low = _read_base(c, phases), check_positive("lr_min", lr_min)
    if low > base:
        raise PortError(f"lr_min must be at most the rate, {base:g}, got {low:g}")
    return Exponential(base_lr=low, factor=base / low, updates=c.need_total(), max_lr=base)


def read_sequential(c: Context, schedulers: Any, schedulers_max: Any = None, schedulers_max_steps: Any = None,
                    **phases: Any) -> Schedule:
    """Read schedulers one after another; each begins with the last rate of the one before."""
    rate = _read_base(c, phases)
    if not isinstance(schedulers, list | tuple) or not all(isinstance(item, Call) for item in schedulers):
        raise PortError("schedulers must be a list of their constructors, written out")
    given = schedulers_max_steps if schedulers_max is None else schedulers_max
    if not isinstance(given, list | tuple) or len(given) not in (len(schedulers), len(schedulers) - 1):
        raise PortError(f"schedulers_max must have one number for each scheduler but the last, got {given!r}")
    lengths = [check_whole("schedulers_max", length, 1) for length in given[:len(schedulers) - 1]]
    last = c.need_total() - sum(lengths)
    if last < 1:
        raise PortError(f"schedulers_max must be below the {c.need_total()} updates of the training, got {lengths}")
    pieces: list[Schedule] = []
    for call, length in zip(schedulers, [*lengths, last]):
        if call.name not in READERS:
            raise PortError(f"{call.name} is not a supported scheduler of OLMo-core")
        reader = READERS[call.name]
        with name_errors(call.name):
            piece = reader(replace(c, lr=rate, total=length), **bind_arguments(call, reader))
        rate = piece.lr(length)
        pieces.append(Shift(by=1, of=piece) if pieces else piece)
    return join([lengths[0] + 1, *lengths[1:]], *pieces) if lengths else pieces[0]


def finish(c: Context, name: str, given: dict[str, Any], schedule: Schedule) -> Schedule:
    """Return the rates by the updates already made, of a schedule by the trainer's count."""
    c.traps.append("OLMo-core counts an update before it sets the rate: the first update sees 1, not 0, so that every "
                   "rate comes one update early, and the last update sees the end of the decay.")
    if c.total:
        c.traps.append(f"The training ends after {c.total:,} updates.")
        c.followed.append(c.total)
    return Shift(by=1, of=schedule)


def _read_base(c: Context, phases: dict[str, Any], *names: str) -> float:
    """Return the optimizer's rate. Raises PortError for a field that the class does not have, or without the rate."""
    units = phases.get("units", "steps")
    if (units.name.rpartition(".")[2] if isinstance(units, Name) else units) != "steps":
        raise PortError(f"units must be 'steps', got {units!r}: write the lengths in updates")
    if phases.get("override_decay") is not None:
        raise PortError("override_decay must be None: it is not supported")
    for name in phases:
        if name not in (*names, "units", "override_decay"):
            raise PortError(f"it has no argument {name}: OLMo-core raises TypeError")
    if c.lr is None:
        raise PortError("the rate that the optimizer was made with is needed: --lr")
    return check_positive("lr", c.lr)


def _count(c: Context, phases: dict[str, Any], name: str, total: int | None = None) -> int:
    """Return a length in updates: given, or a fraction of T, rounded to the nearest number."""
    count = phases.get(name, phases.get(f"{name}_steps"))
    share = phases.get(f"{name}_fraction", 0.1 if name == "decay" and count is None else None)
    if (count is None) == (share is None):
        raise PortError(f"either {name} or {name}_fraction must be given" + (
            ", with decay_fraction=None beside decay" if name == "decay" else ", and not both"))
    if count is not None:
        return check_whole(name, count)
    return round((c.need_total() if total is None else total) * check_number(f"{name}_fraction", share, 0, 1))


def _count_decay(c: Context, phases: dict[str, Any]) -> int:
    if "decay_fraction" not in phases:
        c.note_default("decay_fraction", 0.1)
    decay = _count(c, {"decay_fraction": 0.1, **phases}, "decay")  # the class refuses its default beside a decay
    if not decay:
        raise PortError("decay must be above 0: OLMo-core raises ZeroDivisionError at the last update")
    return decay


def _warm(phases: dict[str, Any], warm: int, peak: float, then: Schedule) -> Schedule:
    low = check_number("warmup_min_lr", phases.get("warmup_min_lr", 0.0))
    if warm and low >= peak:
        raise PortError(f"warmup_min_lr must be below the rate, {peak:g}, got {low:g}")
    return Warmup(updates=warm, begin_lr=low, peak_lr=peak, then=then) if warm else then


def _anneal(c: Context, alpha_f: Any, t_max: Any, phases: dict[str, Any],
            curve: Callable[[float, float, int], Schedule], more: tuple[str, ...] = ()) -> Schedule:
    """Return a line up to the first rate of a curve, which ends at a share of the rate at T."""
    base = _read_base(c, phases, *_WARMUP, *more)
    total = c.need_total() if t_max is None else check_whole("t_max", t_max, 1)
    low, warm = base * check_number("alpha_f", alpha_f), _count(c, phases, "warmup", total)
    after = curve(base, low, max(total - warm, 1))
    return _warm(phases, warm, after.lr(0), after if warm < total else build_constant(low))


def _decay(c: Context, phases: dict[str, Any], schedule: Schedule, begin: int) -> Schedule:
    """Return a schedule with a line down to decay_min_lr over the last updates, which may begin later."""
    decay, low = _count_decay(c, phases), check_number("decay_min_lr", phases.get("decay_min_lr", 0.0))
    start = c.need_total() - decay
    rate = schedule.lr(begin)
    if low >= rate:
        raise PortError(f"decay_min_lr must be below the rate before it, {rate:g}, got {low:g}")
    begin += begin > start  # the warm-up has its last update, too
    fall: Schedule = build_line(rate, low, decay)
    fall = Shift(by=begin - start, of=fall) if begin > start else fall
    return join([begin], schedule, fall) if begin else fall


READERS: dict[str, Callable[..., Schedule]] = {
    "ConstantScheduler": read_constant, "ConstantWithWarmup": read_constant_with_warmup, "WSD": read_wsd,
    "PowerLR": read_power, "LinearWithWarmup": read_linear, "CosWithWarmup": read_cosine,
    "HalfCosWithWarmup": read_half_cosine, "CosWithWarmupAndLinearDecay": read_cosine_with_decay,
    "InvSqrtWithWarmup": read_inverse_sqrt, "ExponentialScheduler": read_exponential,
    "SequentialScheduler": read_sequential}
