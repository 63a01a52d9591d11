"""Defines mistakes with built-in classes that apply other rates, and with one parameter of an optimizer.

Each function imports only its own framework.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity.mistakes.record import GITHUB, KERAS, TORCH, Mistake

D2L = "https://d2l.ai/chapter_optimization/lr-scheduler.html"


def _declare(name: str, effect: str, case: str, at: int, link: str = "") -> Mistake:
    return Mistake(name, "native", effect, link, where=case, at=at)


#: By framework; in the order of the build functions below.
NATIVE: dict[str, tuple[Mistake, ...]] = {
    "mxnet": (
        _declare("CosineScheduler asked for 1 first",
                 "a Trainer raises its count before it reads the rate: the first update gets lr(1); subtract 1 from "
                 "num_update",
                 "cosine", 0, D2L),
        _declare("MultiFactorScheduler plotted first",
                 "the scheduler cannot go back: after a plot, the training begins at the last plotted rate; build a "
                 "new one",
                 "multi_factor", 0, D2L),
        _declare("CosineScheduler first asked past its end",
                 "a new scheduler whose first call is past its end returns base_lr, not final_lr; restore the saved "
                 "scheduler",
                 "shift_past_the_end_of_cosine", 0)),
    "torch": (
        _declare("CosineAnnealingLR climbs again",
                 "the cosine is periodic: after T_max the rate increases again; follow it with a constant rate",
                 "cosine", 21, f"{GITHUB}/pytorch/pytorch/issues/40971"),
        _declare("LinearLR cannot start at 0",
                 "start_factor must be above 0: a warm-up from 0 begins at a higher rate; use LambdaLR",
                 "warmup_cosine", 0, f"{TORCH}.LinearLR.html")),
    "tensorflow": (
        _declare("CosineDecay in float32",
                 "a Keras class that gets Python numbers computes in float32: many rates are a few ULP off",
                 "cosine", 2, f"{KERAS}/cosine_decay/"),
        _declare("PiecewiseConstantDecay at the milestone",
                 "step <= boundary keeps the old rate: each drop comes one update late; subtract 1 from each boundary",
                 "multi_factor", 15, f"{KERAS}/piecewise_constant_decay/")),
}
UNFAIR = Mistake("first parameter different", "optimizer",
                 "the optimizer applies a rate that is 1 ULP higher to its first parameter; apply one rate to all",
                 where="cosine", at=0)


def list_built_in_mistakes(framework: str) -> dict[str, tuple[str, Callable]]:
    """Return, by id, the case that shows the mistake and the build function."""
    builds = {"mxnet": _list_mxnet_builds, "torch": _list_torch_builds,
              "tensorflow": _list_tensorflow_builds}[framework]()
    return {mistake.id: (mistake.where, build) for mistake, build in zip(NATIVE[framework], builds, strict=True)}


def _list_mxnet_builds() -> tuple[Callable, ...]:
    from mxnet.lr_scheduler import CosineScheduler, MultiFactorScheduler

    def build_and_plot(schedule: Any) -> Any:
        scheduler = MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)
        for t in range(30):
            scheduler(t)
        return scheduler

    class Resumed(CosineScheduler):
        def __call__(self, num_update: int) -> float:
            return super().__call__(num_update + 29)

    return (lambda schedule: CosineScheduler(20, base_lr=0.3, final_lr=0.01), build_and_plot,
            lambda schedule: Resumed(20, base_lr=0.3, final_lr=0.01))


def _list_torch_builds() -> tuple[Callable, ...]:
    from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

    def build_cosine(schedule: Any, optimizer: Any) -> Any:
        optimizer.param_groups[0]["lr"] = 0.3
        return CosineAnnealingLR(optimizer, 20, 0.01)

    def build_warmup(schedule: Any, optimizer: Any) -> Any:
        optimizer.param_groups[0]["lr"] = 0.3
        return SequentialLR(
            optimizer, [LinearLR(optimizer, 1e-8, total_iters=5), CosineAnnealingLR(optimizer, 15, 0.01)], [5])

    return build_cosine, build_warmup


def _list_tensorflow_builds() -> tuple[Callable, ...]:
    from keras.optimizers.schedules import CosineDecay, PiecewiseConstantDecay

    return (lambda schedule: CosineDecay(0.3, 20, alpha=0.01 / 0.3),
            lambda schedule: PiecewiseConstantDecay([15, 30], [0.5, 0.25, 0.125]))


def build_unfair_optimizer(framework: str) -> Any:
    """Return an SGD whose first parameter gets a rate 1 ULP higher, in the form that `observe` accepts."""
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

    class FirstVariableDifferent(keras.optimizers.SGD):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            first = self._get_variable_index(variable) == 0
            super().update_step(gradient, variable, learning_rate * more if first else learning_rate)

    return FirstVariableDifferent
