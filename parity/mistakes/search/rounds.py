"""The mistakes of what begins anew: rounds that are too long, do not grow, do not sink, or are not warmed up."""

from __future__ import annotations

from collections.abc import Iterator

from frameworks.schedule import Cosine, CosineRestarts, Repeat, Schedule, Warmup
from parity.mistakes.search.causes import Cause
from parity.mistakes.search.nested import following, later

#: A changed schedule, and the mistake that changed it.
Changed = Iterator[tuple[Schedule, Cause]]


def round_mistakes(s: Schedule) -> Changed:
    """Change the rounds of a schedule that has some."""
    if not isinstance(s, Repeat | CosineRestarts):
        return
    yield _first(s), Cause("held instead of periodic", f"what starts again every {s.updates} updates in {{that}} goes "
                                                       "on to its end in {this}, and stays there")
    for updates, word in ((s.updates - 1, "shorter"), (s.updates + 1, "longer")):
        if updates > getattr(s, "warmup", 0):
            yield (s.model_copy(update={"updates": updates}),
                   Cause(f"round one update {word}", f"it starts again every {s.updates} updates in {{that}}, every "
                                                     f"{updates} in {{this}}"))
    if s.decay < 1:
        yield (s.model_copy(update={"decay": 1.0}),
               Cause("rounds that do not sink", f"each round of {{that}} is {s.decay:g} times as high as the last one, "
                                                "those of {this} are all as high"))
    if isinstance(s, CosineRestarts):
        yield from _waves(s)
    elif isinstance(s.of, Cosine) and s.of.updates == s.updates and s.decay == 1:
        yield from _lengths(CosineRestarts(base_lr=s.of.base_lr, final_lr=s.of.final_lr, updates=s.updates))


def _first(s: Repeat | CosineRestarts) -> Schedule:
    """The first round, held at its end."""
    if isinstance(s, Repeat):
        return s.of
    wave = Cosine(base_lr=s.base_lr, final_lr=s.final_lr, updates=s.updates - s.warmup)
    return Warmup(updates=s.warmup, begin_lr=s.final_lr, then=wave) if s.warmup else wave


def _waves(s: CosineRestarts) -> Changed:
    yield from _lengths(s)
    if s.decay < 1 and s.final_lr:
        other = {"height": "peak", "peak": "height"}[s.sinks]
        yield (s.model_copy(update={"sinks": other}),
               Cause("another part of rounds sinks", f"the {s.sinks} of each round sinks in {{that}}, its {other} in "
                                                     "{this}"))
    if s.warmup:
        yield (following([s, later(s.updates, s.model_copy(update={"warmup": 0}))], [s.updates]),
               Cause("warm-up in the first round only", f"each round of {{that}} has a warm-up of {s.warmup} updates, "
                                                        "only the first one of {this}"))


def _lengths(s: CosineRestarts) -> Changed:
    growth, does = (1, "are all as long") if s.growth > 1 else (2, "are each twice as long as the one before")
    yield (s.model_copy(update={"growth": growth}),
           Cause("rounds of other lengths", f"the rounds of {{this}} {does}, those of {{that}} are not"))
