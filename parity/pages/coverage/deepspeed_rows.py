"""DeepSpeed: deepspeed.runtime.lr_schedules, on an optimizer with lr=0.4, stepped after every update by the engine."""

from __future__ import annotations

import math

from frameworks.schedule import Delay, InverseTime, Shift, Warmup
from parity.pages.coverage.reference import TOTAL
from parity.pages.coverage.row import LR, Library, Row, build_constant, build_half_cosine, build_line, join

#: The logarithmic warm-up of 8 updates.
_LOGARITHM = [build_constant(LR * math.log(update) / math.log(8)) for update in range(1, 9)]

LIBRARY = Library(
    name="deepspeed", title="DeepSpeed", how="stepped after every update, as the engine does",
    source="https://deepspeed.readthedocs.io/en/latest/schedulers.html", rows=(
    Row("WarmupLR(optimizer, 0.01, 0.4, 10, 'linear')",
        Delay(by=1, of=Warmup(updates=10, begin_lr=0.01, then=build_constant(LR))),
        note="all rates are one update late: the first two are the same"),
    Row("WarmupLR(optimizer, 0.0, 0.4, 8)", join([1] * 9, build_constant(0.0), *_LOGARITHM, build_constant(LR)),
        note="the default warm-up is a logarithm, here as one rate after another"),
    Row("WarmupDecayLR(optimizer, 30, 0.01, 0.4, 10, 'linear')",
        Delay(by=1, of=Warmup(updates=10, begin_lr=0.01, then=build_line(LR, 0.01, 20))),
        note="decays to warmup_min_lr, not to 0"),
    Row("WarmupCosineLR(optimizer, 30, 0.1, 10, 0.01, 'linear')",
        join([1], build_constant(0.0), Warmup(updates=10, begin_lr=LR / 10, peak_lr=LR,
                                      then=Shift(by=1, of=build_half_cosine(LR, LR / 100, 20)))),
        note="the first rate is 0, not warmup_min_ratio"),
    Row("OneCycle(optimizer, 0.1, 0.4, decay_lr_rate=0.5, cycle_first_step_size=10, cycle_second_step_size=8, "
        "decay_step_size=4)",
        join([10, 8], build_line(0.1, LR, 10), build_line(LR, 0.1, 8), InverseTime(base_lr=0.1, timescale=8.0))),
    Row("LRRangeTest(optimizer, 0.01, 10, 0.5)",
        Warmup(updates=1000, begin_lr=0.01, then=build_constant(0.01 * 51)), until=TOTAL,
        note="increases without end"),))
