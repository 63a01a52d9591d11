"""Which mistakes each case is there to find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from frameworks.schedule import lrs
from frameworks.schedule.union import ADAPTER
from parity.cases import Case

GITHUB = "https://github.com"
KERAS = "https://keras.io/api/optimizers/learning_rate_schedules"
D2L = "https://d2l.ai/chapter_optimization/lr-scheduler.html"

#: By name: the kind of mistake, what it does, and where it happened or is described ("": nowhere yet).
FLAGS = {
    "default_rate": ("state", "The optimizer applies its own default rate, not the schedule's.",
                     f"{GITHUB}/apache/mxnet/pull/16487"),
    "counted_from_1": ("counting", "The first update gets lr(1): every rate comes one update early.",
                       f"{GITHUB}/facebookresearch/maskrcnn-benchmark/pull/740"),
    "milestone_compared_otherwise": ("counting", "`<=` for `<`: a rate drops one update late, or early.",
                                     f"{KERAS}/piecewise_constant_decay/"),
    "climbs_again": ("past the end", "After its end the rate is not held but rises again, or becomes nan.",
                     f"{GITHUB}/pytorch/pytorch/issues/40971"),
    "floor_missing": ("past the end", "The rate falls below its floor.", f"{KERAS}/exponential_decay/"),
    "warmup_from_1": ("counting", "The warm-up uses (t + 1) / updates, or never reaches its peak.",
                      f"{GITHUB}/meta-pytorch/torchtune/issues/2010"),
    "clock_restarts": ("clock", "What follows a warm-up counts from its end where it should count from 0.",
                       f"{GITHUB}/ildoonet/pytorch-gradual-warmup-lr/pull/11"),
    "clock_kept": ("clock", "What follows another schedule counts from 0, not from its own start.", ""),
    "clock_per_update": ("clock", "A schedule of epochs runs through in as many updates.",
                         "https://docs.pytorch.org/docs/stable/optim.html"),
    "remainder_by_reciprocal": ("precision", "t / n as t * (1 / n): floor(49 * (1 / 49)) is 0, a group late.", ""),
    "computed_in_float32": ("precision", "Computed in float32: many rates are some ULP off.", f"{KERAS}/cosine_decay/"),
    "drifts_by_multiplication": ("precision", "Multiplied step by step: the error grows with every drop.", ""),
    "rounded_twice": ("precision", "A factor applied to a rate that was rounded before: 1 ULP off.", ""),
    "unclamped": ("range", "A limit is applied to the inner rate's own range, or not at all.", ""),
    "division_by_zero": ("range", "A length of 1 leaves nothing to divide by: nan, inf or an error.", ""),
    "round_too_long": ("counting", "A round of n + 1 updates: the last rate of a round is applied, and then the first.",
                       f"{GITHUB}/tracel-ai/burn/pull/5191"),
    "round_by_logarithm": ("counting", "The round is found by a logarithm: a restart comes one update late.",
                           f"{GITHUB}/pytorch/pytorch/pull/110497"),
    "round_by_reciprocal": ("counting", "ceil(t / T) by the inverse of T: one too many at some multiples of T.", ""),
    "does_not_sink": ("range", "Every round is as high as the first.", ""),
    "power_of_negative": ("range", "1 - t / updates falls below 0: nan for powers that are no whole numbers.", ""),
    "rate_zero": ("range", "A rate of 0 taken for 'not given'.", ""),
    "other_bound": ("range", "The largest of several rates for the smallest, or the other way round.", ""),
    "member_missing": ("range", "Of several schedules only the first counts, or the last that wrote its rate.",
                       f"{GITHUB}/pytorch/pytorch/pull/63457"),
    "compounds": ("state", "A factor multiplies the rate of the update before, for that of the first: it counts again.",
                  "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html"),
    "only_falls": ("range", "A final rate above the first is refused, or taken for a share.", ""),
    "counter_of_31_bits": ("counting", "A count of 31 bits starts again at 2^31, and the first rates come back.",
                        f"{GITHUB}/tensorflow/tensorflow/issues/2859"),
    "peak_one_late": ("counting", "A peak at a share of n updates for one of n - 1, or an end at n for n - 1.", ""),
    "decay_at_the_end": ("clock", "A decay begins where it should end, or one update before it should.", ""),
    "first_is_0": ("counting", "A formula in which the first update is 1 is asked for 0, or the other way round.", ""),
    "taken_for_a_line": ("range", "A curve that a framework does not have becomes a line without a word.", ""),
    "book": ("reference", "What the optimizer of a tab of Dive into Deep Learning really gets.", D2L),
}

_OF_KIND = {
    "constant": ("default_rate",),
    "inverse_square_root": ("counted_from_1", "computed_in_float32"),
    "inverse_time": ("counted_from_1", "computed_in_float32"),
    "factor": ("counted_from_1", "drifts_by_multiplication"),
    "exponential": ("counted_from_1", "drifts_by_multiplication", "computed_in_float32"),
    "multi_factor": ("milestone_compared_otherwise",),
    "polynomial": ("counted_from_1", "climbs_again", "computed_in_float32"),
    "cosine": ("counted_from_1", "climbs_again", "computed_in_float32"),
    "cosine_restarts": ("remainder_by_reciprocal", "round_too_long", "computed_in_float32"),
    "annealing": ("counted_from_1", "climbs_again", "computed_in_float32", "power_of_negative"),
    "power_law": ("counted_from_1", "computed_in_float32"),
    "polynomial_cycle": ("counted_from_1", "climbs_again", "round_by_reciprocal", "computed_in_float32"),
    "warmup": ("warmup_from_1",),
    "shift": ("counted_from_1",),
    "hold": ("remainder_by_reciprocal",),
    "repeat": ("remainder_by_reciprocal", "round_too_long"),
    "sequence": ("clock_kept",),
    "scale": ("rounded_twice",),
    "clamp": ("unclamped",),
    "sum": ("member_missing",),
    "product": ("member_missing", "compounds"),
    "minimum": ("other_bound",),
    "maximum": ("other_bound",),
    "linear": ("counted_from_1", "climbs_again"),
    "piecewise": ("milestone_compared_otherwise",),
    "interpolated": ("clock_kept", "taken_for_a_line"),
    "noam": ("first_is_0",),
    "delay": ("counted_from_1",),
    "override": ("clock_kept", "clock_restarts"),
    "one_cycle": ("peak_one_late", "climbs_again", "computed_in_float32"),
    "wsd": ("decay_at_the_end", "warmup_from_1", "climbs_again"),
    "cyclic": ("remainder_by_reciprocal", "round_too_long"),
}
#: Mistakes that are tried: kinds, and a field of theirs with the value that the mistake gives it.
_TRIED = {"floor_missing": ("factor", "min_lr", 0.0), "clock_per_update": ("hold", "updates", 1),
          "does_not_sink": ("repeat cosine_restarts", "decay", 1.0)}
_OF_EDGE = {
    "rate_zero": "rate_zero", "cosine_upwards": "only_falls", "warmup_downwards": "only_falls",
    "warmup_of_one": "division_by_zero", "polynomial_of_one": "division_by_zero", "cosine_of_one": "division_by_zero",
    "polynomial_by_the_root": "power_of_negative", "warmup_polynomial": "power_of_negative",
    "factor_of_49": "remainder_by_reciprocal",
}


def flags(name: str, case: Case) -> list[str]:
    """Return the names of the flags of a case, in the order of FLAGS."""
    found = {"counter_of_31_bits"} if case.schedule.horizon > 100 else set()
    if name.startswith("book_"):
        found.add("book")
    if name in _OF_EDGE:
        found.add(_OF_EDGE[name])
    for part in _parts(case.schedule.model_dump(mode="json")):
        found.update(_OF_KIND[part["kind"]])
        if part.get("growth", 1) > 1:
            found.add("round_by_logarithm")
        if part["kind"] == "warmup":
            found.add({"keep": "clock_restarts", "restart": "clock_kept"}[part["clock"]])
            found |= set() if part["mode"] in ("linear", "constant") else {"taken_for_a_line"}
    found |= {flag for flag, change in _TRIED.items() if _shows(case, change)}
    return [flag for flag in FLAGS if flag in found]


def _shows(case: Case, change: tuple[str, str, Any]) -> bool:
    """Whether a mistake, one field of every part of some kinds, changes a rate."""
    kinds, field, value = change
    schedule = case.schedule.model_dump(mode="json")
    for part in _parts(schedule):
        if part["kind"] in kinds.split():
            part[field] = value
    wrong = ADAPTER.validate_python(schedule)
    return bool((lrs(wrong, case.updates) != lrs(case.schedule, case.updates)).any())


def _parts(schedule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schedule
    for value in schedule.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from _parts(inner)
