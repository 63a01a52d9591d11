"""Defines mistakes with limits: missing or added floors and ceilings, a length of 1, a rate of 0."""

from __future__ import annotations

import math

from frameworks.schedule import Annealing, Clamp, Constant, Cosine, Factor, Polynomial, Schedule
from parity.mistakes.nested import constant, join, shift
from parity.mistakes.record import KERAS, About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []


@mistake("floor missing", "range",
         "the floor (stop_factor_lr) is left out, as in ExponentialLR and ExponentialDecay: the rate decreases to 0; "
         "use max(rate, floor)", f"{KERAS}/exponential_decay/")
def _missing(s: Schedule, about: About) -> Changed:
    field = "min_lr" if isinstance(s, Factor | Clamp) else "final_lr"
    floor = getattr(s, field, 0.0)
    if floor and floor <= getattr(s, "base_lr", floor) and getattr(s, "shape", "") != "exponential":
        yield (s.model_copy(update={field: 0.0}),
               f"{{that}} does not go below {field} {floor:g}, {{this}} decreases to 0")


@mistake("floor added", "range",
         "the class has a floor by default: the rate does not decrease below it; set the floor to 0")
def _added(s: Factor, about: About) -> Changed:
    for rate in about.rates:
        if s.min_lr < rate < s.base_lr:
            yield s.model_copy(update={"min_lr": rate}), f"{{this}} does not go below {rate:g}, {{that}} does"


@mistake("unclamped", "range", "a lower or upper limit is not applied: rates exceed it; clamp each rate")
def _unclamped(s: Clamp, about: About) -> Changed:
    yield s.of, f"{{that}} stays from {s.min_lr:g} to {s.max_lr:g}, {{this}} does not"


@mistake("rate of 0 not given", "range",
         "a rate of 0 is treated as not given: the default rate is applied; compare with None", searched=False)
def _zero(s: Constant, about: About) -> Changed:
    if not s.base_lr:
        yield from ((constant(rate), f"{{that}} has a rate of 0, {{this}} {rate:g}") for rate in about.rates)


@mistake("division by zero", "range",
         "the formula divides by length - 1, which is 0 for a length of 1: rates are nan or inf, or an error is "
         "raised; treat a length of 1 separately", searched=False)
def _by_zero(s: Cosine | Polynomial, about: About) -> Changed:
    if s.updates == 1:
        yield join([constant(math.nan), shift(1, s)], [1]), "{this} divides by its length minus 1, which is 0"


@mistake("power of negative", "range",
         "1 - t / updates falls below 0 after the end: powers that are not whole numbers give nan; limit t to updates",
         searched=False)
def _negative(s: Polynomial | Annealing, about: About) -> Changed:
    if s.power != int(s.power):
        end = math.ceil(s.updates) + 1
        yield join([s, constant(math.nan)], [end]), f"{{this}} is nan from update {end} on"
