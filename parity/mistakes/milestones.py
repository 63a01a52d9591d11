"""Defines mistakes with milestones and boundaries: updates at which a rate changes at once."""

from __future__ import annotations

from functools import partial

from frameworks.schedule import MultiFactor, Piecewise, Sequence
from parity.mistakes.record import KERAS, About, Changed, Mistake, mistake
from parity.mistakes.wanted import find_nearby

MISTAKES: list[Mistake] = []
_READ = ("README.md", "a milestone m lowers the rate of update t =")


def _moved(by: int, s: MultiFactor | Sequence, about: About) -> Changed:
    field, does, earliest = ("milestones", "drops", 0) if isinstance(s, MultiFactor) else ("boundaries", "changes", 1)
    word = "before" if by < 0 else "after"
    whole = getattr(s, field)
    for first, end in ((0, len(whole)), *((index, index + 1) for index in find_nearby(whole, about.wanted))):
        if first < end and whole[first] + by >= earliest:
            at = " at each" if end - first > 1 else f" at update {whole[first]}"
            moved = (*whole[:first], *(update + by for update in whole[first:end]), *whole[end:])
            yield (s.model_copy(update={field: moved}),
                   f"where {{that}} {does}{at}, {{this}} {does} one update {word}")


mistake("milestone one early", "counting",
        "the count is 1 at the first update and is compared with >=: each drop comes one update early; count from 0",
        read=_READ)(partial(_moved, -1))
mistake("milestone one late", "counting",
        "step <= boundary keeps the old rate, as in Keras: each drop comes one update late; compare with <, or "
        "subtract 1 from each boundary",
        f"{KERAS}/piecewise_constant_decay/", read=_READ)(partial(_moved, 1))


@mistake("value one late", "counting",
         "step <= boundary keeps the old rate, as in Keras: each value comes one update late; compare with <, or "
         "subtract 1 from each boundary",
         f"{KERAS}/piecewise_constant_decay/", read=_READ)
def _value_late(s: Piecewise, about: About) -> Changed:
    yield (s.model_copy(update={"boundaries": tuple(boundary + 1 for boundary in s.boundaries)}),
           "where {that} changes to its next value, {this} changes one update after")
