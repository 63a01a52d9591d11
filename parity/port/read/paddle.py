"""Reads PaddlePaddle's schedulers, stepped after every update. They contain their first rate.

Source: paddlepaddle 3, python/paddle/optimizer/lr.py.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

from frameworks.schedule import (
    Factor,
    InverseSquareRoot,
    InverseTime,
    Polynomial,
    PolynomialCycle,
    Schedule,
    Warmup,
)
from parity.port.read import curves, torch_cycles
from parity.port.read.arguments import (
    Context,
    check_above_0,
    check_number,
    check_positive,
    check_whole,
    check_whole_list,
)
from parity.port.read.drops import drop_at
from parity.port.read.literal import Call, Name, PortError

_FUNCTION = "its rates are whatever its function returns"
REFUSED = {"LambdaDecay": _FUNCTION, "MultiplicativeDecay": _FUNCTION,
           "ReduceOnPlateau": "its rates depend on the training's metric, not on the update alone"}
_MODEL = Name("optimizer")


def read_noam(c: Context, d_model: Any, warmup_steps: Any, learning_rate: Any = 1.0) -> Schedule:
    """Read a line up and an inverse square root; the first update applies 0."""
    warm = check_whole("warmup_steps", warmup_steps, 1)
    peak = check_number("learning_rate", learning_rate) / math.sqrt(check_positive("d_model", d_model) * warm)
    c.traps.append("NoamDecay counts from 0: the first update applies 0. The paper counts from 1.")
    return Warmup(updates=warm, then=InverseSquareRoot(base_lr=peak, timescale=warm))


def read_piecewise(c: Context, boundaries: Any, values: Any) -> Schedule:
    """Read constant values; the new value applies at its boundary."""
    ends = check_whole_list("boundaries", boundaries)
    if not isinstance(values, list | tuple) or len(values) != len(ends) + 1:
        raise PortError(f"values must be one more than boundaries, got {values!r} and {ends}")
    lengths = [later - end for end, later in itertools.pairwise([0, *ends])]
    return curves.join(lengths, *(curves.build_constant(check_number("values", value)) for value in values))


def read_natural_exp(c: Context, learning_rate: Any, gamma: Any) -> Schedule:
    """Read exp(-gamma * t)."""
    return Factor(base_lr=check_number("learning_rate", learning_rate), factor=math.exp(-check_number("gamma", gamma)))


def read_inverse_time(c: Context, learning_rate: Any, gamma: Any) -> Schedule:
    """Read a division by 1 + gamma * t."""
    base, rate = check_number("learning_rate", learning_rate), check_number("gamma", gamma)
    return InverseTime(base_lr=base, timescale=1 / rate) if rate else curves.build_constant(base)


def read_polynomial(c: Context, learning_rate: Any, decay_steps: Any, end_lr: Any = 0.0001, power: Any = 1.0,
                    cycle: Any = False) -> Schedule:
    """Read a decay to end_lr (default: 0.0001, not 0) by update decay_steps."""
    return (PolynomialCycle if cycle else Polynomial)(
        base_lr=check_number("learning_rate", learning_rate), final_lr=check_number("end_lr", end_lr),
        power=check_positive("power", power), updates=check_whole("decay_steps", decay_steps, 1))


def read_warmup(c: Context, learning_rate: Any, warmup_steps: Any, start_lr: Any, end_lr: Any) -> Schedule:
    """Read a line from start_lr to end_lr, then a rate or another scheduler."""
    updates = check_whole("warmup_steps", warmup_steps)
    after = c.inner(learning_rate) if isinstance(learning_rate,
                                                 Call) else curves.build_constant(check_number("learning_rate",
                                                                                               learning_rate))
    begin, end = check_number("start_lr", start_lr), check_number("end_lr", end_lr)
    return Warmup(updates=updates, begin_lr=begin, peak_lr=end, then=after) if updates else after


def read_exponential(c: Context, learning_rate: Any, gamma: Any) -> Schedule:
    """Read a factor at every update."""
    return Factor(base_lr=check_number("learning_rate", learning_rate), factor=check_above_0("gamma", gamma))


def read_multi_step(c: Context, learning_rate: Any, milestones: Any, gamma: Any = 0.1) -> Schedule:
    """Read drops at milestones."""
    return drop_at("gamma", check_number("learning_rate", learning_rate), check_number("gamma", gamma, None),
                   check_whole_list("milestones", milestones))


def read_step(c: Context, learning_rate: Any, step_size: Any, gamma: Any = 0.1) -> Schedule:
    """Read drops at step_size, 2 step_size, ..."""
    return Factor(base_lr=check_number("learning_rate", learning_rate), factor=check_above_0("gamma", gamma),
                  every=check_whole("step_size", step_size, 1))


def read_cosine(c: Context, learning_rate: Any, T_max: Any, eta_min: Any = 0) -> Schedule:
    """Read half a cosine down, half a cosine up, and so on."""
    c.traps.append("CosineAnnealingDecay increases again after T_max.")
    return curves.build_swing(check_number("learning_rate", learning_rate), check_number("eta_min", eta_min),
                       check_whole("T_max", T_max, 1), 0.5)


def read_warm_restarts(c: Context, learning_rate: Any, T_0: Any, T_mult: Any = 1, eta_min: Any = 0) -> Schedule:
    """Read cosine cycles, each T_mult times as long as the one before."""
    base, low = check_number("learning_rate", learning_rate), check_number("eta_min", eta_min)
    length, times = check_whole("T_0", T_0, 1), check_whole("T_mult", T_mult, 1)
    return curves.build_restarts(base, low, length, times)


def read_one_cycle(c: Context, max_learning_rate: Any, total_steps: Any, divide_factor: Any = 25.0,
                   end_learning_rate: Any = 0.0001, phase_pct: Any = 0.3, anneal_strategy: Any = "cos",
                   three_phase: Any = False) -> Schedule:
    """Read a rate up and down, as torch's OneCycleLR."""
    first = check_number("max_learning_rate", max_learning_rate) / check_positive("divide_factor", divide_factor)
    return torch_cycles.read_one_cycle_lr(
        c, _MODEL, max_learning_rate, total_steps, pct_start=phase_pct, anneal_strategy=anneal_strategy,
        cycle_momentum=False, div_factor=divide_factor, three_phase=three_phase,
        final_div_factor=first / check_positive("end_learning_rate", end_learning_rate))


def read_cyclic(c: Context, base_learning_rate: Any, max_learning_rate: Any, step_size_up: Any,
                step_size_down: Any = None, mode: Any = "triangular", exp_gamma: Any = 1.0, scale_fn: Any = None,
                scale_mode: Any = "cycle") -> Schedule:
    """Read lines up and down between two rates, as torch's CyclicLR."""
    return torch_cycles.read_cyclic_lr(c, _MODEL, base_learning_rate, max_learning_rate, step_size_up, step_size_down,
                                       mode, exp_gamma, scale_fn, scale_mode, cycle_momentum=False)


def read_linear(c: Context, learning_rate: Any, total_steps: Any, start_factor: Any = 1.0 / 3,
                end_factor: Any = 1.0) -> Schedule:
    """Read a line between two shares of the rate."""
    base = check_number("learning_rate", learning_rate)
    return curves.build_line(base * check_number("start_factor", start_factor, 0, 1),
                      base * check_number("end_factor", end_factor, 0, 1), check_whole("total_steps", total_steps, 1))


READERS = {
    "NoamDecay": read_noam, "PiecewiseDecay": read_piecewise, "NaturalExpDecay": read_natural_exp,
    "InverseTimeDecay": read_inverse_time,
    "PolynomialDecay": read_polynomial, "LinearWarmup": read_warmup, "ExponentialDecay": read_exponential,
    "MultiStepDecay": read_multi_step, "StepDecay": read_step, "CosineAnnealingDecay": read_cosine,
    "CosineAnnealingWarmRestarts": read_warm_restarts, "OneCycleLR": read_one_cycle, "CyclicLR": read_cyclic,
    "LinearLR": read_linear}
