"""What the guide's pages are about: one small schedule for each kind, and a Gluon constructor where there is one.

Small on purpose: over so few updates the frameworks' rounding is the same on every processor that was tried.
"""

from __future__ import annotations

from dataclasses import dataclass

from frameworks.schedule import (
    KINDS,
    Annealing,
    Clamp,
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    InverseSquareRoot,
    InverseTime,
    Maximum,
    Minimum,
    MultiFactor,
    Polynomial,
    PolynomialCycle,
    PowerLaw,
    Product,
    Repeat,
    Scale,
    Schedule,
    Sequence,
    Shift,
    Sum,
    Warmup,
)
from parity.measuring.compare import updates_compared
from parity.pages.guide.examples_named import NAMED


@dataclass(frozen=True)
class Example:
    """A schedule, and the text of the constructor that somebody who comes from Gluon begins with ("" for none)."""

    schedule: Schedule
    gluon: str = ""


#: By kind, in the order of the pages.
EXAMPLES = {
    "constant": Example(Constant(base_lr=0.3)),
    "inverse_square_root": Example(InverseSquareRoot(base_lr=0.1)),
    "inverse_time": Example(InverseTime(base_lr=0.1, timescale=20.0)),
    "factor": Example(Factor(base_lr=0.5, factor=0.5, every=10, min_lr=0.1),
                      "FactorScheduler(10, 0.5, stop_factor_lr=0.1, base_lr=0.5)"),
    "multi_factor": Example(MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30]),
                            "MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)"),
    "exponential": Example(Exponential(base_lr=0.1, factor=0.9, updates=10)),
    "polynomial": Example(Polynomial(base_lr=0.5, power=2.0, updates=30), "PolyScheduler(30, base_lr=0.5, pwr=2)"),
    "cosine": Example(Cosine(base_lr=0.3, final_lr=0.01, updates=20),
                      "CosineScheduler(20, base_lr=0.3, final_lr=0.01)"),
    "annealing": Example(Annealing(shape="cosine", base_lr=0.3, final_lr=0.01, elapsed_power=1.5, updates=20.0)),
    "power_law": Example(PowerLaw(base_lr=0.3, timescale=20.0, power=1.5)),
    "polynomial_cycle": Example(PolynomialCycle(base_lr=0.3, final_lr=0.01, updates=7)),
    "cosine_restarts": Example(CosineRestarts(base_lr=0.3, final_lr=0.01, updates=8, growth=2)),
    "warmup": Example(Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15)),
                      "CosineScheduler(20, base_lr=0.3, final_lr=0.01, warmup_steps=5)"),
    "shift": Example(Shift(by=1, of=Polynomial(base_lr=0.5, power=2.0, updates=30))),
    "hold": Example(Hold(updates=10, of=MultiFactor(base_lr=0.5, factor=0.5, milestones=[2, 4]))),
    "repeat": Example(Repeat(updates=20, of=Cosine(base_lr=0.3, final_lr=0.01, updates=20))),
    "sequence": Example(Sequence(
        parts=[Cosine(base_lr=0.3, final_lr=0.01, updates=20), Cosine(base_lr=0.15, final_lr=0.01, updates=20)],
        boundaries=[20])),
    "scale": Example(Scale(by=0.5, of=MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30]))),
    "clamp": Example(Clamp(min_lr=0.02, max_lr=0.2, of=Cosine(base_lr=0.3, updates=20))),
    "sum": Example(Sum(of=[Constant(base_lr=0.1), Product(of=[
        Repeat(updates=16, of=Sequence(parts=[Polynomial(base_lr=0.0, final_lr=1.0, power=1.0, updates=8),
                                              Polynomial(base_lr=1.0, power=1.0, updates=8)], boundaries=[8])),
        Exponential(base_lr=0.4, factor=0.95, updates=1)])])),
    "product": Example(Product(of=[
        Warmup(updates=10, begin_lr=0.1, then=Constant(base_lr=1.0)),
        MultiFactor(base_lr=0.5, factor=0.5, milestones=[5, 30])])),
    "minimum": Example(Minimum(of=[
        Polynomial(base_lr=0.0, final_lr=0.5, power=1.0, updates=20), Cosine(base_lr=0.4, final_lr=0.01, updates=40)])),
    "maximum": Example(Maximum(of=[
        Repeat(updates=10, of=Polynomial(base_lr=0.5, power=1.0, updates=10)),
        InverseTime(base_lr=0.2, timescale=20.0)])),
    **{one.kind: Example(one) for one in NAMED},
}


def updates_of(schedule: Schedule) -> int:
    """Return how many updates are compared: 50, or 2.5 times the horizon."""
    return updates_compared(schedule.horizon)


def without_page(has_text: set[str]) -> list[str]:
    """Return a line for each kind of the specification without an example or without its hand-written part."""
    lines = [f"{kind}: no example in parity/pages/guide/examples.py" for kind in KINDS if kind not in EXAMPLES]
    return lines + [f"{kind}: no parity/pages/guide/text/{kind}.md" for kind in KINDS if kind not in has_text]
