"""Mistakes with limits: floors and ceilings that are missing or added, a length of 1, a rate of 0."""

from __future__ import annotations

import math

from frameworks.schedule import Annealing, Clamp, Constant, Cosine, Factor, Polynomial, Schedule
from parity.mistakes.nested import constant, following, later
from parity.mistakes.record import KERAS, About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []


@mistake("floor missing", "range",
         "stop_factor_lr left out: ExponentialLR and ExponentialDecay have no floor", f"{KERAS}/exponential_decay/")
def _missing(s: Schedule, about: About) -> Changed:
    field = "min_lr" if isinstance(s, Factor | Clamp) else "final_lr"
    floor = getattr(s, field, 0.0)
    if floor and floor <= getattr(s, "base_lr", floor) and getattr(s, "shape", "") != "exponential":
        yield (s.model_copy(update={field: 0.0}),
               f"{{that}} does not go below {field} {floor:g}, {{this}}'s way ends at 0")


@mistake("floor added", "range", "a floor that a class has by default")
def _added(s: Factor, about: About) -> Changed:
    for rate in about.rates:
        if s.min_lr < rate < s.base_lr:
            yield s.model_copy(update={"min_lr": rate}), f"{{this}} does not go below {rate:g}, {{that}} does"


@mistake("unclamped", "range", "a limit that is not applied")
def _unclamped(s: Clamp, about: About) -> Changed:
    yield s.of, f"{{that}} stays from {s.min_lr:g} to {s.max_lr:g}, {{this}} does not"


@mistake("rate of 0 not given", "range", "a rate of 0 taken for none, so that the default rate is applied",
         searched=False)
def _zero(s: Constant, about: About) -> Changed:
    if not s.base_lr:
        yield from ((constant(rate), f"{{that}} has a rate of 0, {{this}} {rate:g}") for rate in about.rates)


@mistake("division by zero", "range", "a length of 1 leaves nothing to divide by: nan, inf or an error",
         searched=False)
def _by_zero(s: Cosine | Polynomial, about: About) -> Changed:
    if s.updates == 1:
        yield following([constant(math.nan), later(1, s)], [1]), "{this} divides by a length of 1 less 1"


@mistake("power of negative", "range", "1 - t / updates falls below 0: nan for powers that are no whole numbers",
         searched=False)
def _negative(s: Polynomial | Annealing, about: About) -> Changed:
    if s.power != int(s.power):
        end = math.ceil(s.updates) + 1
        yield following([s, constant(math.nan)], [end]), f"{{this}} is nan from update {end} on"
