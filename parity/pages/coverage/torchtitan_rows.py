"""torchtitan: torchtitan.components.lr_scheduler, on an optimizer with lr=0.4, in a training of 40 updates."""

from __future__ import annotations

from functools import partial

from frameworks.schedule import Schedule, Shift, Warmup
from parity.pages.coverage.reference import TOTAL
from parity.pages.coverage.row import (
    LR,
    Library,
    Row,
    build_annealing,
    build_constant,
    build_half_cosine,
    build_line,
    join,
)

_Row = partial(Row, until=TOTAL)


def _write(fields: str) -> str:
    return f"build_lr_schedulers(optimizers, LRScheduler(warmup_steps=5{fields}), {TOTAL})"


def _warm(*parts: Schedule, held: int) -> Schedule:
    return Shift(by=1, of=Warmup(updates=5, then=join([held], build_constant(LR), *parts)))


LIBRARY = Library(
    name="torchtitan", title="torchtitan", how=f"stepped after every update of a training of {TOTAL}",
    source="https://github.com/pytorch/torchtitan/blob/main/torchtitan/components/lr_scheduler.py", rows=(
    _Row(_write(""), _warm(build_line(LR, 0.0, 35), held=1), note="the first update has 1/5 of the rate, not 0"),
    _Row(_write(", decay_ratio=0.5, min_lr_factor=0.1"), _warm(build_line(LR, 0.04, 20), held=16)),
    _Row(_write(", decay_ratio=0.5, decay_type='cosine'"), _warm(build_half_cosine(LR, 0.0, 20), held=16)),
    _Row(_write(", decay_ratio=0.5, decay_type='sqrt'"),
         _warm(build_annealing(LR, 0.0, 20, elapsed_power=0.5), held=16))))
