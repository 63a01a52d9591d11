"""Builds random schedules for Hypothesis: every kind, in every kind, and some that change at late updates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from hypothesis import strategies as st

from frameworks.schedule import (
    KINDS,
    Annealing,
    CosineRestarts,
    Cyclic,
    Exponential,
    Factor,
    Hold,
    Interpolated,
    InverseSquareRoot,
    InverseTime,
    Maximum,
    Minimum,
    MultiFactor,
    Noam,
    OneCycle,
    Piecewise,
    Polynomial,
    PowerLaw,
    Product,
    Repeat,
    Scale,
    Sequence,
    Sum,
    Warmup,
)
from frameworks.schedule.fields import ScheduleModel, find_schedule_fields
from frameworks.schedule.named import Named
from frameworks.schedule.named.base import Shape
from parity.gate.laws.inferred import build_increasing_lists, build_schedules_of_kind, counts, factors, powers, rates

many = st.integers(33, 50).map(lambda n: list(range(2, 2 + n)))
times = st.floats(0.5, 100)
above_0 = st.floats(1e-3, 10.0)
shapes: st.SearchStrategy[Shape] = st.sampled_from(["linear", "cosine"])


@st.composite
def annealing(draw: st.DrawFn) -> Annealing:
    """Draw an annealing schedule."""
    shape: Literal["linear", "cosine", "exponential"] = draw(st.sampled_from(["linear", "cosine", "exponential"]))
    of = st.floats(1e-3, 10.0) if shape == "exponential" else rates
    return Annealing(
        shape=shape, base_lr=draw(of), final_lr=draw(of), updates=draw(counts.map(float) | st.floats(0.25, 40)),
        power=1.0 if shape == "exponential" else draw(powers), elapsed_power=draw(powers),
        elapsed=draw(st.sampled_from([0.0, 0.5, 3.0]) | st.floats(0, 50)))


@st.composite
def sequence(draw: st.DrawFn, inner: st.SearchStrategy) -> Sequence:
    """Draw a sequence of schedules."""
    boundaries = draw(build_increasing_lists(0, 2))
    parts = draw(st.lists(inner, min_size=len(boundaries) + 1, max_size=len(boundaries) + 1))
    return Sequence(parts=parts, boundaries=boundaries)


@st.composite
def piecewise(draw: st.DrawFn) -> Piecewise:
    """Draw a piecewise schedule."""
    values = draw(st.lists(rates, min_size=1, max_size=4))
    boundaries = draw(st.lists(counts, min_size=len(values) - 1, max_size=len(values) - 1, unique=True))
    return Piecewise(values=values, boundaries=sorted(boundaries))


@st.composite
def interpolation(draw: st.DrawFn) -> Interpolated:
    """Draw an interpolated schedule."""
    updates = sorted(draw(st.lists(st.integers(0, 60), min_size=1, max_size=4, unique=True)))
    return Interpolated(points=[[t, draw(rates)] for t in updates], mode=draw(shapes))


@st.composite
def one_cycle(draw: st.DrawFn) -> OneCycle:
    """Draw a one-cycle schedule."""
    phases: Literal[2, 3] = draw(st.sampled_from([2, 3]))
    rise = draw(counts.map(float) | st.floats(0.25, 20))
    return OneCycle(base_lr=draw(rates), peak_lr=draw(rates), final_lr=draw(rates), phases=phases, rise=rise,
                    updates=int((phases - 1) * rise) + draw(counts), mode=draw(shapes))


@st.composite
def cyclic(draw: st.DrawFn) -> Cyclic:
    """Draw a cyclic schedule."""
    low, high = sorted((draw(rates), draw(rates)))
    mode: Literal["triangular", "triangular2", "exp_range"] = draw(
        st.sampled_from(["triangular", "triangular2", "exp_range"]))
    return Cyclic(low=low, high=high, up=draw(counts), down=draw(st.none() | counts), mode=mode,
                  gamma=draw(st.floats(0.5, 1)) if mode == "exp_range" else 1.0)


@st.composite
def curved_warmup(draw: st.DrawFn, inner: st.SearchStrategy) -> Warmup:
    """Draw a warm-up along a curve to one of the inner schedules."""
    mode: Literal["polynomial", "cosine", "exponential"] = draw(
        st.sampled_from(["polynomial", "cosine", "exponential"]))
    of = above_0 if mode == "exponential" else rates
    return Warmup(updates=draw(counts), begin_lr=draw(of), peak_lr=draw(of), mode=mode,
                  clock=draw(st.sampled_from(["restart", "keep"])), then=draw(inner),
                  power=draw(st.floats(0.25, 4)) if mode == "polynomial" else None)


#: Strategies for fields whose types allow more than the laws try.
GIVEN = {
    InverseSquareRoot: {"timescale": times},
    InverseTime: {"timescale": times},
    PowerLaw: {"timescale": times},
    Factor: {"min_lr": st.just(0.0) | rates},
    MultiFactor: {"milestones": build_increasing_lists() | many},
    CosineRestarts: {"growth": st.integers(1, 4), "decay": st.just(1.0) | factors,
                     "warmup": st.just(0) | st.integers(0, 20)},
    Warmup: {"mode": st.sampled_from(["linear", "constant"]), "power": st.none()},
    Hold: {"updates": st.integers(1, 5)},
    Repeat: {"decay": st.just(1.0) | factors},
    Scale: {"by": st.just(0.0) | st.floats(1e-3, 3)},
    Noam: {"d_model": st.integers(1, 4096), "factor": st.floats(0.1, 3)},
}
#: The kinds whose fields depend on each other. All others are inferred from the types of their fields.
SPECIAL = {
    Annealing: lambda inner: annealing(),
    Exponential: lambda inner: build_schedules_of_kind(Exponential, inner, factor=factors,
                                                       max_lr=st.none()) | build_schedules_of_kind(
        Exponential, inner, base_lr=st.floats(1e-6, 1), max_lr=st.floats(1, 10), factor=st.floats(1, 20)),
    Sequence: sequence,
    Piecewise: lambda inner: piecewise(),
    Interpolated: lambda inner: interpolation(),
    OneCycle: lambda inner: one_cycle(),
    Cyclic: lambda inner: cyclic(),
}
_COMBINED = (Sum, Product, Minimum, Maximum)


def build_strategy(model: type[ScheduleModel], inner: st.SearchStrategy) -> st.SearchStrategy:
    """Return random schedules of a kind. inner: the schedules inside it."""
    return SPECIAL[model](inner) if model in SPECIAL else build_schedules_of_kind(model, inner, **GIVEN.get(model, {}))


@st.composite
def _draw_from_any(draw: st.DrawFn, strategies: Iterable[st.SearchStrategy]) -> ScheduleModel:
    """Draw from any of some strategies; all together count as one strategy."""
    return draw(st.one_of(list(strategies)))


def build_composed_leaves() -> st.SearchStrategy:
    """Return random schedules of the composed kinds without inner schedules."""
    return _draw_from_any([build_strategy(model, st.nothing()) for model in KINDS.values()
                           if issubclass(model, Named) and not find_schedule_fields(model)])


def build_composed_nested(inner: st.SearchStrategy) -> st.SearchStrategy:
    """Return random schedules of the composed kinds with inner schedules, and curved warm-ups."""
    return _draw_from_any([curved_warmup(inner), *(build_strategy(model, inner) for model in KINDS.values()
                                                   if issubclass(model, Named) and find_schedule_fields(model))])


def build_nested(inner: st.SearchStrategy) -> st.SearchStrategy:
    """Return random schedules of the kinds that contain other schedules."""
    return st.one_of([build_strategy(model, inner) for model in KINDS.values() if find_schedule_fields(model)
                      and not issubclass(model, (Named, *_COMBINED))]
                     + [build_composed_nested(inner),
                        _draw_from_any([build_strategy(model, inner) for model in _COMBINED])])


simple = st.one_of([build_strategy(model, st.nothing()) for model in KINDS.values()
                    if not find_schedule_fields(model) and not issubclass(model, Named)] + [build_composed_leaves()])
schedules = st.recursive(simple, build_nested, max_leaves=5)

_late = [2**24, 2**24 + 1, 10**9, 2**31, 2**31 + 1]
#: Schedules that still change beyond the range of a counter of 24 or 31 bits.
far = st.one_of(
    st.builds(lambda factor: MultiFactor(base_lr=0.3, factor=factor, milestones=_late), st.floats(0.3, 0.7)),
    st.builds(lambda base: Factor(base_lr=base, factor=0.5, every=2**24 + 1, min_lr=1e-9), st.floats(0.1, 1)),
    st.builds(lambda base: Polynomial(base_lr=base, power=1, updates=2**40), st.floats(0.1, 1)),
    st.builds(lambda growth: CosineRestarts(base_lr=0.3, final_lr=0.01, updates=1000, growth=growth, decay=0.9),
              st.integers(2, 9)),
)
