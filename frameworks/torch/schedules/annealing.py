"""Computes annealing and power law in PyTorch."""

from __future__ import annotations

import math

from frameworks.schedule import Annealing, PowerLaw
from frameworks.torch.schedules.rule import Rule, rule


@rule.register
def annealing(schedule: Annealing) -> Rule:
    """Based on a phase of OneCycleLR, which may end between two updates. Differs: has two exponents, is then held.

    OneCycleLR's cosine is `end + (start - end) / 2 * (1 + cos(pi y))`. It loses digits where 1 + cos is nearly 0, and
    an exponent below 1 would enlarge this error.

    See https://github.com/pytorch/pytorch/blob/v2.14.1/torch/optim/lr_scheduler.py#L2285
    """
    base, final, length = schedule.base_lr, schedule.final_lr, schedule.updates

    def compute(t: int) -> float:
        passed = t + schedule.elapsed
        if passed / length == 0 or passed >= length:
            return base if passed < length else final
        y, left = passed / length, (length - passed) / length
        if schedule.elapsed_power != 1:
            bent = math.pow(y, schedule.elapsed_power)
            left = -math.expm1(_log_of_share(y, left) * schedule.elapsed_power)
            y = bent if bent < 0.5 else 1 - left
        if schedule.shape == "exponential":
            return base * math.pow(final / base, y) if y <= 0.5 else final * math.pow(base / final, left)
        if schedule.shape == "cosine":
            y, left = math.sin(y * math.pi / 2) ** 2, math.sin(left * math.pi / 2) ** 2
        if schedule.power != 1:
            log_left = _log_of_share(left, y) * schedule.power
            y, left = -math.expm1(log_left), math.exp(log_left)
        return final + (base - final) * left if final <= base else base + (final - base) * y

    return compute


@rule.register
def power_law(schedule: PowerLaw) -> Rule:
    """torch has none; it uses a LambdaLR, which multiplies the optimizer's initial rate."""
    return lambda t: schedule.base_lr * math.exp(-(schedule.power * math.log1p(t / schedule.timescale)))


def _log_of_share(share: float, rest: float) -> float:
    """Return log(share), where share + rest = 1."""
    return math.log(share) if share < rest else math.log1p(-rest)
