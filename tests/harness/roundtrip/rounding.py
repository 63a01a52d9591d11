"""Computes how far a built-in class may be from the rates that were read: only by the rounding of its arithmetic.

With v = 2^-53 and u = 2^-24, the largest relative error of a float64 and a float32 operation, and n updates:

    Gluon     float64; FactorScheduler multiplies its last rate, at most once per update: n * v of the rate
    PyTorch   float64; most classes multiply their last rate at every update, 4 operations each: 4 * n * v of the rate;
              where they subtract (lines, polynomials, cosines), 16 operations that may cancel, and CosineAnnealingLR
              increases from a remainder of 1 / T_max^2 of the rate: (16 * n + n^2) * v of the largest rate
    Keras     float32; each formula is analysed below: every operation has an error of u of its result, power and cosine
              of 2 u. PiecewiseConstantDecay only chooses: 0

The applied rate must be float32(x) for some x within this bound of the rate that was read.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from frameworks.schedule import PolynomialCycle, Schedule, lrs
from parity.port import SOURCES
from parity.port.read.arguments import bind_arguments
from parity.port.read.literal import Call, parse_call

V, U = 2.0**-53, 2.0**-24
#: torch's classes whose rate is a product of their arguments.
_PRODUCTS = ("StepLR", "MultiStepLR", "ExponentialLR", "ConstantLR")


def compute_tolerance(source: str, text: str, schedule: Schedule, updates: int) -> np.ndarray:
    """Return the largest error of each rate from the arithmetic of the class."""
    exact, n = lrs(schedule, updates), np.arange(updates) + 8.0  # 8: compare allows it too
    largest = np.maximum.accumulate(exact)
    call = parse_call(text)
    if source == "mxnet":
        return n * V * largest
    if source == "torch":
        if all(name in _PRODUCTS for name in _list_names(call)):
            return 4 * n * V * exact
        return (16 * n + n**2) * V * largest
    return _compute_keras_tolerance(call.name, bind_arguments(call, SOURCES[source].READERS[call.name]), exact,
                                    np.arange(updates))


def add_early_jumps(source: str, schedule: Schedule, exact: np.ndarray) -> np.ndarray:
    """Return the rates with the early jumps of Keras' cycles, which `port` notes; others as they are.

    exact: the specified rates, shape (updates,). Compiled code multiplies by the inverse of decay_steps in float32.
    Where the product is above a whole number, its ceiling begins the next cycle at the last update of this one.
    """
    if source != "tensorflow" or not isinstance(schedule, PolynomialCycle):
        return exact
    t, steps = np.arange(len(exact)), schedule.updates
    cycles = np.ceil(t.astype(np.float32) * (np.float32(1) / np.float32(steps))).astype(np.float64)
    jumps = (t > 0) & (t % steps == 0) & (cycles > t // steps)
    rest = 1 - t / (steps * np.maximum(cycles, 1))
    return np.where(jumps, schedule.final_lr + (schedule.base_lr - schedule.final_lr) * rest**schedule.power, exact)


def _list_names(call: Call) -> list[str]:
    inner = [part for argument in (*call.arguments, *call.keywords.values()) if isinstance(argument, list)
             for part in argument if isinstance(part, Call)]
    return [name for part in inner for name in _list_names(part)] if inner else [call.name]


def _compute_keras_tolerance(name: str, given: dict[str, Any], exact: np.ndarray, t: np.ndarray) -> np.ndarray:
    if name == "PiecewiseConstantDecay":
        return 0 * exact
    base = given["initial_learning_rate"]
    if name == "ExponentialDecay":
        p, rate = t / given["decay_steps"], given["decay_rate"]
        # rate^p: that of `rate` counts p times, that of p times log(rate), the power's two; then a product
        return U * exact * (4 + p + p * abs(math.log(rate))) + V * t * exact
    if name == "InverseTimeDecay":
        return 8 * U * exact  # three given numbers, four operations, and the rounding at the end
    if name == "PolynomialDecay":
        power, steps = given["power"], given["decay_steps"]
        # d/dq q^power, for q = 1 - p from 1 down to 1 / steps, is at most `steepest`; q is off by 1.5 u
        steepest = power * max(1.0, steps ** (1 - power))
        return U * max(base, given["end_learning_rate"]) * (8 + 1.5 * steepest) + 0 * exact
    # cos(pi * p): pi, p and their product, each off by u of at most pi * p; half of it, and of the 2 u of the cosine
    share = given["alpha"]
    if name == "CosineDecay":
        top = max(base, given["warmup_target"] or 0.0) * max(1.0, share)
        return U * top * (0.5 * (3 * math.pi + 4) + 5) + 0 * exact
    if name != "CosineDecayRestarts":
        raise KeyError(f"no bound is known for {name}")
    # p: t / first_decay_steps minus the earlier cycles, divided by the length of this cycle; m_mul^cycle
    cycles = t / given["first_decay_steps"] + 1
    less = cycles if given["t_mul"] == 1 else 4.0  # both are at most twice this one's length
    cycles = cycles if given["t_mul"] == 1 else np.log2(cycles) + 1
    return U * base * max(1.0, share) * (0.5 * (math.pi * (less + 3) + 4) + cycles + 7)
