"""Mistakes that are made with composed kinds, and with warm-ups that are curves, as in schedules.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frameworks.schedule import Cyclic, Schedule, Sequence, Shift, expanded

KERAS = "https://keras.io/api/optimizers/learning_rate_schedules"


def _with(**fields: Any) -> Callable[[Any], Schedule]:
    return lambda s: s.model_copy(update=fields)


def _sinking_whole(s: Cyclic) -> Schedule:
    return expanded(s).model_copy(update={"min_lr": 0.0})


#: By name, what mistakes.schedules.Broken has: the case, where it shows, what it imitates, the link, what it changes.
NAMED_MISTAKES: dict[str, tuple[str, int, str, str, Callable[[Any], Schedule]]] = {
    "line_of_one_less": (
        "linear", 1, "a linspace over the updates, both its ends included", "", _with(updates=29)),
    "value_one_late": (
        "piecewise", 10, "step <= boundary keeps the old rate, as Keras has it, for <",
        f"{KERAS}/piecewise_constant_decay/",
        lambda s: s.model_copy(update={"boundaries": tuple(one + 1 for one in s.boundaries)})),
    "lines_for_waves": ("interpolated_by_waves", 1, "points joined by lines, where waves are meant", "",
                        _with(mode="linear")),
    "noam_from_0_for_1": ("noam", 0, "a count from 0 for one from 1: a first rate of 0", "", _with(first=0)),
    "noam_from_1_for_0": ("noam_from_0", 0, "a count from 1 for one from 0", "", _with(first=1)),
    "delay_skips": ("delay", 0, "the schedule's own clock set forward, where it should wait", "",
                    lambda s: Shift(by=s.by, of=s.of)),
    "override_clock_restarts": (
        "override_clock_kept", 12, "a new schedule, counted from where it begins, for one counted from 0", "",
        _with(clock="restart")),
    "override_clock_kept_on": (
        "override", 12, "a new schedule at the old count, for one that begins with itself", "", _with(clock="keep")),
    "peak_one_late": (
        "one_cycle", 1, "a rise of pct_start * total_steps, for that minus 1", "", _with(rise=15.0)),
    "final_rate_one_late": (
        "one_cycle", 15, "a cycle that ends at total_steps, for the update before", "", _with(updates=50)),
    "decay_begins_at_the_end": (
        "wsd", 26, "a decay that begins where it should end", "", _with(stable=30)),
    "decay_counted_from_1": ("wsd", 25, "the first update of the decay already below the stable rate", "",
                             _with(decay_from=1)),
    "root_for_one_minus_root": (
        "wsd_one_minus_sqrt", 26, "sqrt(1 - y) for 1 - sqrt(y)", "",
        lambda s: Sequence(parts=[*expanded(s).parts[:1], expanded(s).parts[1].model_copy(
            update={"power": 0.5, "elapsed_power": 1.0})], boundaries=[25])),
    "lower_rate_halved_too": (
        "cyclic_triangular2", 14, "a cycle halved with what it stands on", "", _sinking_whole),
    "triangular_for_triangular2": (
        "cyclic_triangular2", 15, "cycles that stay as high", "", _with(mode="triangular")),
    "line_for_a_wave": (
        "warmup_cosine_mode", 1, "a mode that the framework does not have, taken for a line", "", _with(mode="linear")),
    "line_for_an_exponential": (
        "warmup_exponential", 1, "a mode that the framework does not have, taken for a line", "",
        _with(mode="linear")),
    "line_for_a_power": (
        "warmup_polynomial_mode", 1, "a power that is left out", "", _with(power=1.0)),
}
