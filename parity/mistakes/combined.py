"""Mistakes with several schedules at once."""

from __future__ import annotations

import math

from frameworks.schedule import Constant, Exponential, Maximum, Minimum, Product, Sum
from parity.mistakes.nested import asked, constant
from parity.mistakes.record import GITHUB, TORCH, About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []
#: The update after which nothing is multiplied any more.
MANY = 1000
#: How many members of a minimum are tried as caps.
MAX_CAPS = 16


@mistake("one member only", "range", "two schedulers on one optimizer, of which one overwrites what the other wrote",
         f"{GITHUB}/pytorch/pytorch/pull/63457")
def _one_member(s: Product | Sum, about: About) -> Changed:
    for member in s.of:
        yield member, f"of the {len(s.of)} schedules of {{that}}'s {s.kind} {{this}} has the {member.kind} only"


@mistake("factor compounds", "state",
         "MultiplicativeLR given what LambdaLR is meant for: a share of the rate before",
         f"{TORCH}.MultiplicativeLR.html", searched=False)
def _compounds(s: Product, about: About) -> Changed:
    if len(s.of) > 1:
        yield asked(s, _compounded), "{this} multiplies the rate of the update before, {that} the first"


def _compounded(s: Product, t: int) -> float:
    return math.prod((s.of[1]._at(one) for one in range(1, min(t, MANY) + 1)), start=s._at(0))


@mistake("decay of the base too", "range", "a cycle whose lower rate decays with its height", f"{TORCH}.CyclicLR.html")
def _base_too(s: Sum, about: About) -> Changed:
    low, high = s.of[0], s.of[-1]
    if isinstance(low, Constant) and isinstance(high, Product):
        decay = next((one for one in high.of if isinstance(one, Exponential) and one.max_lr is None), None)
        if decay is not None and len(high.of) > 1:
            others = (*(one for one in high.of if one is not decay), constant(decay.base_lr))
            both = Sum.model_construct(of=(low, Product.model_construct(of=others)))
            yield (Product.model_construct(of=(both, decay.model_copy(update={"base_lr": 1.0}))),
                   "{this} lets the lower rate decay too, {that} what is above it")


@mistake("maximum for minimum", "range", "max where min is meant: a warm-up that begins at the top")
def _maximum(s: Minimum, about: About) -> Changed:
    yield Maximum.model_construct(of=s.of), "{this} takes the largest of several rates, {that} the smallest"


@mistake("minimum for maximum", "range", "min where max is meant: a floor that is a ceiling")
def _minimum(s: Maximum, about: About) -> Changed:
    yield Minimum.model_construct(of=s.of), "{this} takes the smallest of several rates, {that} the largest"


@mistake("cap of the first rate", "state", "a cap that changes, asked for once")
def _first_rate(s: Minimum, about: About) -> Changed:
    for cap in s.of[:MAX_CAPS]:
        others = tuple(one for one in s.of if one is not cap)
        yield (Minimum.model_construct(of=(*others, constant(cap.lr(0)))),
               f"{{this}} is capped at {cap.lr(0):g} throughout, {{that}} by a {cap.kind}")
