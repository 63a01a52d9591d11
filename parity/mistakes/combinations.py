"""Mistakes that are made with several schedules at once, as mistakes/schedules.py has them for other kinds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

from frameworks.schedule import Constant, Exponential, Maximum, Minimum, Product, Schedule, Sequence, Sum

DOCUMENTATION = "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler"


def _compounding(s: Product, updates: int = 50) -> Sequence:
    """Each rate is the one before times the share of now."""
    shares = (s.of[1].lr(t) for t in range(1, updates))
    running = accumulate(shares, lambda rate, share: rate * share, initial=s.lr(0))
    return Sequence(parts=[Constant(base_lr=rate) for rate in running], boundaries=list(range(1, updates)))


#: By name, what mistakes.schedules.Broken has: the case, where it shows, what it imitates, the link, what it changes.
COMBINED: dict[str, tuple[str, int, str, str, Callable[[Any], Schedule]]] = {
    "first_factor_only": (
        "warmup_times_cosine", 0, "two schedulers on one optimizer, of which one overwrites what the other wrote",
        "https://github.com/pytorch/pytorch/pull/63457", lambda s: s.of[1]),
    "factor_compounds": (
        "product_of_three", 1, "MultiplicativeLR given what LambdaLR is meant for: a share of the rate before",
        f"{DOCUMENTATION}.MultiplicativeLR.html", _compounding),
    "decay_of_the_base_too": (
        "cyclic_exp_range", 1, "a cycle whose lower rate decays with its height", f"{DOCUMENTATION}.CyclicLR.html",
        lambda s: Product(of=[Sum(of=[s.of[0], Product(of=[s.of[1].of[0], Constant(base_lr=s.of[1].of[1].base_lr)])]),
                              Exponential(base_lr=1.0, factor=0.9, updates=1)])),
    "maximum_for_minimum": (
        "minimum_of_line_and_cosine", 0, "max where min is meant: a warm-up that begins at the top", "",
        lambda s: Maximum(of=s.of)),
    "minimum_for_maximum": (
        "maximum_of_saw_and_floor", 0, "min where max is meant: a floor that is a ceiling", "",
        lambda s: Minimum(of=s.of)),
    "cap_of_the_first_rate": (
        "minimum_of_line_and_cosine", 1, "a cap that changes, asked for once", "",
        lambda s: Minimum(of=[s.of[1], Constant(base_lr=s.of[0].lr(0))])),
}
