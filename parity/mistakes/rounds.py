"""The mistakes that people make with rounds: for parity/mistakes/schedules.py, as the fields of a Broken."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

from frameworks.schedule import Constant, Cosine, CosineRestarts, Repeat, Schedule, Sequence, Shift

GITHUB = "https://github.com"
#: Updates compared of the cases that are changed rate by rate.
MANY = 100


def _rate_by_rate(rates: list[float]) -> Sequence:
    return Sequence(parts=[Constant(base_lr=rate) for rate in rates], boundaries=list(range(1, len(rates))))


def _sunk_every_update(s: CosineRestarts) -> Sequence:
    above = [s.lr(t % s.updates) - s.final_lr for t in range(MANY)]
    return _rate_by_rate([s.final_lr + rise * s.decay**t for t, rise in enumerate(above)])


def _sunk_again(s: CosineRestarts) -> Sequence:
    """The decay of round i, applied to the top of round i - 1: d, d^3, d^6."""
    above = [s.lr(t % s.updates) - s.final_lr for t in range(MANY)]
    done = [t // s.updates for t in range(MANY)]
    return _rate_by_rate([s.final_lr + rise * s.decay ** (i * (i + 1) / 2) for i, rise in zip(done, above)])


def _arriving(s: CosineRestarts) -> Sequence:
    """Each round with its last rate applied, one update longer."""
    lengths = [s.updates * s.growth**i for i in range(6)]
    waves = [Cosine(base_lr=s.base_lr, final_lr=s.final_lr, updates=length) for length in lengths]
    return Sequence(parts=waves, boundaries=list(accumulate(length + 1 for length in lengths[:-1])))


def _after(s: CosineRestarts, **changes: Any) -> Sequence:
    """Other rounds from the second on."""
    return Sequence(parts=[s, Shift(by=s.updates, of=s.model_copy(update=changes))], boundaries=[s.updates])


#: By name: the case, the first update where it shows, what it imitates, where that happened, and the change.
BROKEN_ROUNDS: dict[str, tuple[str, int, str, str, Callable[[Any], Schedule]]] = {
    "restart_by_logarithm": (
        "restarts_growing_threefold", 121, "int(log(243, 3)) is 4: the fifth restart comes one update late",
        f"{GITHUB}/pytorch/pytorch/pull/110497",
        lambda s: Sequence(parts=[s, Constant(base_lr=s.final_lr), Shift(by=122, of=s)], boundaries=[121, 122])),
    "restart_one_late": (
        "restarts_growing", 5, "a round that arrives: its last rate is applied, and then the first", "", _arriving),
    "rounds_do_not_grow": (
        "restarts_growing", 6, "T_mult left out", "", lambda s: s.model_copy(update={"growth": 1})),
    "sunk_every_update": (
        "restarts_sinking", 1, "the decay of a round taken for that of an update", "", _sunk_every_update),
    "sunk_again": (
        "restarts_sinking", 20, "the decay of all rounds so far, applied to a top that has sunk already", "",
        _sunk_again),
    "peak_for_height": (
        "restarts_sinking", 10, "the decay of the peak, as in timm's cycle_decay, for that of the height above the end",
        f"{GITHUB}/huggingface/pytorch-image-models/blob/main/timm/scheduler/cosine_lr.py",
        lambda s: s.model_copy(update={"sinks": "peak"})),
    "top_does_not_sink": (
        "repeat_lower", 21, 'mode="triangular" for "triangular2"', "",
        lambda s: s.model_copy(update={"decay": 1.0})),
    "floor_of_rounds_missing": (
        "repeat_lower", 20, "all of a round is halved, not what is above its lowest rate", "",
        lambda s: Repeat(updates=s.updates, decay=s.decay, of=s.of)),
    "warmup_in_the_first_round_only": (
        "restarts_warm", 12, "a warm-up around the restarts for one in each of them", "",
        lambda s: _after(s, warmup=0)),
    "warmup_beside_the_round": (
        "restarts_warm", 6, "a round that begins when its warm-up is over, so that it lasts longer by that",
        "", lambda s: s.model_copy(update={"updates": s.updates + s.warmup})),
}
