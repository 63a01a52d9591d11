"""Parameter groups that every framework is held to, on the probe's network: body.weight, body.bias, head.weight.

The patterns match what each framework calls them: body.bias, body_bias, probe/body/bias.
"""

from __future__ import annotations

from typing import Any

from frameworks.schedule import Constant, Cosine, Factor, Polynomial, Schedule, Sequence, Warmup
from frameworks.schedule.groups import Group, ParameterGroups

#: The probe's parameters, as PyTorch calls them, in the order in which they are measured.
PARAMETERS = ("body.weight", "body.bias", "head.weight")
#: So many updates of each case.
UPDATES = 24
#: After so many the measurement is saved, and goes on in a network and an optimizer built anew.
RESUMED_AT = 11

BIAS, HEAD = ["*bias"], ["*head*"]
COSINE = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
WARMUP = Warmup(updates=5, then=COSINE)


def _case(schedule: Schedule, *, bias: dict[str, Any] | None = None, head: dict[str, Any] | None = None,
          **for_all: Schedule) -> ParameterGroups:
    groups = [Group(name=name, match=match, **given)
              for name, match, given in (("bias", BIAS, bias), ("head", HEAD, head)) if given is not None]
    return ParameterGroups(schedule=schedule, groups=groups, **for_all)


def _line(first: float, last: float, updates: int = UPDATES) -> Polynomial:
    return Polynomial(base_lr=first, final_lr=last, power=1, updates=updates)


CASES = {
    "no_groups": _case(WARMUP, momentum=Constant(base_lr=0.9), weight_decay=Constant(base_lr=1e-4)),
    "multipliers": _case(WARMUP, bias={"lr_mult": 0.1}, head={"lr_mult": 1 / 3}),
    "multiplied_by_zero": _case(COSINE, bias={"lr_mult": 0.0}, head={"lr_mult": 10.0}),
    "own_schedules": _case(WARMUP, bias={"schedule": _line(0.7, 0.1, 13)},
                           head={"schedule": Factor(base_lr=0.9, factor=0.7, every=3)}),
    "first_match_wins": ParameterGroups(schedule=Constant(base_lr=9.0), groups=[
        Group(name="body", match=["*body*"], schedule=COSINE),
        Group(name="others", match=["*bias", "*"], lr_mult=0.1)]),
    "no_decay_of_biases": _case(
        WARMUP, momentum=Constant(base_lr=0.9), weight_decay=Constant(base_lr=5e-4),
        bias={"weight_decay": Constant(base_lr=0.0)}, head={"lr_mult": 10.0}),
    # rates of 1: minus the second weight is the second momentum itself
    "momenta": _case(
        Constant(base_lr=1.0), momentum=Warmup(updates=10, begin_lr=0.5, then=Constant(base_lr=0.95)),
        bias={"momentum": Cosine(base_lr=0.95, final_lr=0.85, updates=UPDATES)}, head={"momentum": _line(0.1, 0.9)}),
    "momenta_from_zero": _case(
        Constant(base_lr=1.0), momentum=Warmup(updates=10, then=Constant(base_lr=0.95)),
        head={"momentum": Constant(base_lr=0.0)}),
    "momenta_through_zero": _case(
        Constant(base_lr=1.0),
        momentum=Sequence(parts=[Constant(base_lr=m) for m in (0.5, 0.0, 0.75)], boundaries=[7, 9])),
    "momenta_below_1e-4": _case(Constant(base_lr=1.0), momentum=_line(1e-4, 1e-5)),
    # rates of 4 and 8: 1 minus what is left of a weight of 1 is rate times decay, without rounding
    "decays": _case(
        Constant(base_lr=4.0), weight_decay=Cosine(base_lr=0.24, final_lr=0.13, updates=UPDATES),
        bias={"weight_decay": _line(0.13, 0.24)}, head={"lr_mult": 2.0, "weight_decay": _line(0.12, 0.07)}),
    "everything": _case(
        WARMUP, momentum=Warmup(updates=8, begin_lr=0.3, then=Constant(base_lr=0.9)),
        weight_decay=Cosine(base_lr=0.1, final_lr=0.02, updates=15),
        bias={"lr_mult": 2.0, "weight_decay": Constant(base_lr=0.0)},
        head={"schedule": _line(0.7, 0.1, 13), "momentum": _line(0.9, 0.5), "weight_decay": _line(0.0, 0.3)}),
}
