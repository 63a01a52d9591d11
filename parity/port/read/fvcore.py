"""Reads fvcore's schedulers: functions of the completed share of a training of --total-updates.

Source: fvcore 0.1, common/param_scheduler.py.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from dataclasses import replace
from typing import Any

from frameworks.schedule import Exponential, Polynomial, Schedule, Shift
from parity.port.read.arguments import (
    Context,
    bind_arguments,
    check_above_0,
    check_number,
    check_one_of,
    check_positive,
    check_whole,
    check_whole_list,
)
from parity.port.read.curves import build_constant, build_half_cosine, build_line, join
from parity.port.read.drops import MAX_DROPS
from parity.port.read.literal import Call, PortError

REFUSED = {"ParamScheduler": "it is the base class of the others and defines no rates"}
#: What fvcore adds to the share before it rounds down.
_EPSILON = 1e-6


def read_constant(c: Context, value: Any) -> Schedule:
    """Read a constant rate."""
    return build_constant(check_number("value", value))


def read_cosine(c: Context, start_value: Any, end_value: Any) -> Schedule:
    """Read a cosine over the training."""
    return build_half_cosine(check_number("start_value", start_value), check_number("end_value", end_value),
                             c.need_total())


def read_exponential(c: Context, start_value: Any, decay: Any) -> Schedule:
    """Read a factor over the training, smooth."""
    return Exponential(base_lr=check_number("start_value", start_value), factor=check_above_0("decay", decay),
                       updates=c.need_total())


def read_linear(c: Context, start_value: Any, end_value: Any) -> Schedule:
    """Read a line over the training."""
    return build_line(check_number("start_value", start_value), check_number("end_value", end_value), c.need_total())


def read_polynomial(c: Context, base_value: Any, power: Any) -> Schedule:
    """Read a power of the remaining share of the training."""
    return Polynomial(base_lr=check_number("base_value", base_value), power=check_positive("power", power),
                      updates=c.need_total())


def read_composite(c: Context, schedulers: Any, lengths: Any, interval_scaling: Any = None) -> Schedule:
    """Read schedulers one after another, each over a share of the training."""
    if not isinstance(schedulers, list | tuple) or not all(isinstance(item, Call) for item in schedulers):
        raise PortError("schedulers must be a list of their constructors, written out")
    if not isinstance(lengths, list | tuple) or len(lengths) != len(schedulers):
        raise PortError(f"lengths must be a share for each scheduler, got {lengths!r}")
    if not isinstance(interval_scaling, list | tuple) or len(interval_scaling) != len(schedulers):
        raise PortError(f"interval_scaling must be 'rescaled' or 'fixed' for each scheduler, got {interval_scaling!r}")
    total = c.need_total()
    ends = [round(share * total, 6)
            for share in itertools.accumulate(check_number("lengths", share) for share in lengths)]
    if any(not end.is_integer() for end in ends) or ends[-1] != total:
        raise PortError(f"lengths must be whole numbers of updates that add up to {total}, got ends at {ends}")
    parts, counts = [], [int(end - start) for start, end in itertools.pairwise([0.0, *ends])]
    for call, count, end, scaling in zip(schedulers, counts, ends, interval_scaling):
        if call.name not in READERS:
            raise PortError(f"{call.name} is not a supported scheduler of fvcore")
        rescaled = check_one_of("interval_scaling", scaling, ("rescaled", "fixed")) == "rescaled"
        part = READERS[call.name](replace(c, total=count if rescaled else total),
                                  **bind_arguments(call, READERS[call.name]))
        start = int(end) - count
        parts.append(Shift(by=start, of=part) if start and not rescaled else part)
    return join(counts[:-1], *parts) if len(parts) > 1 else parts[0]


def read_multi_step(c: Context, values: Any, num_updates: Any = None, milestones: Any = None) -> Schedule:
    """Read constant values that change at milestones, which are scaled to the training."""
    rates = _read_rates(values)
    if num_updates is None and milestones is None:
        raise PortError("num_updates and milestones must be given")
    last = check_whole_list("milestones", milestones)[-1] if num_updates is None else num_updates
    count = check_whole("num_updates", last, 1)
    steps = check_whole_list("milestones", milestones) if milestones is not None else [
        math.ceil(count / len(rates)) * (index + 1) for index in range(len(rates) - 1)]
    if len(steps) != len(rates) - 1:
        raise PortError(f"milestones must be one fewer than values, got {len(steps)} and {len(rates)}")
    return _change(c, rates, lambda share: bisect_right(steps, int((share + _EPSILON) * count)))


def read_step(c: Context, num_updates: Any, values: Any) -> Schedule:
    """Read values that change at equal shares of the training."""
    rates = _read_rates(values)
    check_whole("num_updates", num_updates, 1)
    return _change(c, rates, lambda share: int((share + _EPSILON) * len(rates)))


def read_step_with_fixed_gamma(c: Context, base_value: Any, num_decays: Any, gamma: Any, num_updates: Any) -> Schedule:
    """Read num_decays drops at equal shares of the training."""
    base, factor = check_number("base_value", base_value), check_number("gamma", gamma)
    count = check_whole("num_decays", num_decays, 1)
    if count > MAX_DROPS:
        raise PortError(f"num_decays must be at most {MAX_DROPS:,}, got {count:,}")
    return read_step(c, num_updates, [base * factor**number for number in range(count + 1)])


def _read_rates(values: Any) -> list[float]:
    if not isinstance(values, list | tuple) or not values:
        raise PortError(f"values must be a list of rates, got {values!r}")
    return [check_number("values", value) for value in values]


def _change(c: Context, rates: list[float], index: Any) -> Schedule:
    """Return the rates, each from the first update at which `index` of the completed share returns its place."""
    total = c.need_total()
    if total > 10**6:
        raise PortError(f"--total-updates must be at most 1,000,000 here, got {total}")
    places = [min(index(t / total), len(rates) - 1) for t in range(total)]
    starts = [t for t in range(total) if t == 0 or places[t] != places[t - 1]]
    parts = [build_constant(rates[places[start]]) for start in starts]
    lengths = [later - start for start, later in itertools.pairwise(starts)]
    return join(lengths, *parts) if lengths else parts[0]


READERS = {
    "ConstantParamScheduler": read_constant, "CosineParamScheduler": read_cosine,
    "ExponentialParamScheduler": read_exponential,
    "LinearParamScheduler": read_linear, "PolynomialDecayParamScheduler": read_polynomial,
    "CompositeParamScheduler": read_composite,
    "MultiStepParamScheduler": read_multi_step, "StepParamScheduler": read_step,
    "StepWithFixedGammaParamScheduler": read_step_with_fixed_gamma}
