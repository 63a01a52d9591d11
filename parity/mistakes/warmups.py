"""Mistakes with a warm-up, and with the clock of what follows it."""

from __future__ import annotations

from functools import partial

from frameworks.schedule import Schedule, Sequence, Warmup
from parity.mistakes.nested import constant, following, later, replaced
from parity.mistakes.record import GITHUB, About, Changed, Mistake, mistake
from parity.mistakes.wanted import decided

MISTAKES: list[Mistake] = []


def _after(s: Warmup) -> tuple[Schedule, float]:
    """What follows, on a clock that begins with it, and the rate that the warm-up ends at."""
    after = later(s.updates, s.then) if s.clock == "keep" else s.then
    return after, s.then.lr(0) if s.peak_lr is None else s.peak_lr


@mistake("warm-up from 1", "counting", "(t + 1) / updates for t / updates, so that no update is at rate 0",
         f"{GITHUB}/meta-pytorch/torchtune/issues/2010")
def _from_1(s: Warmup, about: About) -> Changed:
    yield (following([later(1, s), _after(s)[0]], [s.updates]),
           f"{{this}} warms up by (t + 1) / {s.updates}, {{that}} by t / {s.updates}")


def _divided(by: int, s: Warmup, about: About) -> Changed:
    if divisor := s.updates + by:
        after, peak = _after(s)
        line = s.model_copy(update={"updates": divisor, "peak_lr": peak, "then": constant(peak)})
        yield (following([line, after], [s.updates]),
               f"{{this}} warms up by t / {divisor}, {{that}} by t / {s.updates}")


mistake("warm-up divided by one less", "counting",
        "t / (updates - 1): a linspace over the warm-up, both its ends included")(partial(_divided, -1))
mistake("warm-up divided by one more", "counting", "a warm-up that stops short of its peak",
        f"{GITHUB}/Oneflow-Inc/libai/issues/37")(partial(_divided, 1))


def _long(by: int, s: Warmup, about: About) -> Changed:
    if s.updates + by:
        yield (s.model_copy(update={"updates": s.updates + by}),
               f"{{this}} warms up for {s.updates + by} updates, {{that}} for {s.updates}")


mistake("warm-up one update shorter", "counting", "a warm-up that is over one update early")(partial(_long, -1))
mistake("warm-up one update longer", "counting", "a warm-up that is over one update late")(partial(_long, 1))


@mistake("warm-up missing", "range", "a warm-up that does not happen, or is at its peak from the start")
def _missing(s: Warmup, about: About) -> Changed:
    after, peak = _after(s)
    does = "holds its first rate" if s.mode == "constant" else "warms up"
    for changed in (s.then, following([constant(peak), after], [s.updates])):
        yield changed, f"{{that}} {does} for {s.updates} updates, {{this}} not at all"


@mistake("decay clock from 0", "clock", "a decay that counts the warm-up as its own beginning")
def _kept(s: Warmup | Sequence, about: About) -> Changed:
    if isinstance(s, Sequence):
        for place, part, _ in decided(s, about.wanted):
            if place[1]:
                start = s.boundaries[place[1] - 1]
                yield (replaced(s, place, later(start, part)),
                       f"the part that begins at update {start} counts from 0 in {{this}}, and from its own beginning "
                       "in {that}")
    elif s.clock == "restart":
        yield (s.model_copy(update={"clock": "keep"}),
               f"after the warm-up {{this}}'s decay begins at {s.updates}, {{that}}'s at 0")


@mistake("decay clock from the end of the warm-up", "clock", "milestones counted from the end of the warm-up",
         f"{GITHUB}/ildoonet/pytorch-gradual-warmup-lr/pull/11")
def _restarted(s: Warmup, about: About) -> Changed:
    if s.clock == "keep":
        yield (s.model_copy(update={"clock": "restart"}),
               f"after the warm-up {{this}}'s decay begins at 0, {{that}}'s at {s.updates}")


def _line(mode: str, s: Warmup, about: About) -> Changed:
    if s.mode == mode:
        changed = {"power": 1.0} if mode == "polynomial" else {"mode": "linear"}
        yield s.model_copy(update=changed), f"{{this}} warms up along a line, {{that}} along a curve: {mode}"


_NO_MODE = "a mode that the framework does not have, taken for a line"
mistake("line for a wave", "range", _NO_MODE)(partial(_line, "cosine"))
mistake("line for an exponential", "range", _NO_MODE)(partial(_line, "exponential"))
mistake("line for a power", "range", "a power that is left out")(partial(_line, "polynomial"))
