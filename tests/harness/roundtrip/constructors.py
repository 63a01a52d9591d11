"""Generates random constructors of MXNet, GluonCV, PyTorch and Keras as text, of every class that is read.

Class and specification accept all arguments. Optional ones are sometimes absent; the first are by position or name.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from frameworks.schedule import Cosine, Hold, Polynomial, Shift, Warmup
from parity.gate.laws.algebra import build_increasing_lists, counts, factors, rates, simple
from parity.port import SOURCES
from tests.harness.roundtrip.decaying import build_decaying

shares = st.one_of(st.sampled_from([0.1, 0.5, 1.0]), st.floats(1e-3, 1.0))
powers = st.one_of(st.sampled_from([1, 1.0, 2, 0.5, 0.9]), st.floats(0.2, 4))


@dataclass(frozen=True)
class Constructor:
    """A constructor's text. lr: the rate of a torch optimizer. optimizer: a call that makes an optimizer of MXNet."""
    source: str
    text: str
    lr: float | None = None
    optimizer: str | None = None


class Code(str):  # noqa: SLOT000
    """Text that a constructor contains without quotes."""
    __repr__ = str.__str__


@st.composite
def call(draw: st.DrawFn, source: str, name: str, required: dict[str, Any], optional: dict[str, Any] | None = None,
         first: tuple[Code, ...] = ()) -> Code:
    """Write a call, with some of the first arguments by position."""
    given = {key: draw(value) for key, value in required.items()}
    given |= {key: draw(value) for key, value in (optional or {}).items() if draw(st.booleans())}
    names = list(inspect.signature(SOURCES[source].READERS[name]).parameters)[1 + len(first):]
    whole = next((index for index, key in enumerate(names) if key not in given), len(names))
    positional = names[:draw(st.integers(0, whole))]
    written = [*map(repr, first), *(repr(given[key]) for key in positional),
               *(f"{key}={value!r}" for key, value in given.items() if key not in positional)]
    return Code(f"{name}({', '.join(written)})")


@st.composite
def build_mxnet(draw: st.DrawFn, name: str) -> Constructor:
    """Write one of MXNet; a warm-up may not begin above the base rate, nor end where the schedule ends."""
    base, curved = draw(rates), name in ("PolyScheduler", "CosineScheduler")
    own, end = {"base_lr": st.just(base)}, draw(counts)
    begin = {"warmup_begin_lr": st.floats(0, 1).map(lambda share: base * share)}
    warm = {"warmup_steps": counts.filter(lambda steps: not curved or steps != end),
            "warmup_mode": st.sampled_from(["linear", "constant"])} | begin
    required, optional = {
        "FactorScheduler": ({"step": counts}, {"factor": factors, "stop_factor_lr": st.floats(0, 0.5)}),
        "MultiFactorScheduler": ({"step": build_increasing_lists()}, {"factor": factors}),
        "PolyScheduler": ({"max_update": st.just(end)}, {"pwr": powers, "final_lr": rates}),
        "CosineScheduler": ({"max_update": st.just(end)}, {"final_lr": rates}),
    }[name]
    optimizer = draw(st.none() | rates.map(lambda rate: f"SGD(learning_rate={rate!r})"))
    return Constructor("mxnet", draw(call("mxnet", name, required | own, optional | warm)), optimizer=optimizer)


@st.composite
def build_gluoncv_segment(draw: st.DrawFn, least: int = 2) -> Code:
    """Write a LRScheduler of at least `least` iterations or epochs."""
    mode = draw(st.sampled_from(["constant", "step", "linear", "poly", "cosine"]))
    length, per = {"niters": st.integers(least, 40)}, draw(st.integers(1, 5))
    if draw(st.booleans()):
        length = {"nepochs": st.integers(least, 10), "iters_per_epoch": st.just(per)}
    steps = {"step_iter": build_increasing_lists()}
    if mode == "step" and "iters_per_epoch" in length and draw(st.booleans()):
        steps = {"step_epoch": build_increasing_lists()}
    optional = {"base_lr": rates, "target_lr": rates, "offset": st.integers(0, 20), "power": powers,
                "step_factor": factors}
    return draw(call("gluoncv", "LRScheduler", {"mode": st.just(mode)} | length | (steps if mode == "step" else {}),
                     optional))


@st.composite
def build_gluoncv(draw: st.DrawFn, name: str) -> Constructor:
    """Write a LRScheduler or a LRSequential of GluonCV."""
    if name == "LRScheduler":
        return Constructor("gluoncv", draw(build_gluoncv_segment()))
    parts = draw(st.lists(build_gluoncv_segment(), min_size=1, max_size=3))
    return Constructor("gluoncv", f"LRSequential([{', '.join(parts)}])")


OPTIMIZER = (Code("optimizer"),)
#: The required and the optional arguments of torch's simple classes.
TORCH = {
    "StepLR": ({"step_size": counts}, {"gamma": factors}),
    "MultiStepLR": ({"milestones": st.lists(st.integers(0, 40), max_size=5)}, {"gamma": factors}),
    "ConstantLR": ({}, {"factor": shares, "total_iters": st.integers(0, 40)}),
    "LinearLR": ({}, {"start_factor": shares, "end_factor": shares | st.just(0.0), "total_iters": counts}),
    "ExponentialLR": ({"gamma": factors}, {}),
    "PolynomialLR": ({}, {"total_iters": counts, "power": powers}),
    "CosineAnnealingLR": ({"T_max": counts}, {"eta_min": rates}),
    "CosineAnnealingWarmRestarts": ({"T_0": st.integers(1, 10)}, {"T_mult": st.integers(1, 3), "eta_min": rates}),
    "CyclicLR": ({"base_lr": rates, "max_lr": rates, "step_size_up": counts, "cycle_momentum": st.just(False)},
                 {"step_size_down": counts, "mode": st.sampled_from(["triangular", "triangular2", "exp_range"])}),
    "SWALR": ({"swa_lr": rates}, {"anneal_epochs": counts, "anneal_strategy": st.sampled_from(["cos", "linear"])}),
}
#: Classes that multiply the last rate by a number, so that they may be chained.
MULTIPLYING = ("StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR")
#: Classes that are read without an end, not only for some cycles: they may come before another.
ENDLESS = (*MULTIPLYING, "CosineAnnealingLR")


def _build_plain_torch(name: str) -> st.SearchStrategy:
    plain = call("torch", name, *TORCH[name], first=OPTIMIZER)
    return plain | build_decaying(call, OPTIMIZER) if name == "CyclicLR" else plain


@st.composite
def build_one_cycle(draw: st.DrawFn) -> Code:
    """Write a OneCycleLR, with phases of whole updates, except for rounding, or of any length."""
    phases, total = draw(st.booleans()), draw(st.integers(4, 100))
    peaks = range(2, (total + 1) // 2 if phases else total)
    share = draw(st.sampled_from(peaks)) / total if peaks else 0.5
    share = draw(st.just(share) | st.floats(1.05 / total, 0.5 if phases else 0.95))
    optional = {"div_factor": st.floats(1, 100), "final_div_factor": st.floats(1, 1e5),
                "anneal_strategy": st.sampled_from(["cos", "linear"])}
    length = {"total_steps": st.just(total)}
    per = draw(st.sampled_from([part for part in range(1, total + 1) if total % part == 0]))
    if draw(st.booleans()):
        length = {"epochs": st.just(total // per), "steps_per_epoch": st.just(per)}
    required = {"max_lr": rates, "pct_start": st.just(share), "cycle_momentum": st.just(False),
                "three_phase": st.just(phases)}
    return draw(call("torch", "OneCycleLR", required | length, optional, first=OPTIMIZER))


@st.composite
def build_sequential(draw: st.DrawFn) -> Code:
    """Write a SequentialLR."""
    milestones = draw(build_increasing_lists(0, 2))
    first = draw(st.lists(st.sampled_from(ENDLESS).flatmap(_build_plain_torch), min_size=len(milestones),
                          max_size=len(milestones)))
    last = st.sampled_from((*ENDLESS, "CosineAnnealingWarmRestarts", "CyclicLR")).flatmap(_build_plain_torch).filter(
        lambda text: not ("ConstantLR" in text and re.search(r"(=|, )0\)|=0,", text)))
    return Code(f"SequentialLR(optimizer, [{', '.join([*first, draw(last)])}], milestones={milestones})")


@st.composite
def build_chained(draw: st.DrawFn) -> Code:
    """Write a ChainedScheduler."""
    chains = st.sampled_from(MULTIPLYING).flatmap(_build_plain_torch)
    parts = [draw(chains), *draw(st.lists(_build_plain_torch("ConstantLR") | chains, max_size=2))]
    return Code(f"ChainedScheduler([{', '.join(draw(st.permutations(parts)))}])")


def build_torch(name: str) -> st.SearchStrategy:
    """Return a strategy of constructors of one class of torch."""
    composed = {"OneCycleLR": build_one_cycle, "SequentialLR": build_sequential, "ChainedScheduler": build_chained}
    text = composed[name]() if name in composed else _build_plain_torch(name)
    return st.builds(lambda text, lr: Constructor("torch", text, lr=lr), text, rates)


@st.composite
def build_keras(draw: st.DrawFn, name: str) -> Constructor:
    """Write one of Keras; numbers are floats if possible, since Keras computes in integers from an integer rate."""
    bounds = draw(st.lists(st.integers(0, 60), min_size=1, max_size=4, unique=True).map(sorted))
    steps = (first := {"initial_learning_rate": rates}) | {"decay_steps": counts}
    required, optional = {
        "ExponentialDecay": (first | {"decay_steps": counts, "decay_rate": factors | st.floats(1.01, 3)},
                             {"staircase": st.booleans()}),
        "InverseTimeDecay": (first | {"decay_steps": counts, "decay_rate": factors | st.just(0.0)},
                             {"staircase": st.booleans()}),
        "PiecewiseConstantDecay": ({"boundaries": st.just(bounds), "values": st.lists(
            rates, min_size=len(bounds) + 1, max_size=len(bounds) + 1)}, {}),
        "PolynomialDecay": (steps, {"end_learning_rate": rates, "power": powers, "cycle": st.booleans()}),
        "CosineDecay": (steps, {
            "alpha": shares | st.just(0.0), "warmup_target": rates, "warmup_steps": st.integers(0, 40)}),
        "CosineDecayRestarts": (first | {"first_decay_steps": st.integers(1, 40)}, {
            "t_mul": st.sampled_from([1, 1.0, 2.0, 3.0]), "m_mul": shares, "alpha": shares | st.just(0.0)}),
    }[name]
    return Constructor("tensorflow", draw(call("tensorflow", name, required, optional)))


BY_SOURCE = {"mxnet": build_mxnet, "gluoncv": build_gluoncv, "torch": build_torch, "tensorflow": build_keras}


def build_constructors(source: str) -> st.SearchStrategy:
    """Return a strategy of a framework's constructors, in which each class is equally frequent."""
    return st.sampled_from(list(SOURCES[source].READERS)).flatmap(BY_SOURCE[source])


_decreasing = st.builds(Cosine, base_lr=rates, final_lr=rates, updates=counts) | st.builds(
    Polynomial, base_lr=rates, final_lr=st.just(0.0) | rates, power=powers, updates=counts)
_curved = _decreasing | st.builds(
    Warmup, updates=counts, begin_lr=rates, mode=st.sampled_from(["linear", "constant"]), then=_decreasing)
#: Schedules, most of which have a built-in class in some framework.
written = simple | st.builds(Hold, updates=st.integers(1, 5), of=simple) | _curved | st.builds(
    Shift, by=st.just(1), of=_curved)
