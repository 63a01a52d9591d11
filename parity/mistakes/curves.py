"""Mistakes with curves: their horizon, what comes after it, powers of time, and lines stretched at their end."""

from __future__ import annotations

from functools import partial

from frameworks.schedule import (
    Annealing,
    Cosine,
    Exponential,
    Factor,
    Polynomial,
    PolynomialCycle,
    PowerLaw,
    Repeat,
    Schedule,
    Sequence,
    Warmup,
)
from parity.mistakes.nested import constant, following, later, places, replaced
from parity.mistakes.record import GITHUB, KERAS, About, Changed, Mistake, mistake
from parity.mistakes.wanted import decided

MISTAKES: list[Mistake] = []
Curve = Cosine | Polynomial | Annealing
#: The numbers of periods tried: of equal length, and doubling in length each time.
PERIODS, DOUBLINGS = (*range(2, 9), 16, 32, 64), range(2, 9)


def _totals(sign: int, s: Warmup | Sequence, about: About) -> Changed:
    """Add what came before to the horizon of a curve, or take it away; also of one that is held, scaled and so on."""
    for place, inner, _ in decided(s, about.wanted):
        start = s.updates if isinstance(s, Warmup) else s.boundaries[place[1] - 1] if place[1] else 0
        for changed, sentence in _inside(inner, sign * start) if start else ():
            yield replaced(s, place, changed), sentence


def _inside(s: Schedule, by: int) -> Changed:
    if isinstance(s, Curve):
        yield from _longer(by, s)
    elif not isinstance(s, Warmup | Sequence):
        for place, inner in places(s):
            for changed, sentence in _inside(inner, by):
                yield replaced(s, place, changed), sentence


def _longer(by: int, s: Curve, about: About | None = None) -> Changed:
    if s.updates + by > 0:
        yield (s.model_copy(update={"updates": s.updates + by}),
               f"the {s.kind} of {s.updates:.15g} updates in {{that}} takes {s.updates + by:.15g} in {{this}}")


mistake("total horizon for the decay horizon", "clock",
        "T_max of the whole training for a cosine that begins after the warm-up")(partial(_totals, 1))
mistake("decay horizon for the total horizon", "clock",
        "a length that counts from the end of the warm-up, for one that counts it too")(partial(_totals, -1))
mistake("horizon one update shorter", "counting", "a line or a wave over n - 1 steps for n")(partial(_longer, -1))
mistake("horizon one update longer", "counting", "a horizon that counts the first rate too")(partial(_longer, 1))


@mistake("periodic instead of held", "range", "a cosine that climbs again after T_max",
         f"{GITHUB}/pytorch/pytorch/issues/40971", read=("README.md", "after the end of a cosine"))
def _periodic(s: Cosine | Polynomial, about: About) -> Changed:
    if s.updates == 1:  # one rate again and again is a constant
        return
    back = s.model_copy(update={"base_lr": s.final_lr, "final_lr": s.base_lr})
    ends = f"the {s.kind} that {{that}} holds after {s.updates} updates"
    for of, does in ((following([s, back], [s.updates]), "climbs again"), (s, "starts again")):
        updates = s.updates * (2 if of is not s else 1)
        yield Repeat.model_construct(updates=updates, of=of), f"{ends} {does} in {{this}}"
    for periods in PERIODS:
        boundaries = [s.updates * period for period in range(1, periods)]
        for pattern, does in (([s, back], "climbs again"), ([s, s], "starts again")):
            yield following((pattern * periods)[:periods], boundaries), f"{ends} {does} in {{this}}"
    for periods in DOUBLINGS:
        parts = [s.model_copy(update={"updates": s.updates * 2**period}) for period in range(periods)]
        yield (following(parts, [s.updates * (2**period - 1) for period in range(1, periods)]),
               f"{ends} starts again in {{this}}, twice as long each time")


@mistake("only falls", "range", "a final rate above the first is refused, or taken for a share")
def _only_falls(s: Curve, about: About) -> Changed:
    if s.final_lr > s.base_lr:
        yield constant(s.base_lr), f"{{that}} rises to {s.final_lr:g}, {{this}} stays at {s.base_lr:g}"


@mistake("falls in steps", "clock", "staircase=True: the whole factor every few updates, for a part of it at each",
         f"{KERAS}/exponential_decay/")
def _in_steps(s: Exponential, about: About) -> Changed:
    if s.max_lr is None:
        yield (Factor.model_construct(base_lr=s.base_lr, factor=s.factor, every=s.updates, min_lr=0.0),
               f"{{this}} falls once every {s.updates} updates, {{that}} at each")


@mistake("rises past its end", "range", "a rate that rises and is not kept below its highest")
def _rises_on(s: Exponential, about: About) -> Changed:
    if s.max_lr is not None:
        yield s.model_copy(update={"max_lr": 2 * s.max_lr}), f"{{that}} stops at {s.max_lr:g}, {{this}} rises on"


@mistake("k-decay of what is left", "range", "(1 - t / T)^k for 1 - (t / T)^k", "https://arxiv.org/abs/2004.05909")
def _of_what_is_left(s: Annealing, about: About) -> Changed:
    if s.elapsed_power != 1:
        yield (s.model_copy(update={"power": s.elapsed_power, "elapsed_power": 1.0}),
               "{this} has the power of what is left, {that} of what has passed")


@mistake("k-decay without k", "range", "a power that is read and not applied")
def _without_k(s: Annealing, about: About) -> Changed:
    if s.elapsed_power != 1:
        yield (s.model_copy(update={"elapsed_power": 1.0}),
               f"{{that}} has time to the power of {s.elapsed_power:g}, {{this}} as it is")


@mistake("rounded to whole updates", "counting", "a phase of 6.5 updates that is counted as 6")
def _whole(s: Annealing, about: About) -> Changed:
    if 1 <= int(s.updates) < s.updates:
        yield (s.model_copy(update={"updates": float(int(s.updates))}),
               f"a phase of {s.updates:g} updates in {{that}} has {int(s.updates)} in {{this}}")


@mistake("phase from its first update", "clock", "a phase that began between two updates, begun at the second")
def _begun_late(s: Annealing, about: About) -> Changed:
    if s.elapsed:
        yield (s.model_copy(update={"elapsed": 0.0}),
               f"a phase of which {{that}} has passed {s.elapsed:g} updates at its first begins there in {{this}}")


@mistake("power law without offset", "clock",
         "a clock that starts at the timescale, and so at the first power of what it should be")
def _without_offset(s: PowerLaw, about: About) -> Changed:
    if s.timescale != 1:
        yield (following([constant(s.base_lr), later(1, s.model_copy(update={"timescale": 1.0}))], [1]),
               f"{{that}} counts from a timescale of {s.timescale:g}, {{this}} from 1")


@mistake("cycle held", "range", "a line that ends, for one that is stretched")
def _held(s: PolynomialCycle, about: About) -> Changed:
    yield _line(s), f"after {s.updates} updates {{that}} begins a longer line, {{this}} holds its rate"


@mistake("cycle as long again", "clock", "a new round of the same length, for a longer line from the beginning")
def _as_long_again(s: PolynomialCycle, about: About) -> Changed:
    again = Repeat.model_construct(updates=s.updates, of=later(1, _line(s)), decay=1.0, min_lr=0.0)
    yield following([s, again], [s.updates + 1]), "{this} begins each line anew, {that} stretches it"


@mistake("cycle one early", "counting", "floor(t / T) + 1 for the ceiling: the end is never reached")
def _early(s: PolynomialCycle, about: About) -> Changed:
    yield following([s, later(s.updates + 1, s)], [s.updates]), "{this} stretches its line one update before {that}"


def _line(s: PolynomialCycle) -> Polynomial:
    return Polynomial(base_lr=s.base_lr, final_lr=s.final_lr, power=s.power, updates=s.updates)
