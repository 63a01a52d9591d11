"""Backends that are wrong on purpose: the gate must reject every one of them.

    python -m parity.mistakes.schedules --framework torch

prints what they applied, as `python -m parity measure` does. Most are a real backend given a schedule changed the way
a mistake would change it; the others are the frameworks' own classes in their natural spelling (see natural.py).
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS, backend, quiet
from frameworks.arguments import Parser, exit_code, framework
from frameworks.schedule import Constant, Cosine, Factor, Hold, Schedule, Sequence, Shift, Warmup
from parity.cases import CASES
from parity.measuring.measure import described, tiny_updates
from parity.mistakes.annealing import ANNEALING_MISTAKES
from parity.mistakes.combinations import COMBINED
from parity.mistakes.cycles import CYCLE_MISTAKES
from parity.mistakes.named import NAMED_MISTAKES
from parity.mistakes.natural import first_parameter_different, natural_spellings
from parity.mistakes.rounds import BROKEN_ROUNDS

GITHUB = "https://github.com"
KERAS = "https://keras.io/api/optimizers/learning_rate_schedules"


@dataclass(frozen=True)
class Broken:
    """A wrong backend.

    The case that catches it, the first update where it shows, what it imitates and where that happened ("": not
    reported), and what it does to a schedule.
    """

    case: str
    shows_at: int
    imitates: str
    link: str
    changed: Callable[[Any], Schedule]


def _one_ulp_up(rate: float) -> Constant:
    return Constant(base_lr=float(np.nextafter(np.float32(rate), np.float32(1))))


def _bouncing(cosine: Cosine) -> Sequence:
    back = Cosine(base_lr=cosine.final_lr, final_lr=cosine.base_lr, updates=cosine.updates)
    return Sequence(parts=[cosine, back, cosine], boundaries=[cosine.updates, 2 * cosine.updates])


def _late(first: Schedule, schedule: Schedule, updates: int) -> Sequence:
    return Sequence(parts=[Constant(base_lr=first.lr(0)), schedule], boundaries=[updates])


BROKEN = {
    "one_update_early": Broken(
        "cosine", 0, "stepped, or counted, before the first update",
        f"{GITHUB}/facebookresearch/maskrcnn-benchmark/pull/740", lambda s: Shift(by=1, of=s)),
    "one_update_late": Broken(
        "cosine", 1, "the first update is made before its rate is set", f"{GITHUB}/marian-nmt/marian/issues/156",
        lambda s: _late(s, s, 1)),
    "milestone_one_early": Broken(
        "multi_factor", 14, "a count that is 1 at the first update, compared with >=", "",
        lambda s: s.model_copy(update={"milestones": tuple(m - 1 for m in s.milestones)})),
    "milestone_one_late": Broken(
        "multi_factor", 15, "step <= boundary keeps the old rate, as Keras has it, for <",
        f"{KERAS}/piecewise_constant_decay/",
        lambda s: s.model_copy(update={"milestones": tuple(m + 1 for m in s.milestones)})),
    "floor_missing": Broken(
        "factor", 51, "stop_factor_lr left out: ExponentialLR and ExponentialDecay have no floor",
        f"{KERAS}/exponential_decay/", lambda s: s.model_copy(update={"min_lr": 0.0})),
    "warmup_from_1": Broken(
        "warmup_cosine", 0, "(t + 1) / updates for t / updates, so that no update is at rate 0",
        f"{GITHUB}/meta-pytorch/torchtune/issues/2010",
        lambda s: Sequence(parts=[Shift(by=1, of=s), s.then], boundaries=[s.updates])),
    "warmup_divided_by_one_less": Broken(
        "warmup_cosine", 1, "t / (updates - 1): a linspace over the warm-up, both its ends included", "",
        lambda s: Warmup(updates=s.updates - 1, then=_late(s.then, s.then, 1))),
    "warmup_divided_by_one_more": Broken(
        "warmup_cosine", 1, "a warm-up that stops short of its peak", f"{GITHUB}/Oneflow-Inc/libai/issues/37",
        lambda s: Sequence(parts=[Warmup(updates=s.updates + 1, then=s.then), s.then], boundaries=[s.updates])),
    "decay_clock_from_0": Broken(
        "warmup_cosine", 5, "a decay that counts the warm-up as its own beginning", "",
        lambda s: s.model_copy(update={"clock": "keep"})),
    "decay_clock_from_the_warmup": Broken(
        "warmup_multi_factor_keep", 15, "milestones counted from the end of the warm-up",
        f"{GITHUB}/ildoonet/pytorch-gradual-warmup-lr/pull/11", lambda s: s.model_copy(update={"clock": "restart"})),
    "horizon_one_more": Broken(
        "cosine", 1, "a horizon that counts the first rate too", "",
        lambda s: s.model_copy(update={"updates": s.updates + 1})),
    "horizon_is_the_total": Broken(
        "warmup_cosine", 6, "T_max of the whole training for a cosine that begins after the warm-up", "",
        lambda s: s.model_copy(update={"then": s.then.model_copy(update={"updates": 20})})),
    "not_held_past_the_end": Broken(
        "cosine", 21, "a cosine that climbs again after T_max", f"{GITHUB}/pytorch/pytorch/issues/40971", _bouncing),
    "held_past_the_round": Broken(
        "repeat", 20, "a restart that never comes: past its end the rate is held", "", lambda s: s.of),
    "round_of_one_more": Broken(
        "repeat", 20, "t % (updates + 1): the last rate of a round is applied before it starts again",
        f"{GITHUB}/tracel-ai/burn/pull/5191", lambda s: s.model_copy(update={"updates": s.updates + 1})),
    "falls_in_steps": Broken(
        "exponential", 1, "staircase=True: the whole factor every few updates, for a part of it at each",
        f"{KERAS}/exponential_decay/", lambda s: Factor(base_lr=s.base_lr, factor=s.factor, every=s.updates)),
    "one_epoch_late": Broken(
        "polynomial_per_epoch", 10, "an epoch counted from 1 for one counted from 0", "",
        lambda s: _late(s, s, 10)),
    "epoch_without_its_last_batch": Broken(
        "polynomial_per_epoch", 9, "samples // batch for updates per epoch, where the last batch is kept", "",
        lambda s: Hold(updates=9, of=s.of)),
    "per_update_for_per_epoch": Broken(
        "polynomial_per_epoch", 1, "scheduler.step() inside the loop over batches for one made for epochs",
        "https://docs.pytorch.org/docs/stable/optim.html", lambda s: s.of),
    "one_ulp_more": Broken(
        "constant", 0, "a float32 rate rounded up", "", lambda s: _one_ulp_up(s.base_lr)),
    "one_ulp_more_once": Broken(
        "cosine", 17, "one rate of many off by the last bit: a sum in another order", "",
        lambda s: Sequence(parts=[s, _one_ulp_up(s.lr(17)), Shift(by=18, of=s)], boundaries=[17, 18])),
    **{name: Broken(*mistake) for name, mistake in (
        ANNEALING_MISTAKES | COMBINED | NAMED_MISTAKES | BROKEN_ROUNDS | CYCLE_MISTAKES).items()},
}


def main(arguments: list[str] | None = None) -> int:
    """Print what the broken backends of one framework applied."""
    parser = Parser(prog="python -m parity.mistakes.schedules",
                    description="Measure the backends that are wrong on purpose.")
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    chosen = parser.parse_args(arguments).framework
    quiet()
    tiny_updates()
    with contextlib.redirect_stdout(sys.stderr):
        ported = backend(chosen)
        results = []
        for name, broken in BROKEN.items():
            case = CASES[broken.case]
            seen = ported.observe(broken.changed(case.schedule), case.updates)
            results.append(described(name, case.schedule, seen))
        for name, (case_name, build) in natural_spellings(chosen).items():
            case = CASES[case_name]
            results.append(described(name, case.schedule, ported.observe(case.schedule, case.updates, build=build)))
        case = CASES["cosine"]
        seen = ported.observe(case.schedule, case.updates, optimizer=first_parameter_different(chosen))
        results.append(described("first_parameter_different", case.schedule, seen))
    print(json.dumps({"framework": chosen, "specifications": results}))
    return 0


if __name__ == "__main__":
    sys.exit(exit_code(main))
