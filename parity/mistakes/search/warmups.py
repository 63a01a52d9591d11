"""The mistakes of a warm-up and of the decay after it."""

from __future__ import annotations

from collections.abc import Iterator

from frameworks.schedule import Schedule, Warmup
from parity.mistakes.search.causes import Cause
from parity.mistakes.search.nested import constant, following, later


def warmup_mistakes(s: Schedule) -> Iterator[tuple[Schedule, Cause]]:
    """Change one thing about a warm-up, in each way that is known."""
    if not isinstance(s, Warmup):
        return
    after = later(s.updates, s.then) if s.clock == "keep" else s.then
    peak = s.then.lr(0) if s.peak_lr is None else s.peak_lr
    yield (following([later(1, s), after], [s.updates]),
           Cause("warm-up from 1", f"{{this}} warms up by (t + 1) / {s.updates}, {{that}} by t / {s.updates}"))
    for by, word in ((-1, "less"), (1, "more")):
        divisor = s.updates + by
        if divisor:
            line = s.model_copy(update={"updates": divisor, "peak_lr": peak, "then": constant(peak)})
            yield (following([line, after], [s.updates]),
                   Cause(f"warm-up divided by one {word}",
                         f"{{this}} warms up by t / {divisor}, {{that}} by t / {s.updates}"))
    for by, word in ((-1, "shorter"), (1, "longer")):
        if s.updates + by:
            yield (s.model_copy(update={"updates": s.updates + by}),
                   Cause(f"warm-up one update {word}",
                         f"{{this}} warms up for {s.updates + by} updates, {{that}} for {s.updates}"))
    missing = Cause("warm-up missing", f"{{that}} warms up for {s.updates} updates, {{this}} not at all")
    yield s.then, missing
    yield following([constant(peak), after], [s.updates]), missing
    if s.clock == "keep":
        yield (s.model_copy(update={"clock": "restart"}),
               Cause("decay clock from the end of the warm-up",
                     f"after the warm-up {{this}}'s decay begins at 0, {{that}}'s at {s.updates}"))
    else:
        yield (s.model_copy(update={"clock": "keep"}),
               Cause("decay clock from 0",
                     f"after the warm-up {{this}}'s decay begins at {s.updates}, {{that}}'s at 0"))
