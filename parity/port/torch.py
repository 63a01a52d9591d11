"""PyTorch's schedulers, stepped after every update: the constructor makes the first step, so update 0 gets value 0.

All multiply the rate that the optimizer was made with, `lr`. Source: torch 2.14, torch/optim/lr_scheduler.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frameworks.schedule import Constant, Cosine, Factor, MultiFactor, Polynomial, Scale, Schedule, Sequence, Shift
from parity.port.arguments import Context, number, one_of, whole, whole_list
from parity.port.literal import Call, Name, PortError

REFUSED = {
    "LambdaLR": "its rates are whatever its function returns",
    "MultiplicativeLR": "its rates are whatever its function returns",
    "ReduceLROnPlateau": "its rates depend on the training's metric, not on the update alone",
    "LRScheduler": "it is the base of the others and has no rates of its own",
}
#: Of a class that never ends, so many periods are written down.
PERIODS = 4


def _endless(c: Context, name: str, updates: int) -> None:
    c.traps.append(f"{name} never ends: the specification follows it for {updates} updates, and is held after them.")


def _lr(c: Context, last_epoch: Any) -> float:
    if last_epoch != -1:
        raise PortError("last_epoch must be -1: one that goes on from another depends on the rate it finds")
    if c.lr is None:
        raise PortError("the rate that the optimizer was made with is needed: --lr")
    return number("lr", c.lr)


def step_lr(c: Context, optimizer: Any, step_size: Any, gamma: Any = 0.1, last_epoch: Any = -1) -> Schedule:
    """Drops at step_size, 2 step_size, ..."""
    c.traps.append("StepLR has no floor; MXNet's FactorScheduler has one, 1e-8 if it is not given.")
    return Factor(base_lr=_lr(c, last_epoch), factor=_gamma(gamma), every=whole("step_size", step_size, 1))


def multi_step_lr(c: Context, optimizer: Any, milestones: Any, gamma: Any = 0.1, last_epoch: Any = -1) -> Schedule:
    """Drops at its milestones. One that is given twice drops twice; one at 0 has dropped before the first update."""
    if isinstance(milestones, list) and any(isinstance(one, float) for one in milestones):
        raise PortError(f"milestones must be whole numbers, got {milestones}: torch never reaches 15.0")
    base, factor = _lr(c, last_epoch), _gamma(gamma)
    if milestones == []:
        return Constant(base_lr=base)
    found = whole_list("milestones", sorted(milestones) if isinstance(milestones, list) and all(
        isinstance(one, int) for one in milestones) else milestones, 0)
    if found[0] == 0:
        base, found = base * factor, found[1:]
    return MultiFactor(base_lr=base, factor=factor, milestones=found) if found else Constant(base_lr=base)


def constant_lr(c: Context, optimizer: Any, factor: Any = 1.0 / 3, total_iters: Any = 5,
                last_epoch: Any = -1) -> Schedule:
    """A share of the rate for total_iters updates, then all of it."""
    base, share = _lr(c, last_epoch), number("factor", factor, 0, 1)
    updates = whole("total_iters", total_iters)
    if not updates or share == 1:
        return Constant(base_lr=base)
    return Sequence(parts=[Constant(base_lr=base * share), Constant(base_lr=base)], boundaries=[updates])


def linear_lr(c: Context, optimizer: Any, start_factor: Any = 1.0 / 3, end_factor: Any = 1.0, total_iters: Any = 5,
              last_epoch: Any = -1) -> Schedule:
    """A line from one share of the rate to another, reached by update total_iters, and held."""
    base, start = _lr(c, last_epoch), number("start_factor", start_factor, 0, 1)
    if start == 0:
        raise PortError("start_factor must be above 0: torch refuses a warm-up from 0")
    end = number("end_factor", end_factor, 0, 1)
    return Polynomial(base_lr=base * start, final_lr=base * end, power=1, updates=whole("total_iters", total_iters, 1))


def exponential_lr(c: Context, optimizer: Any, gamma: Any, last_epoch: Any = -1) -> Schedule:
    """A factor at every update."""
    return Factor(base_lr=_lr(c, last_epoch), factor=_gamma(gamma))


def polynomial_lr(c: Context, optimizer: Any, total_iters: Any = 5, power: Any = 1.0, last_epoch: Any = -1) -> Schedule:
    """Down to 0 by update total_iters."""
    power = number("power", power)
    if power == 0:
        raise PortError("power must be above 0, got 0")
    return Polynomial(base_lr=_lr(c, last_epoch), power=power, updates=whole("total_iters", total_iters, 1))


def cosine_annealing_lr(c: Context, optimizer: Any, T_max: Any, eta_min: Any = 0.0, last_epoch: Any = -1) -> Schedule:
    """Half a wave down, half a wave up, and so on."""
    base, low, updates = _lr(c, last_epoch), number("eta_min", eta_min), whole("T_max", T_max, 1)
    c.traps.append(f"CosineAnnealingLR climbs again after T_max = {updates} updates; Gluon and Keras hold their rate.")
    _endless(c, "CosineAnnealingLR", 2 * PERIODS * updates)
    down, up = (Cosine(base_lr=one, final_lr=other, updates=updates) for one, other in ((base, low), (low, base)))
    return _repeated([down, up], [updates, updates])


def cosine_annealing_warm_restarts(c: Context, optimizer: Any, T_0: Any, T_mult: Any = 1, eta_min: Any = 0.0,
                                   last_epoch: Any = -1) -> Schedule:
    """Half a wave down, again and again, each T_mult times as long as the one before."""
    base, low = _lr(c, last_epoch), number("eta_min", eta_min)
    length, times = whole("T_0", T_0, 1), whole("T_mult", T_mult, 1)
    lengths = [length * times**cycle for cycle in range(PERIODS if times == 1 else 8)]
    _endless(c, "CosineAnnealingWarmRestarts", sum(lengths))
    return _joined([Cosine(base_lr=base, final_lr=low, updates=one) for one in lengths], lengths)


def cyclic_lr(c: Context, optimizer: Any, base_lr: Any, max_lr: Any, step_size_up: Any = 2000,
              step_size_down: Any = None, mode: Any = "triangular", gamma: Any = 1.0, scale_fn: Any = None,
              scale_mode: Any = "cycle", cycle_momentum: Any = True, base_momentum: Any = 0.8, max_momentum: Any = 0.9,
              last_epoch: Any = -1) -> Schedule:
    """Up and down between two rates. The optimizer's own rate is overwritten."""
    if scale_fn is not None:
        raise PortError("scale_fn must be None: its rates are whatever its function returns")
    mode = one_of("mode", mode, ("triangular", "triangular2", "exp_range"))
    if mode == "exp_range" and gamma != 1.0:
        raise PortError("the specification has no product of a triangle and an exponential")
    low, high = number("base_lr", base_lr), number("max_lr", max_lr)
    up = whole("step_size_up", step_size_up, 1)
    down = up if step_size_down is None else whole("step_size_down", step_size_down, 1)
    if cycle_momentum is not False:
        c.traps.append("CyclicLR cycles the momentum too unless cycle_momentum=False, and refuses plain SGD.")
    _endless(c, "CyclicLR", PERIODS * (up + down))
    parts: list[Schedule] = []
    for cycle in range(PERIODS):
        top = low + (high - low) / (2**cycle if mode == "triangular2" else 1)
        parts += [Polynomial(base_lr=low, final_lr=top, power=1, updates=up),
                  Polynomial(base_lr=top, final_lr=low, power=1, updates=down)]
    return _joined(parts, [up, down] * PERIODS)


def one_cycle_lr(c: Context, optimizer: Any, max_lr: Any, total_steps: Any = None, epochs: Any = None,
                 steps_per_epoch: Any = None, pct_start: Any = 0.3, anneal_strategy: Any = "cos",
                 cycle_momentum: Any = True, base_momentum: Any = 0.85, max_momentum: Any = 0.95,
                 div_factor: Any = 25.0, final_div_factor: Any = 1e4, three_phase: Any = False,
                 last_epoch: Any = -1) -> Schedule:
    """Up to max_lr by update pct_start * total_steps - 1, down to the smallest by update total_steps - 1."""
    if last_epoch != -1:
        raise PortError("last_epoch must be -1")
    if total_steps is None:
        if epochs is None or steps_per_epoch is None:
            raise PortError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        total_steps = whole("epochs", epochs, 1) * whole("steps_per_epoch", steps_per_epoch, 1)
    total, share = whole("total_steps", total_steps, 1), number("pct_start", pct_start, 0, 1)
    high = number("max_lr", max_lr)
    first = high / number("div_factor", div_factor)
    last = first / number("final_div_factor", final_div_factor)
    rates, ends = [first, high, last], [share * total - 1, total - 1.0]
    if three_phase:
        rates, ends = [first, high, first, last], [share * total - 1, 2 * share * total - 2, total - 1.0]
    lengths = [end - start for start, end in zip([0.0, *ends], ends)]
    if not all(length.is_integer() and length >= 1 for length in lengths):
        raise PortError(f"its phases are {', '.join(f'{length:g}' for length in lengths)} updates long: the "
                        "specification counts whole ones; choose pct_start so that pct_start * total_steps is whole")
    if cycle_momentum is not False:
        c.traps.append("OneCycleLR cycles the momentum too unless cycle_momentum=False.")
    c.traps.append(f"OneCycleLR raises ValueError after {total} updates; the specification is held.")
    wave = one_of("anneal_strategy", anneal_strategy, ("cos", "linear")) == "cos"
    parts = [Cosine(base_lr=one, final_lr=other, updates=int(length)) if wave else
             Polynomial(base_lr=one, final_lr=other, power=1, updates=int(length))
             for one, other, length in zip(rates, rates[1:], lengths)]
    return _joined(parts, [int(length) for length in lengths])


def sequential_lr(c: Context, optimizer: Any, schedulers: Any, milestones: Any, last_epoch: Any = -1) -> Schedule:
    """One scheduler after another, each with a clock of its own and the rate the optimizer was made with."""
    _lr(c, last_epoch)
    parts = _inner(c, schedulers)
    if not isinstance(milestones, list) or len(milestones) != len(parts) - 1:
        raise PortError("expects number of schedulers provided to be one more than the number of milestone points, "
                        f"got {len(parts)} schedulers and milestones {milestones!r}")
    return Sequence(parts=parts, boundaries=whole_list("milestones", milestones)) if milestones else parts[0]


def chained_scheduler(c: Context, schedulers: Any, optimizer: Any = None) -> Schedule:
    """The factors of all schedulers, multiplied. Closed where all but one are ConstantLR."""
    _lr(c, -1)
    shares = [one for one in schedulers if isinstance(one, Call) and one.name == "ConstantLR"] if isinstance(
        schedulers, list) else []
    rest = [one for one in _calls(schedulers) if one not in shares]
    if len(rest) > 1:
        raise PortError("the specification has no product of schedules: only ConstantLR may be chained to another")
    whole_: Schedule = c.inner(rest[0]) if rest else Constant(base_lr=_lr(c, -1))
    for one in shares:
        step = c.inner(one)
        if isinstance(step, Sequence):
            share = step.parts[0].base_lr / step.parts[1].base_lr if step.parts[1].base_lr else 1.0
            at = step.boundaries[0]
            whole_ = Sequence(parts=[Scale(by=share, of=whole_), Shift(by=at, of=whole_)], boundaries=[at])
    return whole_


def _calls(schedulers: Any) -> list[Call]:
    if not isinstance(schedulers, list) or not schedulers or not all(isinstance(one, Call) for one in schedulers):
        named = any(isinstance(one, Name) for one in (schedulers if isinstance(schedulers, list) else [schedulers]))
        raise PortError("schedulers must be a list of their constructors" + (", written out" if named else ""))
    return schedulers


def _inner(c: Context, schedulers: Any) -> list[Schedule]:
    return [c.inner(one) for one in _calls(schedulers)]


def _gamma(value: Any) -> float:
    gamma = number("gamma", value, None)
    if not 0 < gamma <= 1:
        raise PortError(f"gamma must be above 0 and at most 1, got {value!r}: torch takes it, the specification not")
    return gamma


def _repeated(parts: list[Schedule], lengths: list[int]) -> Schedule:
    return _joined(parts * PERIODS, lengths * PERIODS)


def _joined(parts: list[Schedule], lengths: list[int]) -> Schedule:
    boundaries = [sum(lengths[:index]) for index in range(1, len(lengths))]
    return Sequence(parts=parts, boundaries=boundaries) if boundaries else parts[0]


READERS: dict[str, Callable[..., Schedule]] = {
    "StepLR": step_lr, "MultiStepLR": multi_step_lr, "ConstantLR": constant_lr, "LinearLR": linear_lr,
    "ExponentialLR": exponential_lr, "PolynomialLR": polynomial_lr, "CosineAnnealingLR": cosine_annealing_lr,
    "CosineAnnealingWarmRestarts": cosine_annealing_warm_restarts, "CyclicLR": cyclic_lr, "OneCycleLR": one_cycle_lr,
    "SequentialLR": sequential_lr, "ChainedScheduler": chained_scheduler}
