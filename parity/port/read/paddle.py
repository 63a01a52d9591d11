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
from parity.port.read import torch_cycles
from parity.port.read.arguments import Context, above_0, number, positive, whole, whole_list
from parity.port.read.curves import flat, joined, line, restarts, swing
from parity.port.read.drops import drop_at
from parity.port.read.literal import Call, Name, PortError

_FUNCTION = "its rates are whatever its function returns"
REFUSED = {"LambdaDecay": _FUNCTION, "MultiplicativeDecay": _FUNCTION,
           "ReduceOnPlateau": "its rates depend on the training's metric, not on the update alone"}
_MODEL = Name("optimizer")


def noam(c: Context, d_model: Any, warmup_steps: Any, learning_rate: Any = 1.0) -> Schedule:
    """Read a line up and an inverse square root; the first update applies 0."""
    warm = whole("warmup_steps", warmup_steps, 1)
    peak = number("learning_rate", learning_rate) / math.sqrt(positive("d_model", d_model) * warm)
    c.traps.append("NoamDecay counts from 0: the first update applies 0. The paper counts from 1.")
    return Warmup(updates=warm, then=InverseSquareRoot(base_lr=peak, timescale=warm))


def piecewise(c: Context, boundaries: Any, values: Any) -> Schedule:
    """Read constant values; the new value applies at its boundary."""
    ends = whole_list("boundaries", boundaries)
    if not isinstance(values, list | tuple) or len(values) != len(ends) + 1:
        raise PortError(f"values must be one more than boundaries, got {values!r} and {ends}")
    lengths = [later - end for end, later in itertools.pairwise([0, *ends])]
    return joined(lengths, *(flat(number("values", value)) for value in values))


def natural_exp(c: Context, learning_rate: Any, gamma: Any) -> Schedule:
    """Read exp(-gamma * t)."""
    return Factor(base_lr=number("learning_rate", learning_rate), factor=math.exp(-number("gamma", gamma)))


def inverse_time(c: Context, learning_rate: Any, gamma: Any) -> Schedule:
    """Read a division by 1 + gamma * t."""
    base, rate = number("learning_rate", learning_rate), number("gamma", gamma)
    return InverseTime(base_lr=base, timescale=1 / rate) if rate else flat(base)


def polynomial(c: Context, learning_rate: Any, decay_steps: Any, end_lr: Any = 0.0001, power: Any = 1.0,
               cycle: Any = False) -> Schedule:
    """Read a decay to end_lr (default: 0.0001, not 0) by update decay_steps."""
    return (PolynomialCycle if cycle else Polynomial)(
        base_lr=number("learning_rate", learning_rate), final_lr=number("end_lr", end_lr),
        power=positive("power", power), updates=whole("decay_steps", decay_steps, 1))


def warmup(c: Context, learning_rate: Any, warmup_steps: Any, start_lr: Any, end_lr: Any) -> Schedule:
    """Read a line from start_lr to end_lr, then a rate or another scheduler."""
    updates = whole("warmup_steps", warmup_steps)
    after = c.inner(learning_rate) if isinstance(learning_rate, Call) else flat(number("learning_rate", learning_rate))
    begin, end = number("start_lr", start_lr), number("end_lr", end_lr)
    return Warmup(updates=updates, begin_lr=begin, peak_lr=end, then=after) if updates else after


def exponential(c: Context, learning_rate: Any, gamma: Any) -> Schedule:
    """Read a factor at every update."""
    return Factor(base_lr=number("learning_rate", learning_rate), factor=above_0("gamma", gamma))


def multi_step(c: Context, learning_rate: Any, milestones: Any, gamma: Any = 0.1) -> Schedule:
    """Read drops at milestones."""
    return drop_at("gamma", number("learning_rate", learning_rate), number("gamma", gamma, None),
                   whole_list("milestones", milestones))


def step(c: Context, learning_rate: Any, step_size: Any, gamma: Any = 0.1) -> Schedule:
    """Read drops at step_size, 2 step_size, ..."""
    return Factor(base_lr=number("learning_rate", learning_rate), factor=above_0("gamma", gamma),
                  every=whole("step_size", step_size, 1))


def cosine(c: Context, learning_rate: Any, T_max: Any, eta_min: Any = 0) -> Schedule:
    """Read half a cosine down, half a cosine up, and so on."""
    c.traps.append("CosineAnnealingDecay increases again after T_max.")
    return swing(number("learning_rate", learning_rate), number("eta_min", eta_min), whole("T_max", T_max, 1), 0.5)


def warm_restarts(c: Context, learning_rate: Any, T_0: Any, T_mult: Any = 1, eta_min: Any = 0) -> Schedule:
    """Read cosine cycles, each T_mult times as long as the one before."""
    base, low = number("learning_rate", learning_rate), number("eta_min", eta_min)
    length, times = whole("T_0", T_0, 1), whole("T_mult", T_mult, 1)
    return restarts(base, low, length, times)


def one_cycle(c: Context, max_learning_rate: Any, total_steps: Any, divide_factor: Any = 25.0,
              end_learning_rate: Any = 0.0001, phase_pct: Any = 0.3, anneal_strategy: Any = "cos",
              three_phase: Any = False) -> Schedule:
    """Read a rate up and down, as torch's OneCycleLR."""
    first = number("max_learning_rate", max_learning_rate) / positive("divide_factor", divide_factor)
    return torch_cycles.one_cycle_lr(
        c, _MODEL, max_learning_rate, total_steps, pct_start=phase_pct, anneal_strategy=anneal_strategy,
        cycle_momentum=False, div_factor=divide_factor, three_phase=three_phase,
        final_div_factor=first / positive("end_learning_rate", end_learning_rate))


def cyclic(c: Context, base_learning_rate: Any, max_learning_rate: Any, step_size_up: Any, step_size_down: Any = None,
           mode: Any = "triangular", exp_gamma: Any = 1.0, scale_fn: Any = None, scale_mode: Any = "cycle") -> Schedule:
    """Read lines up and down between two rates, as torch's CyclicLR."""
    return torch_cycles.cyclic_lr(c, _MODEL, base_learning_rate, max_learning_rate, step_size_up, step_size_down, mode,
                                  exp_gamma, scale_fn, scale_mode, cycle_momentum=False)


def linear(c: Context, learning_rate: Any, total_steps: Any, start_factor: Any = 1.0 / 3,
           end_factor: Any = 1.0) -> Schedule:
    """Read a line between two shares of the rate."""
    base = number("learning_rate", learning_rate)
    return line(base * number("start_factor", start_factor, 0, 1), base * number("end_factor", end_factor, 0, 1),
                whole("total_steps", total_steps, 1))


READERS = {
    "NoamDecay": noam, "PiecewiseDecay": piecewise, "NaturalExpDecay": natural_exp, "InverseTimeDecay": inverse_time,
    "PolynomialDecay": polynomial, "LinearWarmup": warmup, "ExponentialDecay": exponential,
    "MultiStepDecay": multi_step, "StepDecay": step, "CosineAnnealingDecay": cosine,
    "CosineAnnealingWarmRestarts": warm_restarts, "OneCycleLR": one_cycle, "CyclicLR": cyclic, "LinearLR": linear}
