"""Halves the rate at 15 with each framework's classes, and measures which update first has the lower rate."""

from __future__ import annotations

from frameworks.schedule import MultiFactor
from parity.pages.guide.measured import Run

#: The schedule that all of these constructors seem to describe.
HALVED = MultiFactor(base_lr=0.5, factor=0.5, milestones=[15])

OPTAX_HALVED = "import optax\n\noptimizer = optax.sgd(optax.piecewise_constant_schedule(0.5, {15: 0.5}))\n"

_MXNET = "from mxnet.lr_scheduler import FactorScheduler, MultiFactorScheduler\n\nlr_scheduler = {0}\n"
_TORCH = ("import torch\nfrom torch.optim.lr_scheduler import LambdaLR, MultiStepLR, StepLR\n\n"
          "optimizer = torch.optim.SGD(model.parameters(), lr=0.5)\nscheduler = {0}\n")
_KERAS = ("import keras\nfrom keras.optimizers.schedules import ExponentialDecay, PiecewiseConstantDecay\n\n"
          "learning_rate = {0}\n")

#: By framework: the module's text, and the constructors that are put into it.
WRITTEN = {
    "mxnet": (_MXNET, ("MultiFactorScheduler([15], 0.5, base_lr=0.5)", "FactorScheduler(15, 0.5, base_lr=0.5)")),
    "torch": (_TORCH, ("MultiStepLR(optimizer, [15], 0.5)", "StepLR(optimizer, 15, 0.5)",
                       "LambdaLR(optimizer, lambda t: 0.5 if t > 15 else 1.0)")),
    "tensorflow": (_KERAS, ("PiecewiseConstantDecay([15], [0.5, 0.25])",
                            "ExponentialDecay(0.5, 15, 0.5, staircase=True)")),
}


def list_runs() -> dict[tuple[str, str], Run]:
    """Return the codes to run, by framework and constructor."""
    return {(framework, constructor): Run(framework, HALVED, module.format(constructor))
            for framework, (module, constructors) in WRITTEN.items() for constructor in constructors}
