"""Defines mistakes with cycles: wrong lengths, no growth, no decay, no warm-up, restarts computed with a logarithm."""

from __future__ import annotations

import math
from functools import partial

from frameworks.schedule import Cosine, CosineRestarts, Repeat, Schedule, Warmup
from parity.mistakes.nested import join, shift, wrap
from parity.mistakes.record import GITHUB, About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []
#: The kinds with cycles.
Rounds = Repeat | CosineRestarts


@mistake("held instead of periodic", "range",
         "the restart is missing: the final rate is held where a new cycle should begin; use t % updates")
def _held(s: Rounds, about: About) -> Changed:
    yield _build_first_cycle(s), (f"the cycle of {s.updates} updates starts again in {{that}}, "
                                  "in {this} its final rate is held")


def _build_first_cycle(s: Rounds) -> Schedule:
    """Return the first cycle, held at its end."""
    if isinstance(s, Repeat):
        return s.of
    cosine = Cosine(base_lr=s.base_lr, final_lr=s.final_lr, updates=s.updates - s.warmup)
    return Warmup(updates=s.warmup, begin_lr=s.final_lr, then=cosine) if s.warmup else cosine


def _long(by: int, s: Rounds, about: About) -> Changed:
    if s.updates + by > getattr(s, "warmup", 0):
        yield (s.model_copy(update={"updates": s.updates + by}),
               f"the cycle starts again every {s.updates} updates in {{that}}, every {s.updates + by} in {{this}}")


mistake("round one update shorter", "counting",
        "t % (updates - 1) is computed: the last rate of each cycle is left out, and restarts come early; use t % "
        "updates")(
    partial(_long, -1))
mistake("round one update longer", "counting",
        "t % (updates + 1) is computed: each cycle has one update too many, and restarts come late; use t % updates",
        f"{GITHUB}/tracel-ai/burn/pull/5191")(partial(_long, 1))


@mistake("rounds of other lengths", "clock",
         "T_mult, the growth of the cycles, is left out or added: later restarts come at other updates; set T_mult")
def _lengths(s: Rounds, about: About) -> Changed:
    if isinstance(s, Repeat):
        if not (isinstance(s.of, Cosine) and s.of.updates == s.updates and s.decay == 1):
            return
        s = CosineRestarts(base_lr=s.of.base_lr, final_lr=s.of.final_lr, updates=s.updates)
    growth, does = (1, "all have the same length") if s.growth > 1 else (2, "are each twice as long as the one before")
    yield s.model_copy(update={"growth": growth}), f"the cycles of {{this}} {does}, those of {{that}} do not"


@mistake("restart one late", "counting",
         "each cycle applies its final rate before the restart, and so lasts one update longer: the n-th restart comes "
         "n updates late; restart in place of the final rate")
def _arriving(s: CosineRestarts, about: About) -> Changed:
    if s.growth > 1 and not s.warmup and s.decay == 1:
        starts, lengths = [0], [s.updates]
        while len(starts) < 6:
            starts.append(starts[-1] + lengths[-1] + 1)
            lengths.append(lengths[-1] * s.growth)
        cycles = [Cosine(base_lr=s.base_lr, final_lr=s.final_lr, updates=length) for length in lengths]
        yield join(cycles, starts[1:]), "each cycle of {this} is one update longer than that of {that}"


@mistake("restart by logarithm", "precision",
         "the number of the cycle is int(log(...)), and int(log(243, 3)) is 4, not 5: the fifth restart comes one "
         "update late; count the cycles in integers",
         f"{GITHUB}/pytorch/pytorch/pull/110497")
def _by_logarithm(s: CosineRestarts, about: About) -> Changed:
    if s.growth > 1 and s.decay == 1 and not s.warmup:
        yield wrap(s, _at_logarithm), "{this} counts the cycles with a logarithm, and one too few at some restarts"


def _at_logarithm(s: CosineRestarts, t: int) -> float:
    done = int(math.log(t / s.updates * (s.growth - 1) + 1, s.growth))
    begun = s.updates * (s.growth**done - 1) // (s.growth - 1)
    cycle = Cosine.model_construct(base_lr=s.base_lr, final_lr=s.final_lr, updates=s.updates * s.growth**done)
    return cycle._compute_at(max(t - begun, 0))


@mistake("rounds that do not sink", "range",
         "each cycle is as high as the first, as with mode triangular: later rates are too high; multiply each cycle "
         "by the decay (triangular2)")
def _high(s: Rounds, about: About) -> Changed:
    if s.decay < 1:
        yield (s.model_copy(update={"decay": 1.0}),
               f"each cycle of {{that}} is {s.decay:g} times as high as the last one, those of {{this}} all have the "
               "same height")


@mistake("another part of rounds sinks", "range",
         "the decay multiplies the peak, as timm's cycle_decay does, where it should multiply the height above the "
         "final rate, or the reverse: later cycles differ; decay the right part",
         f"{GITHUB}/huggingface/pytorch-image-models/blob/main/timm/scheduler/cosine_lr.py")
def _other_part(s: CosineRestarts, about: About) -> Changed:
    if s.decay < 1 and s.final_lr:
        other = {"height": "peak", "peak": "height"}[s.sinks]
        yield (s.model_copy(update={"sinks": other}),
               f"the {s.sinks} of each cycle decreases in {{that}}, its {other} in {{this}}")


@mistake("floor of rounds missing", "range",
         "the decay multiplies the whole rate of a cycle, not only the part above its lowest rate: the rate falls "
         "below the floor; decay the height only")
def _floor(s: Repeat, about: About) -> Changed:
    if s.decay < 1 and s.min_lr:
        yield s.model_copy(update={"min_lr": 0.0}), f"cycles decrease to {s.min_lr:g} in {{that}}, to 0 in {{this}}"


def _sunk(again: bool, s: CosineRestarts, about: About) -> Changed:
    if s.decay < 1 and s.growth == 1 and s.sinks == "height":
        how = "by the decay of all cycles so far at each restart" if again else "by the decay at each update"
        yield wrap(s, partial(_at_sunk, again)), f"{{this}} decreases {how}, {{that}} by one decay at each restart"


def _at_sunk(again: bool, s: CosineRestarts, t: int) -> float:
    done, within = divmod(t, s.updates)
    return s.final_lr + (s._compute_at(within) - s.final_lr) * s.decay ** (done * (done + 1) / 2 if again else t)


mistake("sunk every update", "clock",
        "the decay of a cycle is applied at each update: the rate decreases far too fast; apply it once per restart")(
    partial(_sunk, False))
mistake("sunk again", "state",
        "the decay of all cycles so far is applied to a peak that has decayed already: the peaks decrease too fast; "
        "apply one decay per restart")(partial(_sunk, True))


@mistake("warm-up in the first round only", "clock",
         "the warm-up stands before the restarts, not inside the cycle: later cycles begin at their peak; warm up in "
         "each cycle")
def _warm_once(s: CosineRestarts, about: About) -> Changed:
    if s.warmup:
        yield (join([s, shift(s.updates, s.model_copy(update={"warmup": 0}))], [s.updates]),
               f"each cycle of {{that}} has a warm-up of {s.warmup} updates, only the first one of {{this}}")


@mistake("warm-up beside the round", "counting",
         "the length of a cycle is counted from the end of its warm-up: each cycle lasts longer by the warm-up; "
         "include the warm-up in the length")
def _beside(s: CosineRestarts, about: About) -> Changed:
    if s.warmup:
        yield (s.model_copy(update={"updates": s.updates + s.warmup}),
               f"the first cycle has {s.updates} updates with its warm-up in {{that}}, without it in {{this}}")
