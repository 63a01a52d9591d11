"""Defines mistakes with curves: their horizon, the rates after it, powers of time, and lines whose end moves."""

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
from parity.mistakes.nested import constant, iterate_places, join, replace_at, shift
from parity.mistakes.record import GITHUB, KERAS, About, Changed, Mistake, mistake
from parity.mistakes.wanted import find_deciding

MISTAKES: list[Mistake] = []
Curve = Cosine | Polynomial | Annealing
#: The numbers of periods tried: of equal length, and doubling in length each time.
PERIODS, DOUBLINGS = (*range(2, 9), 16, 32, 64), range(2, 9)


def _totals(sign: int, s: Warmup | Sequence, about: About) -> Changed:
    """Add the updates before a curve to its horizon, or subtract them; also for a curve inside other kinds."""
    for place, inner, _ in find_deciding(s, about.wanted):
        start = s.updates if isinstance(s, Warmup) else s.boundaries[place[1] - 1] if place[1] else 0
        for changed, sentence in _change_curves(inner, sign * start) if start else ():
            yield replace_at(s, place, changed), sentence


def _change_curves(s: Schedule, by: int) -> Changed:
    if isinstance(s, Curve):
        yield from _longer(by, s)
    elif not isinstance(s, Warmup | Sequence):
        for place, inner in iterate_places(s):
            for changed, sentence in _change_curves(inner, by):
                yield replace_at(s, place, changed), sentence


def _longer(by: int, s: Curve, about: About | None = None) -> Changed:
    if s.updates + by > 0:
        yield (s.model_copy(update={"updates": s.updates + by}),
               f"the {s.kind} of {s.updates:.15g} updates in {{that}} takes {s.updates + by:.15g} in {{this}}")


mistake("total horizon for the decay horizon", "clock",
        "the decay after a warm-up gets the length of the whole training (T_max): it decreases too slowly and does not "
        "reach its end; subtract the warm-up")(partial(_totals, 1))
mistake("decay horizon for the total horizon", "clock",
        "the length of the decay leaves out the warm-up, where the class includes it: the decay ends too early; add "
        "the warm-up")(partial(_totals, -1))
mistake("horizon one update shorter", "counting",
        "the curve has n - 1 steps, not n: it reaches its end one update early; divide by n")(partial(_longer, -1))
mistake("horizon one update longer", "counting",
        "the curve has n + 1 steps, since its first rate is counted as a step: it reaches its end one update late; "
        "divide by n")(partial(_longer, 1))


@mistake("periodic instead of held", "range",
         "the curve does not stop at its end (T_max): the rate increases again; hold the final rate, or stop the "
         "training",
         f"{GITHUB}/pytorch/pytorch/issues/40971", read=("README.md", "after the end of a cosine"))
def _periodic(s: Cosine | Polynomial, about: About) -> Changed:
    if s.updates == 1:  # one rate again and again is a constant
        return
    back = s.model_copy(update={"base_lr": s.final_lr, "final_lr": s.base_lr})
    ends = f"the {s.kind} that {{that}} holds after {s.updates} updates"
    for of, does in ((join([s, back], [s.updates]), "increases again"), (s, "starts again")):
        updates = s.updates * (2 if of is not s else 1)
        yield Repeat.model_construct(updates=updates, of=of), f"{ends} {does} in {{this}}"
    for periods in PERIODS:
        boundaries = [s.updates * period for period in range(1, periods)]
        for pattern, does in (([s, back], "increases again"), ([s, s], "starts again")):
            yield join((pattern * periods)[:periods], boundaries), f"{ends} {does} in {{this}}"
    for periods in DOUBLINGS:
        parts = [s.model_copy(update={"updates": s.updates * 2**period}) for period in range(periods)]
        yield (join(parts, [s.updates * (2**period - 1) for period in range(1, periods)]),
               f"{ends} starts again in {{this}}, twice as long each time")


@mistake("only falls", "range",
         "a final rate above the base rate is refused, or treated as a share of it: the rate does not increase; use a "
         "class that supports increasing rates")
def _only_falls(s: Curve, about: About) -> Changed:
    if s.final_lr > s.base_lr:
        yield constant(s.base_lr), f"{{that}} increases to {s.final_lr:g}, {{this}} stays at {s.base_lr:g}"


@mistake("falls in steps", "clock",
         "staircase=True applies the whole factor once every few updates, not a part of it at each update: the rate "
         "changes in steps; set staircase=False",
         f"{KERAS}/exponential_decay/")
def _in_steps(s: Exponential, about: About) -> Changed:
    if s.max_lr is None:
        yield (Factor.model_construct(base_lr=s.base_lr, factor=s.factor, every=s.updates, min_lr=0.0),
               f"{{this}} decreases once every {s.updates} updates, {{that}} at each update")


@mistake("rises past its end", "range",
         "an increasing rate has no upper limit: it exceeds max_lr; limit it with min(rate, max_lr)")
def _rises_on(s: Exponential, about: About) -> Changed:
    if s.max_lr is not None:
        yield (s.model_copy(update={"max_lr": 2 * s.max_lr}),
               f"{{that}} stops at {s.max_lr:g}, {{this}} continues to increase")


@mistake("k-decay of what is left", "range",
         "(1 - t / T)^k is computed, not 1 - (t / T)^k: the curve bends the other way; apply the power to t / T",
         "https://arxiv.org/abs/2004.05909")
def _bend_the_remaining_part(s: Annealing, about: About) -> Changed:
    if s.elapsed_power != 1:
        yield (s.model_copy(update={"power": s.elapsed_power, "elapsed_power": 1.0}),
               "{this} applies the power to the remaining part, {that} to the progress")


@mistake("k-decay without k", "range",
         "the power k is read and not applied: the rates are those of k = 1; raise t / T to the power k")
def _without_k(s: Annealing, about: About) -> Changed:
    if s.elapsed_power != 1:
        yield (s.model_copy(update={"elapsed_power": 1.0}),
               f"{{that}} raises the progress to the power {s.elapsed_power:g}, {{this}} does not")


@mistake("rounded to whole updates", "counting",
         "a phase of 6.5 updates is rounded down to 6: it ends half an update early; do not round its length")
def _whole(s: Annealing, about: About) -> Changed:
    if 1 <= int(s.updates) < s.updates:
        yield (s.model_copy(update={"updates": float(int(s.updates))}),
               f"a phase of {s.updates:g} updates in {{that}} has {int(s.updates)} in {{this}}")


@mistake("phase from its first update", "clock",
         "a phase that begins between two updates is counted from the second: its rates come late by part of an "
         "update; add the part that has passed")
def _begun_late(s: Annealing, about: About) -> Changed:
    if s.elapsed:
        yield (s.model_copy(update={"elapsed": 0.0}),
               f"at the first update of a phase, {s.elapsed:g} updates of it have passed in {{that}}, none in {{this}}")


@mistake("power law without offset", "clock",
         "the formula leaves out the timescale and computes (t + 1)^-power: all rates after the first differ; compute "
         "(1 + t / timescale)^-power")
def _without_offset(s: PowerLaw, about: About) -> Changed:
    if s.timescale != 1:
        yield (join([constant(s.base_lr), shift(1, s.model_copy(update={"timescale": 1.0}))], [1]),
               f"{{that}} has a timescale of {s.timescale:g} updates, {{this}} of 1")


@mistake("cycle held", "range",
         "the line ends and its final rate is held, where a longer line should follow: later rates differ; set "
         "cycle=True")
def _held(s: PolynomialCycle, about: About) -> Changed:
    yield _build_line(s), f"after {s.updates} updates {{that}} begins a longer line, {{this}} holds its rate"


@mistake("cycle as long again", "clock",
         "a new line of the same length begins at each end, not one longer line from update 0: the rate jumps back to "
         "the base rate; move the end of the line")
def _as_long_again(s: PolynomialCycle, about: About) -> Changed:
    again = Repeat.model_construct(updates=s.updates, of=shift(1, _build_line(s)), decay=1.0, min_lr=0.0)
    yield join([s, again], [s.updates + 1]), "{this} begins a new line at each end, {that} moves its end"


@mistake("cycle one early", "counting",
         "floor(t / T) + 1 is computed, not ceil(t / T): the end moves one update early and the final rate is never "
         "reached; use the ceiling")
def _early(s: PolynomialCycle, about: About) -> Changed:
    yield join([s, shift(s.updates + 1, s)], [s.updates]), "the end of the line moves one update early in {this}"


def _build_line(s: PolynomialCycle) -> Polynomial:
    return Polynomial(base_lr=s.base_lr, final_lr=s.final_lr, power=s.power, updates=s.updates)
