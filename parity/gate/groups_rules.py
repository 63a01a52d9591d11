"""Computes the weights that each framework's SGD must reach from rate, momentum and weight decay.

The probe's parameters have two elements for each update. All weights are set to 0 before every update, and all
gradients are 0, except at update t:

- Element t has the gradient 1. Its weight becomes minus the rate of t. At the next update it becomes minus its momentum
  times a rate, and so on: each a single product, rounded once.
- Element UPDATES + t has the weight 1. It becomes 1 minus rate times weight decay.

`RULES` has the coupling of each framework. A processor may round `1 - rate * decay` once or twice: both are allowed,
and nothing else is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from frameworks.schedule.groups import ParameterGroups
from parity.cases.groups import PARAMETERS
from parity.gate.laws.expected import parse_as_mxnet
from parity.measuring.compare import SMALLEST_NORMAL

f32 = np.float32


@dataclass(frozen=True)
class Difference:
    """The first weight that differs from the specification of the groups.

    update: the update after which it differs.
    parameter: its name.
    shows: the quantity that the weight measures.
    actual: the weight.
    expected: the weight of the specification.
    """

    update: int
    parameter: str
    shows: str
    actual: float
    expected: float

    def __str__(self) -> str:
        return f"update {self.update}, {self.parameter}: {self.shows} shows {self.actual!r}, not {self.expected!r}"


def probe(t: int, updates: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights before update t and its gradients, float32, shape (2 * updates,)."""
    before, gradients = np.zeros((2, 2 * updates), f32)
    gradients[t] = before[updates + t] = 1
    return before, gradients


def gluon(w: np.ndarray, g: np.ndarray, v: np.ndarray, rate: f32, momentum: f32 | None, decay: f32) -> tuple:
    """Return state and weights: v = momentum * v - rate * decay * w - rate * g, then w + v."""
    v = (f32(0) if momentum is None else momentum) * v - rate * decay * w - rate * g
    once = w - float(rate) * float(decay) * w.astype(float)
    return v, w + v, np.where(w == 0, v, once)


def torch(w: np.ndarray, g: np.ndarray, v: np.ndarray, rate: f32, momentum: f32 | None, decay: f32) -> tuple:
    """Return state and weights: v = momentum * v + g + decay * w, then w - rate * v, with the current rate."""
    v = (f32(0) if momentum is None else momentum) * v + (g + decay * w)
    return v, w - rate * v, w - float(rate) * v.astype(float)


def keras(w: np.ndarray, g: np.ndarray, v: np.ndarray, rate: f32, momentum: f32 | None, decay: f32) -> tuple:
    """Return state and weights: w - w * decay * rate first, then v = momentum * v - rate * g, and w + v."""
    v = (f32(0) if momentum is None else momentum) * v - g * rate
    once = w - w.astype(float) * float(decay) * float(rate)
    return v, w - w * decay * rate + v, once + v


#: Each returns state, weights, and weights if rounded once, from weights, gradients, state, rate, momentum and decay.
RULES = {"mxnet": gluon, "torch": torch, "tensorflow": keras}


def compute_expected_weights(groups: ParameterGroups, framework: str, updates: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights after each update, and those if rounded once: float32 of shape (updates, 3, 2 * updates)."""
    twice, once = np.zeros((2, updates, len(PARAMETERS), 2 * updates), f32)
    group_of = {name: group for group, names in groups.assign_names(PARAMETERS).items() for name in names}
    state = np.zeros((len(PARAMETERS), 2 * updates), f32)
    for t in range(updates):
        rates, momenta, decays = groups.rates(t), groups.momenta(t), groups.weight_decays(t)
        before, gradients = probe(t, updates)
        for index, name in enumerate(PARAMETERS):
            group = group_of[name]
            momentum = momenta.get(group)
            if momentum and framework == "mxnet":
                momentum = parse_as_mxnet(momentum)
            state[index], twice[t, index], once[t, index] = RULES[framework](
                before, gradients, state[index], f32(rates[group]),
                None if momentum is None else f32(momentum), f32(decays.get(group, 0.0)))
    return twice, once


def compare(groups: ParameterGroups, framework: str, weights: np.ndarray) -> Difference | None:
    """Compare the weights after each update with those of the specification; return the first difference.

    Numbers below the smallest normal float32 are outside the contract: they count as equal to 0.
    """
    updates = len(weights)
    twice, once = compute_expected_weights(groups, framework, updates)
    if weights.shape != twice.shape:
        raise ValueError(f"weights of shape {weights.shape}, not {twice.shape}")
    vanishing = (abs(twice) <= SMALLEST_NORMAL) & (abs(weights) <= SMALLEST_NORMAL)
    wrong = ~((weights == twice) | (weights == once) | vanishing)
    if not wrong.any():
        return None
    t, parameter, element = (int(i) for i in np.argwhere(wrong)[0])
    at, decay = element % updates, element >= updates
    shows = ("the decay" if decay else "the rate") if at == t else (
        f"the {'decay' if decay else 'rate'} of update {at} under momentum")
    return Difference(t, PARAMETERS[parameter], shows, float(weights[t, parameter, element]),
                      float(twice[t, parameter, element]))
