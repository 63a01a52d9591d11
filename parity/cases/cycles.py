"""The cases and the mistakes of lines that are stretched at their ends."""

from __future__ import annotations

from frameworks.schedule import Polynomial, PolynomialCycle, Repeat, Sequence, Shift, Warmup
from parity.cases.chapter import Case

teeth = PolynomialCycle(base_lr=0.3, final_lr=0.01, updates=7)

#: Where mistakes hide: at 7 updates Keras' own class is one update early at 21 in a graph.
CYCLES = {
    "cycle_of_seven": Case(teeth, "PolyScheduler", at_least=300),
    "cycle_of_75": Case(PolynomialCycle(base_lr=0.3, updates=75, power=0.5), at_least=2500),
    "cycle_of_one": Case(PolynomialCycle(base_lr=0.3, final_lr=0.2, updates=1), "PolyScheduler"),
    "cycle_upwards": Case(PolynomialCycle(base_lr=0.0, final_lr=0.3, power=2.0, updates=10), "PolyScheduler"),
    "warmup_cycle": Case(Warmup(updates=5, clock="keep", then=PolynomialCycle(base_lr=0.4, power=2.0, updates=20)),
                         "PolyScheduler"),
}

#: By name, the fields of a parity.mistakes.schedules.Broken.
CYCLES_BROKEN = {
    "cycle_held": (
        "cycle_of_seven", 8, "a line that ends, for one that is stretched", "",
        lambda s: Polynomial(base_lr=s.base_lr, final_lr=s.final_lr, power=s.power, updates=s.updates)),
    "cycle_as_long_again": (
        "cycle_of_seven", 8, "a round of its own, for a longer line from the beginning", "",
        lambda s: Sequence(parts=[s, Repeat(updates=s.updates, of=Shift(by=1, of=Polynomial(
            base_lr=s.base_lr, final_lr=s.final_lr, power=s.power, updates=s.updates)))], boundaries=[s.updates + 1])),
    "cycle_one_early": (
        "cycle_of_seven", 7, "floor(t / T) + 1 for the ceiling: the end is never reached", "",
        lambda s: Sequence(parts=[s, Shift(by=s.updates + 1, of=s)], boundaries=[s.updates])),
}
