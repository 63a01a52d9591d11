"""Mistakes with what begins anew: rounds too long, not growing, not sinking, not warmed up, found by a logarithm."""

from __future__ import annotations

import math
from functools import partial

from frameworks.schedule import Cosine, CosineRestarts, Repeat, Schedule, Warmup
from parity.mistakes.nested import asked, following, later
from parity.mistakes.record import GITHUB, About, Changed, Mistake, mistake

MISTAKES: list[Mistake] = []
#: The kinds that begin anew.
Rounds = Repeat | CosineRestarts


@mistake("held instead of periodic", "range", "a restart that never comes: past its end the rate is held")
def _held(s: Rounds, about: About) -> Changed:
    yield _first(s), (f"what starts again every {s.updates} updates in {{that}} goes on to its end in {{this}}, and "
                      "stays there")


def _first(s: Rounds) -> Schedule:
    """The first round, held at its end."""
    if isinstance(s, Repeat):
        return s.of
    wave = Cosine(base_lr=s.base_lr, final_lr=s.final_lr, updates=s.updates - s.warmup)
    return Warmup(updates=s.warmup, begin_lr=s.final_lr, then=wave) if s.warmup else wave


def _long(by: int, s: Rounds, about: About) -> Changed:
    if s.updates + by > getattr(s, "warmup", 0):
        yield (s.model_copy(update={"updates": s.updates + by}),
               f"it starts again every {s.updates} updates in {{that}}, every {s.updates + by} in {{this}}")


mistake("round one update shorter", "counting", "t % (updates - 1): the last rate of a round is left out")(
    partial(_long, -1))
mistake("round one update longer", "counting",
        "t % (updates + 1): the last rate of a round is applied before it starts again",
        f"{GITHUB}/tracel-ai/burn/pull/5191")(partial(_long, 1))


@mistake("rounds of other lengths", "clock", "T_mult left out")
def _lengths(s: Rounds, about: About) -> Changed:
    if isinstance(s, Repeat):
        if not (isinstance(s.of, Cosine) and s.of.updates == s.updates and s.decay == 1):
            return
        s = CosineRestarts(base_lr=s.of.base_lr, final_lr=s.of.final_lr, updates=s.updates)
    growth, does = (1, "are all as long") if s.growth > 1 else (2, "are each twice as long as the one before")
    yield s.model_copy(update={"growth": growth}), f"the rounds of {{this}} {does}, those of {{that}} are not"


@mistake("restart one late", "counting", "a round that arrives: its last rate is applied, and then the first")
def _arriving(s: CosineRestarts, about: About) -> Changed:
    if s.growth > 1 and not s.warmup and s.decay == 1:
        starts, lengths = [0], [s.updates]
        while len(starts) < 6:
            starts.append(starts[-1] + lengths[-1] + 1)
            lengths.append(lengths[-1] * s.growth)
        waves = [Cosine(base_lr=s.base_lr, final_lr=s.final_lr, updates=length) for length in lengths]
        yield following(waves, starts[1:]), "each round of {this} is one update longer than that of {that}"


@mistake("restart by logarithm", "precision", "int(log(243, 3)) is 4: the fifth restart comes one update late",
         f"{GITHUB}/pytorch/pytorch/pull/110497")
def _by_logarithm(s: CosineRestarts, about: About) -> Changed:
    if s.growth > 1 and s.decay == 1 and not s.warmup:
        yield asked(s, _at_logarithm), "{this} finds a round by a logarithm, and at some restarts the one before"


def _at_logarithm(s: CosineRestarts, t: int) -> float:
    done = int(math.log(t / s.updates * (s.growth - 1) + 1, s.growth))
    begun = s.updates * (s.growth**done - 1) // (s.growth - 1)
    wave = Cosine.model_construct(base_lr=s.base_lr, final_lr=s.final_lr, updates=s.updates * s.growth**done)
    return wave._at(max(t - begun, 0))


@mistake("rounds that do not sink", "range", 'mode="triangular" for "triangular2"')
def _high(s: Rounds, about: About) -> Changed:
    if s.decay < 1:
        yield (s.model_copy(update={"decay": 1.0}),
               f"each round of {{that}} is {s.decay:g} times as high as the last one, those of {{this}} are all as "
               "high")


@mistake("another part of rounds sinks", "range",
         "the decay of the peak, as in timm's cycle_decay, for that of the height above the end",
         f"{GITHUB}/huggingface/pytorch-image-models/blob/main/timm/scheduler/cosine_lr.py")
def _other_part(s: CosineRestarts, about: About) -> Changed:
    if s.decay < 1 and s.final_lr:
        other = {"height": "peak", "peak": "height"}[s.sinks]
        yield (s.model_copy(update={"sinks": other}),
               f"the {s.sinks} of each round sinks in {{that}}, its {other} in {{this}}")


@mistake("floor of rounds missing", "range", "all of a round is halved, not what is above its lowest rate")
def _floor(s: Repeat, about: About) -> Changed:
    if s.decay < 1 and s.min_lr:
        yield s.model_copy(update={"min_lr": 0.0}), f"rounds sink to {s.min_lr:g} in {{that}}, to 0 in {{this}}"


def _sunk(again: bool, s: CosineRestarts, about: About) -> Changed:
    if s.decay < 1 and s.growth == 1 and s.sinks == "height":
        how = "by the decay of all rounds so far at each restart" if again else "at each update"
        yield asked(s, partial(_at_sunk, again)), f"{{this}} sinks {how}, {{that}} by one decay at each restart"


def _at_sunk(again: bool, s: CosineRestarts, t: int) -> float:
    done, within = divmod(t, s.updates)
    return s.final_lr + (s._at(within) - s.final_lr) * s.decay ** (done * (done + 1) / 2 if again else t)


mistake("sunk every update", "clock", "the decay of a round taken for that of an update")(partial(_sunk, False))
mistake("sunk again", "state", "the decay of all rounds so far, applied to a top that has sunk already")(
    partial(_sunk, True))


@mistake("warm-up in the first round only", "clock", "a warm-up around the restarts for one in each of them")
def _warm_once(s: CosineRestarts, about: About) -> Changed:
    if s.warmup:
        yield (following([s, later(s.updates, s.model_copy(update={"warmup": 0}))], [s.updates]),
               f"each round of {{that}} has a warm-up of {s.warmup} updates, only the first one of {{this}}")


@mistake("warm-up beside the round", "counting",
         "a round that begins when its warm-up is over, so that it lasts longer by that")
def _beside(s: CosineRestarts, about: About) -> Changed:
    if s.warmup:
        yield (s.model_copy(update={"updates": s.updates + s.warmup}),
               f"the first round has {s.updates} updates with its warm-up in {{that}}, without it in {{this}}")
