"""Reads random constructors of other libraries as `port` does, and compares with the rates of the library itself.

    python -m tests.harness.dialects timm --number 5000 --seed 0

The library must be installed. Prints the number of constructors, of those that were refused, and of rates compared.
Exit code 4 if a rate differs. The tolerance is that of the table of schedulers, parity/pages/coverage/agree.py.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

from frameworks.arguments import Parser, build_choice_type, parse_count, parse_seed
from frameworks.exit_codes import FAILED
from parity.port import PortError
from tests.harness.dialect_configs import build_deepspeed, build_fairseq, build_ignite, build_megatron, build_torchtitan
from tests.harness.dialect_rates import compare, record


def _write(name: str, *arguments: str, **named: object) -> str:
    return f"{name}({', '.join([*arguments, *(f'{key}={value!r}' for key, value in named.items())])})"


def build_transformers(draw: random.Random) -> str:
    """Return a random call of transformers."""
    warm, total = draw.choice([0, 1, 3, 7]), draw.choice([2, 8, 20, 31, 50])
    name = draw.choice(["constant", "constant_with_warmup", "linear", "cosine", "restarts", "polynomial", "sqrt",
                        "min", "min_rate", "wsd"])
    cycles = draw.choice([0.5, 0.5, 1, 1.5, 2, 0.25])
    first = ("optimizer", str(warm))
    low = draw.choice([{"min_lr": 0.04}, {"min_lr_rate": 0.25}])
    if name == "constant":
        return "get_constant_schedule(optimizer)"
    if name == "constant_with_warmup":
        return _write("get_constant_schedule_with_warmup", *first)
    if name == "sqrt":
        scale = draw.choice([{}, {"timescale": draw.choice([5, 20, 100])}])
        return _write("get_inverse_sqrt_schedule", *first, **scale)
    if name == "wsd":
        size = draw.choice([{"num_stable_steps": draw.choice([0, 5, 12])}, {"num_training_steps": 40}])
        shapes = ["linear", "cosine", "1-sqrt"]
        return _write("get_wsd_schedule", *first, str(draw.choice([1, 6, 15])), **size, warmup_type=draw.choice(shapes),
                      decay_type=draw.choice(shapes), min_lr_ratio=draw.choice([0, 0.1]))
    first = (*first, str(total))
    if name == "polynomial":
        return _write("get_polynomial_decay_schedule_with_warmup", *first, lr_end=draw.choice([0.01, 1e-7]),
                      power=draw.choice([1.0, 2.0, 0.5]))
    if name == "restarts":
        return _write("get_cosine_with_hard_restarts_schedule_with_warmup", *first, num_cycles=draw.choice([1, 2, 3]))
    if name == "min":
        return _write("get_cosine_with_min_lr_schedule_with_warmup", *first, num_cycles=cycles, **low)
    if name == "min_rate":
        rate = draw.choice([{}, {"warmup_lr_rate": 0.25}])
        return _write("get_cosine_with_min_lr_schedule_with_warmup_lr_rate", *first, num_cycles=cycles, **low, **rate)
    more = {"num_cycles": cycles} if name == "cosine" else {}
    return _write(f"get_{name}_schedule_with_warmup", *first, **more)


def build_timm(draw: random.Random) -> str:
    """Return a random call of timm."""
    epochs = draw.choice([True, False, False])
    options: dict[str, object] = {"t_in_epochs": epochs}
    if draw.random() < 0.5:
        options |= {"warmup_t": draw.choice([1, 3, 6]), "warmup_lr_init": draw.choice([0.0, 0.01, 0.1])}
    prefix = {"warmup_prefix": draw.choice([True, False])}
    length, low = draw.choice([4, 9, 20]), draw.choice([0.0, 0.01])
    name = draw.choice(["Cosine", "Poly", "Step", "MultiStep", "WSD"])
    if name in ("Cosine", "Poly"):
        cycles = {"cycle_limit": draw.choice([0, 1, 2, 3]), "cycle_decay": draw.choice([1.0, 0.5]),
                  "cycle_mul": draw.choice([1.0, 1.0, 2.0])}
        bend = {"k_decay": draw.choice([0.5, 1.5])} if draw.random() < 0.2 else {}
        power = {"power": draw.choice([0.5, 1.0, 2.0])} if name == "Poly" else {}
        return _write(f"{name}LRScheduler", "optimizer", t_initial=length, lr_min=low, **cycles, **bend, **power,
                      **options, **prefix)
    rate = draw.choice([0.1, 0.5, 1.0])
    if name == "Step":
        return _write("StepLRScheduler", "optimizer", decay_t=draw.choice([1, 3, 7, 2.4, 0.7]), decay_rate=rate,
                      **options, **prefix)
    if name == "MultiStep":
        steps = sorted(draw.sample(range(1, 30), draw.choice([1, 2, 3])))
        return _write("MultiStepLRScheduler", "optimizer", decay_t=steps, decay_rate=rate, **options, **prefix)
    shape = draw.choice(["linear", "1-sqrt", "cosine", "power"])
    stable = draw.choice([{}, {}, {"stable_fn": "rsqrt", "stable_timescale": 5.0},
                          {"stable_fn": "power", "stable_power": 1.5, "stable_timescale": 7.0}])
    return _write("WSDLRScheduler", "optimizer", t_initial=length, decay_t=draw.choice([1, 4]), decay_fn=shape,
                  lr_min=0.0 if stable else low, **stable, **options)


def build_optax(draw: random.Random) -> str:
    """Return a random call of optax."""
    first, last = draw.choice([0.4, 0.1, 0.0]), draw.choice([0.01, 0.2, 0.0])
    steps, begin, warm = draw.choice([1, 7, 20]), draw.choice([0, 0, 5]), draw.choice([0, 1, 6])
    scales = {at: draw.choice([0.5, 2.0, 0.1]) for at in draw.sample(range(1, 40), draw.choice([1, 2, 3]))}
    end = draw.choice([{}, {"end_value": 0.05}])
    return draw.choice([
        _write("constant_schedule", repr(first)),
        _write("linear_schedule", repr(first), repr(last), str(steps), transition_begin=begin),
        _write("polynomial_schedule", repr(first), repr(last), repr(draw.choice([0.5, 1, 2])), str(steps),
               transition_begin=begin),
        _write("piecewise_constant_schedule", repr(first), repr(scales)),
        _write("piecewise_interpolate_schedule", repr(draw.choice(["linear", "cosine"])), repr(first), repr(scales)),
        _write("exponential_decay", "0.4", str(steps), repr(draw.choice([0.5, 0.9, 1.0])), transition_begin=begin,
               staircase=draw.choice([True, False]), **end),
        _write("cosine_decay_schedule", repr(first), str(steps), alpha=draw.choice([0.0, 0.1]),
               exponent=draw.choice([1.0, 2.0])),
        _write("linear_onecycle_schedule", str(draw.choice([20, 33, 50])), "0.5"),
        _write("cosine_onecycle_schedule", str(draw.choice([20, 33, 50])), "0.5"),
        _write("warmup_constant_schedule", repr(last), "0.4", str(warm)),
        _write("warmup_cosine_decay_schedule", repr(last), "0.4", str(warm), str(warm + steps),
               end_value=draw.choice([0.0, 0.04])),
        _write("warmup_exponential_decay_schedule", repr(last), "0.4", str(warm), str(steps), "0.5")])


def build_fvcore(draw: random.Random) -> str:
    """Return a random call of fvcore."""
    values = [draw.choice([0.4, 0.2, 0.1]) for _ in range(draw.choice([2, 3, 4]))]
    steps = sorted(draw.sample(range(1, 40), len(values) - 1))
    simple = ["CosineParamScheduler(0.4, 0.01)", "LinearParamScheduler(0.0, 0.4)", "ConstantParamScheduler(0.1)",
              "PolynomialDecayParamScheduler(0.4, 2.0)", "ExponentialParamScheduler(0.4, 0.5)"]
    scaling = [draw.choice(["rescaled", "fixed"]) for _ in range(2)]
    shares = draw.choice([[0.25, 0.75], [0.5, 0.5], [0.1, 0.9]])
    parts = ", ".join(draw.choice(simple) for _ in range(2))
    return draw.choice([
        draw.choice(simple), f"CompositeParamScheduler([{parts}], {shares}, {scaling})",
        f"MultiStepParamScheduler({values}, num_updates={draw.choice([40, 80])}, milestones={steps})",
        f"MultiStepParamScheduler({values}, num_updates=40)", f"StepParamScheduler(40, {values})",
        f"StepWithFixedGammaParamScheduler(0.4, {draw.choice([1, 3, 5])}, 0.5, 40)"])


BUILDERS: dict[str, Callable[[random.Random], str]] = {
    "transformers": build_transformers, "timm": build_timm, "optax": build_optax, "fvcore": build_fvcore,
    "deepspeed": build_deepspeed, "megatron": build_megatron, "torchtitan": build_torchtitan, "fairseq": build_fairseq,
    "ignite": build_ignite}


def main() -> int:
    """Run the command and return its exit code."""
    parser = Parser(
        prog="python -m tests.harness.dialects",
        epilog="exit codes: 0 all rates agree, 2 wrong arguments, 4 a rate differs",
        description="Read random constructors of an installed library as `port` does, and compare with its rates.")
    parser.add_argument("library", type=build_choice_type(tuple(BUILDERS)), help=f"one of {', '.join(BUILDERS)}")
    parser.add_argument("--number", type=parse_count, default=1000, help="number of constructors (default: 1000)")
    parser.add_argument("--seed", type=parse_seed, default=0, help="seed of the random numbers (default: 0)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="also write the library's rates")
    chosen = parser.parse_args()
    draw, rates, refused, wrong = random.Random(chosen.seed), 0, {}, []
    for _ in range(chosen.number):
        call = BUILDERS[chosen.library](draw)
        try:
            rates += compare(chosen.library, call)
        except PortError as error:
            refused[call] = str(error)
        except ValueError as error:
            wrong.append(str(error))
    if chosen.record:
        draw = random.Random(chosen.seed)
        record(chosen.library, [BUILDERS[chosen.library](draw) for _ in range(chosen.number)], chosen.record)
    for line in dict.fromkeys(wrong):
        print(line)
    reasons = {error.partition(": ")[2][:60]: call for call, error in refused.items()}
    for reason, call in reasons.items():
        print(f"refused, for example {call}: {reason}")
    print(f"{chosen.library}: {chosen.number:,} constructors, {len(refused):,} different ones refused, {rates:,} rates "
          f"compared, {len(wrong)} constructors with a wrong rate")
    return FAILED if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
