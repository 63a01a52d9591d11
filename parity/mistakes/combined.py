"""Defines mistakes with sums, products, minima and maxima of schedules."""

from __future__ import annotations

import math

from frameworks.schedule import Constant, Exponential, Maximum, Minimum, Product, Sum
from parity.mistakes.nested import constant, wrap
from parity.mistakes.record import GITHUB, TORCH, About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []
#: After this update the product is not multiplied further.
MANY = 1000
#: The number of members of a minimum that are tried as caps.
MAX_CAPS = 16


@mistake("one member only", "range",
         "two schedulers write to one optimizer, and one overwrites the other: only its schedule is applied; combine "
         "them in one scheduler",
         f"{GITHUB}/pytorch/pytorch/pull/63457")
def _one_member(s: Product | Sum, about: About) -> Changed:
    for member in s.of:
        yield member, f"of the {len(s.of)} schedules of {{that}}'s {s.kind} {{this}} applies the {member.kind} only"


@mistake("factor compounds", "state",
         "MultiplicativeLR gets the function for LambdaLR and multiplies the previous rate by it: the factors "
         "accumulate; use LambdaLR",
         f"{TORCH}.MultiplicativeLR.html", searched=False)
def _compounds(s: Product, about: About) -> Changed:
    if len(s.of) > 1:
        yield wrap(s, _compounded), "{this} multiplies the rate of the previous update, {that} the first rate"


def _compounded(s: Product, t: int) -> float:
    return math.prod((s.of[1]._compute_at(update) for update in range(1, min(t, MANY) + 1)), start=s._compute_at(0))


@mistake("decay of the base too", "range",
         "the decay multiplies the lower rate of the cycle too: the rate falls below base_lr; multiply the height only",
         f"{TORCH}.CyclicLR.html")
def _base_too(s: Sum, about: About) -> Changed:
    low, high = s.of[0], s.of[-1]
    if isinstance(low, Constant) and isinstance(high, Product):
        decay = next((member for member in high.of if isinstance(member, Exponential) and member.max_lr is None), None)
        if decay is not None and len(high.of) > 1:
            others = (*(member for member in high.of if member is not decay), constant(decay.base_lr))
            both = Sum.model_construct(of=(low, Product.model_construct(of=others)))
            yield (Product.model_construct(of=(both, decay.model_copy(update={"base_lr": 1.0}))),
                   "{this} decays the lower rate too, {that} only the height above it")


@mistake("maximum for minimum", "range",
         "max is computed, not min: a warm-up begins at the highest rate; use min")
def _maximum(s: Minimum, about: About) -> Changed:
    yield Maximum.model_construct(of=s.of), "{this} applies the largest of several rates, {that} the smallest"


@mistake("minimum for maximum", "range",
         "min is computed, not max: a floor becomes a ceiling; use max")
def _minimum(s: Maximum, about: About) -> Changed:
    yield Minimum.model_construct(of=s.of), "{this} applies the smallest of several rates, {that} the largest"


@mistake("cap of the first rate", "state",
         "a cap that changes is read once: its first rate limits all updates; read it at each update")
def _first_rate(s: Minimum, about: About) -> Changed:
    for cap in s.of[:MAX_CAPS]:
        others = tuple(member for member in s.of if member is not cap)
        yield (Minimum.model_construct(of=(*others, constant(cap.lr(0)))),
               f"{{this}} is always capped at {cap.lr(0):g}, {{that}} by a {cap.kind}")
