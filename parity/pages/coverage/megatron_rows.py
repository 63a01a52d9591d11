"""Megatron: megatron.core.optimizer_param_scheduler, with one sample in an update."""

from __future__ import annotations

from frameworks.schedule import InverseSquareRoot, Sum, Warmup
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

_CALL = "OptimizerParamScheduler(optimizer, 0.0, 0.4, {low}, 10, 30, {style!r}, 0.0, 0.0, 30, 'constant'{wsd})"


def _write(style: str, low: float = 0.04, wsd: str = "") -> str:
    return _CALL.format(style=style, low=low, wsd=f", wsd_decay_steps=8, lr_wsd_decay_style={wsd!r}" if wsd else "")


LIBRARY = Library(
    name="megatron", title="Megatron-LM", how="stepped by the samples of every update",
    source="https://github.com/NVIDIA/Megatron-LM/blob/main/megatron/core/optimizer_param_scheduler.py", rows=(
    Row(_write("constant"), Warmup(updates=10, then=build_constant(LR))),
    Row(_write("linear"), Warmup(updates=10, then=build_line(LR, 0.04, 20)), note="the decay includes the warm-up"),
    Row(_write("cosine"), Warmup(updates=10, then=build_half_cosine(LR, 0.04, 20))),
    Row(_write("inverse-square-root"),
        join([31], Warmup(updates=10, then=InverseSquareRoot(base_lr=LR, timescale=10.0)), build_constant(0.04)),
        note="jumps to min_lr after the decay"),
    Row(_write("WSD", wsd="linear"), Warmup(updates=10, then=join([12], build_constant(LR), build_line(LR, 0.04, 8)))),
    Row(_write("WSD", wsd="cosine"),
        Warmup(updates=10, then=join([12], build_constant(LR), build_half_cosine(LR, 0.04, 8)))),
    Row(_write("WSD", wsd="minus_sqrt"),
        Warmup(updates=10, then=join([12], build_constant(LR), build_annealing(LR, 0.04, 8, elapsed_power=0.5)))),
    Row(_write("WSD", low=0.25, wsd="exponential"),
        Warmup(updates=10, then=join([12], build_constant(LR), Sum(of=[
            build_constant(0.5 - LR), build_annealing(0.3, 0.15, 8, "exponential")]))),
        note="only if min_lr is at least half of the rate"),
    Row(_write("WSD", wsd="exponential"), refused="an exponential minus a constant")))
