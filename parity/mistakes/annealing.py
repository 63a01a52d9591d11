"""Mistakes that are made with curves between two rates, and with powers of time."""

from __future__ import annotations

from frameworks.schedule import Constant, Sequence, Shift

#: By name, what mistakes.schedules.Broken has: the case, where it shows, what it imitates, the link, what it changes.
ANNEALING_MISTAKES = {
    "k_decay_of_what_is_left": (
        "annealing_k_decay", 1, "(1 - t / T)^k for 1 - (t / T)^k", "https://arxiv.org/abs/2004.05909",
        lambda s: s.model_copy(update={"power": s.elapsed_power, "elapsed_power": 1.0})),
    "k_decay_without_k": (
        "annealing_k_decay", 1, "a power that is read and not applied", "",
        lambda s: s.model_copy(update={"elapsed_power": 1.0})),
    "rounded_to_whole_updates": (
        "annealing_between_two_updates", 1, "a phase of 6.5 updates that is counted as 6", "",
        lambda s: s.model_copy(update={"parts": tuple(
            part.model_copy(update={"updates": float(int(part.updates))}) for part in s.parts)})),
    "phase_from_its_first_update": (
        "annealing_between_two_updates", 7, "a phase that began between two updates, begun at the second", "",
        lambda s: s.model_copy(update={"parts": tuple(part.model_copy(update={"elapsed": 0.0}) for part in s.parts)})),
    "power_law_without_offset": (
        "power_law", 1, "a clock that starts at the timescale, and so at the first power of what it should be", "",
        lambda s: Sequence(parts=[Constant(base_lr=s.base_lr), Shift(by=1, of=s.model_copy(
            update={"timescale": 1.0}))], boundaries=[1])),
    "rises_past_its_end": (
        "exponential_upwards", 63, "a rate that rises and is not kept below its highest", "",
        lambda s: s.model_copy(update={"max_lr": 2 * s.max_lr})),
}
