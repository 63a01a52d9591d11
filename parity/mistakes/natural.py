"""Wrong in a framework's own words: natural spellings that miss, and an optimizer unfair to one parameter.

Every function imports only the framework it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Where each is described.
LINKS = {
    "CosineScheduler_asked_for_1_first": "https://d2l.ai/chapter_optimization/lr-scheduler.html",
    "MultiFactorScheduler_plotted_first": "https://d2l.ai/chapter_optimization/lr-scheduler.html",
    "CosineScheduler_first_asked_past_its_end": "",
    "CosineAnnealingLR_climbs_again": "https://github.com/pytorch/pytorch/issues/40971",
    "LinearLR_cannot_start_at_0": "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html",
    "CosineDecay_in_float32": "https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay/",
    "PiecewiseConstantDecay_at_the_milestone":
        "https://keras.io/api/optimizers/learning_rate_schedules/piecewise_constant_decay/",
}
#: Per framework: the natural spelling, the case it misses, and the first update where it shows.
SHOWS_AT = {
    "mxnet": {"CosineScheduler_asked_for_1_first": ("cosine", 0),
              "MultiFactorScheduler_plotted_first": ("multi_factor", 0),
              "CosineScheduler_first_asked_past_its_end": ("shift_past_the_end_of_cosine", 0)},
    "torch": {"CosineAnnealingLR_climbs_again": ("cosine", 21),
              "LinearLR_cannot_start_at_0": ("warmup_cosine", 0)},
    "tensorflow": {"CosineDecay_in_float32": ("cosine", 2),
                   "PiecewiseConstantDecay_at_the_milestone": ("multi_factor", 15)},
}


def natural_spellings(framework: str) -> dict[str, tuple[str, Callable]]:
    """Return, by name, the case that catches it and the build function."""
    builds = {"mxnet": _mxnet, "torch": _torch, "tensorflow": _tensorflow}[framework]()
    return {name: (case, build) for (name, (case, _)), build in zip(SHOWS_AT[framework].items(), builds, strict=True)}


def _mxnet() -> tuple[Callable, ...]:
    from mxnet.lr_scheduler import CosineScheduler, MultiFactorScheduler

    def plotted(schedule: Any) -> Any:
        scheduler = MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)
        for t in range(30):
            scheduler(t)
        return scheduler

    class Resumed(CosineScheduler):
        def __call__(self, num_update: int) -> float:
            return super().__call__(num_update + 29)

    return (lambda schedule: CosineScheduler(20, base_lr=0.3, final_lr=0.01), plotted,
            lambda schedule: Resumed(20, base_lr=0.3, final_lr=0.01))


def _torch() -> tuple[Callable, ...]:
    from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

    def climbing(schedule: Any, optimizer: Any) -> Any:
        optimizer.param_groups[0]["lr"] = 0.3
        return CosineAnnealingLR(optimizer, 20, 0.01)

    def warm(schedule: Any, optimizer: Any) -> Any:
        optimizer.param_groups[0]["lr"] = 0.3
        return SequentialLR(
            optimizer, [LinearLR(optimizer, 1e-8, total_iters=5), CosineAnnealingLR(optimizer, 15, 0.01)], [5])

    return climbing, warm


def _tensorflow() -> tuple[Callable, ...]:
    from keras.optimizers.schedules import CosineDecay, PiecewiseConstantDecay

    return (lambda schedule: CosineDecay(0.3, 20, alpha=0.01 / 0.3),
            lambda schedule: PiecewiseConstantDecay([15, 30], [0.5, 0.25, 0.125]))


def first_parameter_different(framework: str) -> Any:
    """Return an SGD that gives its first parameter 1 ULP more, in the form that `observe` takes an optimizer."""
    more = 1 + 2.0**-23
    if framework == "mxnet":
        import mxnet

        class FirstParameterDifferent(mxnet.optimizer.SGD):
            def _get_lrs(self, indices: list[int]) -> list[float]:
                return [rate * more if index == 0 else rate for index, rate in zip(indices, super()._get_lrs(indices))]

        mxnet.optimizer.register(FirstParameterDifferent)
        return "firstparameterdifferent"
    if framework == "torch":
        import torch

        def optimizer(parameters: list, lr: float) -> Any:
            sgd = torch.optim.SGD(parameters, lr=lr)
            sgd.register_step_post_hook(lambda *_: parameters[0].data.mul_(more))
            return sgd

        return optimizer
    import keras

    class FirstParameterDifferent(keras.optimizers.SGD):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            first = self._get_variable_index(variable) == 0
            super().update_step(gradient, variable, learning_rate * more if first else learning_rate)

    return FirstParameterDifferent
