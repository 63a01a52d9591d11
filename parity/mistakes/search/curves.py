"""The mistakes of a curve: its horizon, what comes after its end, and the rate it starts from."""

from __future__ import annotations

from collections.abc import Iterator

from frameworks.schedule import Annealing, Constant, Cosine, Polynomial, Repeat, Schedule, Sequence, Warmup
from frameworks.schedule.fields import MIN_POSITIVE
from parity.mistakes.search.causes import Cause
from parity.mistakes.search.nested import following, places, rebuilt, replaced
from parity.mistakes.search.wanted import Wanted, decided

#: A changed schedule, and the mistake that changed it.
Changed = Iterator[tuple[Schedule, Cause]]

#: What ends after some updates.
CURVES = Cosine | Polynomial | Annealing
#: So many periods are tried: of equal length, and such as double each time.
PERIODS, DOUBLINGS = (*range(2, 9), 16, 32, 64), range(2, 9)

#: A base rate that is nearer to another than this share of it was not overwritten, but rounded.
ROUNDED_BASE = 1e-6


def curve_mistakes(s: Schedule, wanted: Wanted) -> Changed:
    """Change a curve, or those that stand after a warm-up or after other parts."""
    if isinstance(s, CURVES):
        for by, name in ((-1, "horizon one update shorter"), (1, "horizon one update longer")):
            yield from _long(s, s.updates + by, name)
        if s.updates > 1 and not isinstance(s, Annealing):  # one rate again and again is a constant
            yield from _periodic(s)
    for place, inner, _ in decided(s, wanted) if isinstance(s, Warmup | Sequence) else ():
        start = s.updates if isinstance(s, Warmup) else s.boundaries[place[1] - 1] if place[1] else 0
        for changed, cause in _totals(inner, start) if start else ():
            yield replaced(s, place, changed), cause


def _totals(s: Schedule, start: int) -> Changed:
    """Add what came before to the horizon of a curve, or take it away; also of one that is held, scaled and so on."""
    if isinstance(s, CURVES):
        yield from _long(s, s.updates + start, "total horizon for the decay horizon")
        yield from _long(s, s.updates - start, "decay horizon for the total horizon")
    elif not isinstance(s, Warmup | Sequence):
        for place, inner in places(s):
            for changed, cause in _totals(inner, start):
                yield replaced(s, place, changed), cause


def _long(s: Cosine | Polynomial | Annealing, updates: float, name: str) -> Changed:
    if updates > 0:
        yield (s.model_copy(update={"updates": updates}),
               Cause(name, f"the {s.kind} of {s.updates:.15g} updates in {{that}} takes {updates:.15g} in {{this}}"))


def _periodic(s: Cosine | Polynomial) -> Changed:
    back = s.model_copy(update={"base_lr": s.final_lr, "final_lr": s.base_lr})
    ends = f"the {s.kind} that {{that}} holds after {s.updates} updates"
    for of, does in ((following([s, back], [s.updates]), "climbs again"), (s, "starts again")):
        updates = s.updates * (2 if of is not s else 1)
        yield (Repeat.model_construct(updates=updates, of=of),
               Cause("periodic instead of held", f"{ends} {does} in {{this}}"))
    for periods in PERIODS:
        boundaries = [s.updates * period for period in range(1, periods)]
        for pattern, does in (([s, back], "climbs again"), ([s, s], "starts again")):
            yield (following((pattern * periods)[:periods], boundaries),
                   Cause("periodic instead of held", f"{ends} {does} in {{this}}"))
    for periods in DOUBLINGS:
        parts = [s.model_copy(update={"updates": s.updates * 2**period}) for period in range(periods)]
        yield (following(parts, [s.updates * (2**period - 1) for period in range(1, periods)]),
               Cause("periodic instead of held", f"{ends} starts again in {{this}}, twice as long each time"))


def other_base(s: Schedule, rates: tuple[float, ...]) -> Changed:
    """Put another base rate in the place of one, in this schedule and all that stand in it."""
    leaves = []
    for leaf in _leaves(s):
        leaves.append(leaf)
        if leaf.base_lr != leaves[0].base_lr:
            return
    # a constant with another base rate would explain any step of a sequence
    if not all(isinstance(leaf, Constant) for leaf in leaves):
        old = leaves[0].base_lr
        least = max(map(_least_base, leaves))
        for new in (one for one in rates if one >= least and abs(one - old) > ROUNDED_BASE * old):
            yield (_with_base(s, new),
                   Cause("base rate overwritten", f"the base rate is {new:g} in {{this}}, {old:g} in {{that}}"))


def _leaves(s: Schedule) -> Iterator[Schedule]:
    """The schedules in which no other stands: those with a base rate."""
    if hasattr(s, "base_lr"):
        yield s
    for _, inner in places(s):
        yield from _leaves(inner)


def _least_base(leaf: Schedule) -> float:
    """The rate that a kind must at least begin at: some take its logarithm."""
    rises = getattr(leaf, "max_lr", None) is not None
    return MIN_POSITIVE if rises or getattr(leaf, "shape", "") == "exponential" else 0.0


def _with_base(s: Schedule, base_lr: float) -> Schedule:
    if hasattr(s, "base_lr"):
        return s.model_copy(update={"base_lr": base_lr})
    return rebuilt(s, lambda inner: _with_base(inner, base_lr))
