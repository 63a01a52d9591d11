"""Hugging Face transformers: transformers.optimization, on an optimizer with lr=0.4."""

from __future__ import annotations

from frameworks.schedule import InverseSquareRoot, Polynomial, Repeat, Schedule, Sequence, Shift, Warmup
from parity.pages.coverage.metric_driven import build_plateau
from parity.pages.coverage.row import (
    LR,
    Library,
    Row,
    build_annealing,
    build_constant,
    build_half_cosine,
    build_half_cosines,
    build_line,
    join,
)


def _warm(then: Schedule, begin_lr: float = 0.0) -> Warmup:
    return Warmup(updates=5, then=then, begin_lr=begin_lr)


def _waves(low: float) -> Repeat:
    """Return a cosine that decreases and increases again without end."""
    return Repeat(updates=40, of=join([20], build_half_cosine(LR, low, 20), build_half_cosine(low, LR, 20)))


#: Three cosines, each over a third of 20 updates.
_THIRDS = Sequence(boundaries=[7, 14], parts=[
    build_annealing(LR, 0, 20 / 3, "cosine", elapsed=part * 7 - part * 20 / 3) for part in range(3)])
_END = join([10], build_constant(LR), build_half_cosine(LR, 0, 10))

LIBRARY = Library(
    name="transformers", title="Hugging Face transformers", how="PyTorch's LambdaLR, stepped after every update",
    bases=("get_scheduler",), source="https://huggingface.co/docs/transformers/main_classes/optimizer_schedules", rows=(
    Row("get_constant_schedule(optimizer)", build_constant(LR)),
    Row("get_constant_schedule_with_warmup(optimizer, 5)", _warm(build_constant(LR))),
    Row("get_linear_schedule_with_warmup(optimizer, 5, 25)", _warm(build_line(LR, 0, 20))),
    Row("get_cosine_schedule_with_warmup(optimizer, 5, 25)", _warm(_waves(0)),
        note="increases again after num_training_steps"),
    Row("get_cosine_schedule_with_warmup(optimizer, 5, 25, num_cycles=1.5)",
        _warm(Repeat(updates=40, of=build_half_cosines([LR, 0, LR, 0, LR, 0, LR], 20 / 3))),
        note="repeats without end"),
    Row("get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, 5, 25, num_cycles=2)",
        _warm(join([20], Repeat(updates=10, of=build_half_cosine(LR, 0, 10)), build_constant(0)))),
    Row("get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, 5, 25, num_cycles=3)",
        _warm(join([20], _THIRDS, build_constant(0)))),
    Row("get_polynomial_decay_schedule_with_warmup(optimizer, 5, 25, lr_end=0.01, power=2.0)",
        _warm(Polynomial(base_lr=LR, final_lr=0.01, updates=20))),
    Row("get_inverse_sqrt_schedule(optimizer, 5)", _warm(InverseSquareRoot(base_lr=LR, timescale=5))),
    Row("get_inverse_sqrt_schedule(optimizer, 5, timescale=20)", _warm(InverseSquareRoot(base_lr=LR, timescale=20))),
    Row("get_cosine_with_min_lr_schedule_with_warmup(optimizer, 5, 25, min_lr=0.04)", _warm(_waves(0.04)),
        note="increases again after num_training_steps"),
    Row("get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, 5, 25, min_lr=0.04)",
        Shift(by=1, of=_warm(_waves(0.04))), note="one update early; increases again"),
    Row("get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, 5, 25, min_lr=0.04, warmup_lr_rate=0.25)",
        Warmup(updates=4, begin_lr=LR / 4, then=_waves(0.04))),
    Row("get_wsd_schedule(optimizer, 5, 10, num_stable_steps=10)", _warm(_END)),
    Row("get_wsd_schedule(optimizer, 5, 10, num_stable_steps=10, decay_type='linear', min_lr_ratio=0.1)",
        _warm(join([10], build_constant(LR), build_line(LR, LR / 10, 10)), begin_lr=LR / 10)),
    Row("get_wsd_schedule(optimizer, 5, 10, num_stable_steps=10, warmup_type='cosine')",
        join([5], build_half_cosine(0, LR, 5), _END)),
    Row("get_wsd_schedule(optimizer, 5, 10, num_stable_steps=10, warmup_type='1-sqrt')",
        join([5], Polynomial(base_lr=0, final_lr=LR, power=0.5, updates=5), _END)),
    Row("get_wsd_schedule(optimizer, 5, 10, num_stable_steps=10, decay_type='1-sqrt')",
        _warm(join([10], build_constant(LR), build_annealing(LR, 0, 10, elapsed_power=0.5)))),
    Row("get_reduce_on_plateau_schedule(optimizer)", build_plateau(least_change=1e-8)),
    Row("get_greedy_schedule(optimizer)", refused="another rule for a metric"),
    Row("GreedyLR(optimizer)", refused="another rule for a metric"),
    Row("get_adafactor_schedule(Adafactor(model.parameters()))", refused="depends on the weights"),
    Row("AdafactorSchedule(Adafactor(model.parameters()))", refused="depends on the weights"),
))
