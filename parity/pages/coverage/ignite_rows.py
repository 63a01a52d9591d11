"""pytorch-ignite: ignite.handlers.param_scheduler, attached to Events.ITERATION_STARTED."""

from __future__ import annotations

from frameworks.schedule import CosineRestarts, Factor, Repeat, Warmup
from parity.pages.coverage.metric_driven import build_plateau
from parity.pages.coverage.row import LR, Library, Row, build_constant, build_half_cosine, build_line, join

_AGAIN = Repeat(updates=10, of=build_half_cosine(0.4, 0.01, 10))
_COSINE = "CosineAnnealingScheduler(optimizer, 'lr', 0.4, 0.01, cycle_size=10)"

LIBRARY = Library(
    name="ignite", title="PyTorch-Ignite", how="attached to `Events.ITERATION_STARTED`",
    bases=("BaseParamScheduler", "ParamScheduler", "CyclicalScheduler", "BatchSizeScheduler"),
    source="https://docs.pytorch.org/ignite/handlers.html#parameter-scheduler", rows=(
    Row("LinearCyclicalScheduler(optimizer, 'lr', 0.1, 0.5, cycle_size=16)",
        Repeat(updates=16, of=join([8], build_line(0.1, 0.5, 8), build_line(0.5, 0.1, 8)))),
    Row("LinearCyclicalScheduler(optimizer, 'lr', 0.4, 0.1, cycle_size=20, monotonic=True, warmup_duration=5)",
        Repeat(updates=25, of=join([20], build_line(0.4, 0.1, 20), build_line(0.1, 0.4, 5)))),
    Row("LinearCyclicalScheduler(optimizer, 'lr', 0.1, 0.5, cycle_size=15)",
        Repeat(updates=15, of=join([8], build_line(0.1, 0.9, 15), build_line(0.5 - 0.4 / 15, 0.1, 7))),
        note="the maximum is at 7.5, between two updates"),
    Row(_COSINE, _AGAIN),
    Row("CosineAnnealingScheduler(optimizer, 'lr', 0.4, 0.01, cycle_size=5, cycle_mult=2, start_value_mult=0.5)",
        CosineRestarts(base_lr=0.4, final_lr=0.01, updates=5, growth=2, decay=0.5, sinks="peak")),
    Row("PiecewiseLinear(optimizer, 'lr', [(5, 0.1), (10, 0.4), (20, 0.1)])",
        join([5, 5], build_constant(0.1), build_line(0.1, 0.4, 5), build_line(0.4, 0.1, 10))),
    Row(f"ConcatScheduler([LinearCyclicalScheduler(optimizer, 'lr', 0.0, 0.4, cycle_size=10), {_COSINE}], "
        "durations=[5])", Warmup(updates=5, then=_AGAIN)),
    Row(f"create_lr_scheduler_with_warmup({_COSINE}, 0.0, 5, 0.4)", Warmup(updates=4, then=_AGAIN),
        note="the warm-up is one update shorter than warmup_duration"),
    Row("LRScheduler(torch.optim.lr_scheduler.StepLR(optimizer, 5, 0.5))", Factor(base_lr=LR, factor=0.5, every=5),
        note="the rates of the wrapped PyTorch scheduler"),
    Row(f"ParamGroupScheduler([{_COSINE}])", _AGAIN, note="one specification for each group"),
    Row("ReduceLROnPlateauScheduler(optimizer, metric_name='loss')", build_plateau(least_change=1e-8)),
))
