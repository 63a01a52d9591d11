"""The mistakes that are known, and where to read about each."""

from __future__ import annotations

from dataclasses import dataclass

_README, _BROKEN, _PHASES = "README.md", "parity/mistakes/schedules.py", "frameworks/schedule/phases.py"
_ROUNDS = "parity/mistakes/rounds.py"

#: By name, the file and the words in it that say more. In the order in which they are told: the special ones first.
READ = {
    "milestone one early": (_README, "a milestone m lowers the rate of update t ="),
    "milestone one late": (_README, "a milestone m lowers the rate of update t ="),
    "warm-up from 1": (_BROKEN, "warmup_from_1"),
    "warm-up divided by one less": (_BROKEN, "warmup_divided_by_one_less"),
    "warm-up divided by one more": (_BROKEN, "warmup_divided_by_one_more"),
    "warm-up one update shorter": (_PHASES, "updates of warm-up"),
    "warm-up one update longer": (_PHASES, "updates of warm-up"),
    "warm-up missing": (_PHASES, "updates of warm-up"),
    "decay clock from 0": (_BROKEN, "decay_clock_from_0"),
    "decay clock from the end of the warm-up": (_BROKEN, "decay_clock_from_the_warmup"),
    "total horizon for the decay horizon": (_BROKEN, "horizon_is_the_total"),
    "decay horizon for the total horizon": (_BROKEN, "horizon_is_the_total"),
    "horizon one update shorter": (_BROKEN, "horizon_one_more"),
    "horizon one update longer": (_BROKEN, "horizon_one_more"),
    "periodic instead of held": (_README, "after the end of a cosine"),
    "held instead of periodic": (_BROKEN, "held_past_the_round"),
    "round one update shorter": (_BROKEN, "round_of_one_more"),
    "round one update longer": (_BROKEN, "round_of_one_more"),
    "rounds of other lengths": (_ROUNDS, "rounds_do_not_grow"),
    "rounds that do not sink": (_ROUNDS, "top_does_not_sink"),
    "another part of rounds sinks": (_ROUNDS, "peak_for_height"),
    "warm-up in the first round only": (_ROUNDS, "warmup_in_the_first_round_only"),
    "floor missing": (_BROKEN, "floor_missing"),
    "floor added": (_BROKEN, "floor_missing"),
    "per update for per epoch": (_BROKEN, "per_update_for_per_epoch"),
    "per epoch for per update": (_BROKEN, "per_update_for_per_epoch"),
    "epoch one update shorter": (_BROKEN, "epoch_without_its_last_batch"),
    "epoch one update longer": (_BROKEN, "epoch_without_its_last_batch"),
    "one update early": (_README, "the first update asks its scheduler for"),
    "one update late": (_README, "the first update asks its scheduler for"),
    "one epoch early": (_BROKEN, "one_epoch_late"),
    "one epoch late": (_BROKEN, "one_epoch_late"),
    "several updates early": (_README, "so `t` is"),
    "several updates late": (_README, "so `t` is"),
    "consumed by plotting": (_README, "a notebook's scheduler starts lower than plotted"),
    "base rate overwritten": (_README, "learning rate from ``lr_scheduler`` has been overwritten"),
    "float32 rounding": (_README, "it computes"),
}
ROUNDING = "float32 rounding"


@dataclass(frozen=True)
class Cause:
    """A mistake by name, and what happened, in a sentence about {this} side, which makes it, and {that}, which not."""

    name: str
    sentence: str

    @property
    def read(self) -> str:
        file, words = READ[self.name]
        return f"{file}, {words!r}"
