"""Defines mistakes with a warm-up, and with the clock of the schedule that follows it."""

from __future__ import annotations

from functools import partial

from frameworks.schedule import Schedule, Sequence, Warmup
from parity.mistakes.nested import constant, join, replace_at, shift
from parity.mistakes.record import GITHUB, About, Changed, Mistake, mistake
from parity.mistakes.wanted import find_deciding

MISTAKES: list[Mistake] = []


def _split_warmup(s: Warmup) -> tuple[Schedule, float]:
    """Return the schedule after the warm-up, counted from its first update, and the peak rate of the warm-up."""
    after = shift(s.updates, s.then) if s.clock == "keep" else s.then
    return after, s.then.lr(0) if s.peak_lr is None else s.peak_lr


@mistake("warm-up from 1", "counting",
         "the warm-up computes (t + 1) / updates, not t / updates: each rate comes one update early; use the number of "
         "updates already made as t",
         f"{GITHUB}/meta-pytorch/torchtune/issues/2010")
def _from_1(s: Warmup, about: About) -> Changed:
    yield (join([shift(1, s), _split_warmup(s)[0]], [s.updates]),
           f"{{this}} warms up by (t + 1) / {s.updates}, {{that}} by t / {s.updates}")


def _divided(by: int, s: Warmup, about: About) -> Changed:
    if divisor := s.updates + by:
        after, peak = _split_warmup(s)
        line = s.model_copy(update={"updates": divisor, "peak_lr": peak, "then": constant(peak)})
        yield (join([line, after], [s.updates]),
               f"{{this}} warms up by t / {divisor}, {{that}} by t / {s.updates}")


mistake("warm-up divided by one less", "counting",
        "the warm-up computes t / (updates - 1), a linspace that includes both ends: its rates are too high and the "
        "peak comes one update early; divide by updates")(partial(_divided, -1))
mistake("warm-up divided by one more", "counting",
        "the warm-up computes t / (updates + 1): its rates are too low, then the rate jumps to the peak; divide by "
        "updates",
        f"{GITHUB}/Oneflow-Inc/libai/issues/37")(partial(_divided, 1))


def _long(by: int, s: Warmup, about: About) -> Changed:
    if s.updates + by:
        yield (s.model_copy(update={"updates": s.updates + by}),
               f"{{this}} warms up for {s.updates + by} updates, {{that}} for {s.updates}")


mistake("warm-up one update shorter", "counting",
        "the warm-up has one update too few: the peak comes one update early; correct its length")(partial(_long, -1))
mistake("warm-up one update longer", "counting",
        "the warm-up has one update too many: the peak comes one update late; correct its length")(partial(_long, 1))


@mistake("warm-up missing", "range",
         "the warm-up is missing, or has its peak rate from the start: the first rates are too high; add the warm-up")
def _missing(s: Warmup, about: About) -> Changed:
    after, peak = _split_warmup(s)
    does = "holds its first rate" if s.mode == "constant" else "warms up"
    for changed in (s.then, join([constant(peak), after], [s.updates])):
        yield changed, f"{{that}} {does} for {s.updates} updates, {{this}} not at all"


@mistake("decay clock from 0", "clock",
         "the decay counts the updates of the warm-up too: its first rates are skipped; count from the end of the "
         "warm-up")
def _kept(s: Warmup | Sequence, about: About) -> Changed:
    if isinstance(s, Sequence):
        for place, part, _ in find_deciding(s, about.wanted):
            if place[1]:
                start = s.boundaries[place[1] - 1]
                yield (replace_at(s, place, shift(start, part)),
                       f"the part that begins at update {start} counts from update 0 in {{this}}, from update "
                       f"{start} in {{that}}")
    elif s.clock == "restart":
        yield (s.model_copy(update={"clock": "keep"}),
               f"after the warm-up {{this}}'s decay begins at {s.updates}, {{that}}'s at 0")


@mistake("decay clock from the end of the warm-up", "clock",
         "the decay, or its milestones, count from the end of the warm-up, not from update 0: each change comes late "
         "by the length of the warm-up; keep the count",
         f"{GITHUB}/ildoonet/pytorch-gradual-warmup-lr/pull/11")
def _restarted(s: Warmup, about: About) -> Changed:
    if s.clock == "keep":
        yield (s.model_copy(update={"clock": "restart"}),
               f"after the warm-up {{this}}'s decay begins at 0, {{that}}'s at {s.updates}")


def _line(mode: str, s: Warmup, about: About) -> Changed:
    if s.mode == mode:
        changed = {"power": 1.0} if mode == "polynomial" else {"mode": "linear"}
        yield s.model_copy(update=changed), f"{{this}} warms up along a line, {{that}} along a curve: {mode}"


_NO_MODE = ("the framework has no such mode and uses a line: the rates before the peak differ; write a custom schedule")
mistake("line for a wave", "range", _NO_MODE)(partial(_line, "cosine"))
mistake("line for an exponential", "range", _NO_MODE)(partial(_line, "exponential"))
mistake("line for a power", "range",
        "the power of the warm-up is ignored: the rates before the peak are those of a line; pass the power")(
    partial(_line, "polynomial"))
