"""Random schedules for Hypothesis: every kind, in every kind, and some that reach far."""

from __future__ import annotations

from hypothesis import strategies as st

from frameworks.schedule import (
    Annealing,
    Clamp,
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    InverseSquareRoot,
    InverseTime,
    Maximum,
    Minimum,
    MultiFactor,
    Polynomial,
    PolynomialCycle,
    PowerLaw,
    Product,
    Repeat,
    Scale,
    Sequence,
    Shift,
    Sum,
    Warmup,
)
from parity.gate.laws.algebra_named import alone, around

rates = st.one_of(st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0]), st.floats(1e-6, 10.0))
counts = st.integers(1, 40)
factors = st.floats(0.05, 1.0)
powers = st.just(1.0) | st.floats(0.25, 4)


def increasing(least: int = 1, most: int = 4) -> st.SearchStrategy:
    return st.lists(counts, min_size=least, max_size=most, unique=True).map(sorted)


many = st.integers(33, 50).map(lambda n: list(range(2, 2 + n)))


@st.composite
def factor(draw: st.DrawFn) -> Factor:
    base_lr = draw(rates)
    floor = base_lr * draw(st.just(0.0) | st.floats(0, 1))
    return Factor(base_lr=base_lr, factor=draw(factors), every=draw(counts), min_lr=floor)


@st.composite
def cosine_restarts(draw: st.DrawFn) -> CosineRestarts:
    updates = draw(counts)
    return CosineRestarts(
        base_lr=draw(rates), final_lr=draw(rates), updates=updates, growth=draw(st.integers(1, 4)),
        decay=draw(st.just(1.0) | factors), sinks=draw(st.sampled_from(["height", "peak"])),
        warmup=draw(st.just(0) | st.integers(0, updates - 1)))


@st.composite
def annealing(draw: st.DrawFn) -> Annealing:
    shape = draw(st.sampled_from(["linear", "cosine", "exponential"]))
    of = st.floats(1e-3, 10.0) if shape == "exponential" else rates
    return Annealing(
        shape=shape, base_lr=draw(of), final_lr=draw(of), updates=draw(counts.map(float) | st.floats(0.25, 40)),
        power=1.0 if shape == "exponential" else draw(powers), elapsed_power=draw(powers),
        elapsed=draw(st.sampled_from([0.0, 0.5, 3.0]) | st.floats(0, 50)))


simple = st.one_of(
    st.builds(Constant, base_lr=rates),
    st.builds(InverseSquareRoot, base_lr=rates, timescale=st.floats(0.5, 100)),
    st.builds(InverseTime, base_lr=rates, timescale=st.floats(0.5, 100)),
    st.builds(Exponential, base_lr=rates, factor=factors, updates=counts),
    st.builds(
        Exponential, base_lr=st.floats(1e-6, 1), max_lr=st.floats(1, 10), factor=st.floats(1, 20), updates=counts),
    annealing(),
    st.builds(PolynomialCycle, base_lr=rates, final_lr=rates, power=st.floats(0.2, 4), updates=counts),
    st.builds(PowerLaw, base_lr=rates, timescale=st.floats(0.5, 100), power=st.floats(0.1, 4)),
    factor(),
    st.builds(MultiFactor, base_lr=rates, factor=factors, milestones=increasing() | many),
    st.builds(Polynomial, base_lr=rates, final_lr=rates, power=st.floats(0.2, 4), updates=counts),
    st.builds(Cosine, base_lr=rates, final_lr=rates, updates=counts),
    cosine_restarts(),
    alone(),
)


def composed(inner: st.SearchStrategy) -> st.SearchStrategy:
    @st.composite
    def sequence(draw: st.DrawFn) -> Sequence:
        boundaries = draw(increasing(0, 2))
        parts = draw(st.lists(inner, min_size=len(boundaries) + 1, max_size=len(boundaries) + 1))
        return Sequence(parts=parts, boundaries=boundaries)

    @st.composite
    def clamp(draw: st.DrawFn) -> Clamp:
        low, high = sorted((draw(rates), draw(rates)))
        return Clamp(min_lr=low, max_lr=high, of=draw(inner))

    return st.one_of(
        st.builds(Warmup, updates=counts, begin_lr=rates, peak_lr=st.none() | rates,
                  mode=st.sampled_from(["linear", "constant"]), clock=st.sampled_from(["restart", "keep"]), then=inner),
        st.builds(Shift, by=st.integers(0, 20), of=inner),
        st.builds(Hold, updates=st.integers(1, 5), of=inner),
        st.builds(Repeat, updates=counts, decay=st.just(1.0) | factors, min_lr=rates, of=inner),
        st.builds(Scale, by=st.just(0.0) | st.floats(1e-3, 3), of=inner),
        sequence(),
        clamp(),
        around(inner),
        st.builds(lambda kind, of: kind(of=of), st.sampled_from([Sum, Product, Minimum, Maximum]),
                  st.lists(inner, min_size=1, max_size=3)),
    )


schedules = st.recursive(simple, composed, max_leaves=5)

_times = [2**24, 2**24 + 1, 10**9, 2**31, 2**31 + 1]
#: Schedules that still change where a counter of 24 or 31 bits has ended.
far = st.one_of(
    st.builds(lambda factor: MultiFactor(base_lr=0.3, factor=factor, milestones=_times), st.floats(0.3, 0.7)),
    st.builds(lambda base: Factor(base_lr=base, factor=0.5, every=2**24 + 1, min_lr=1e-9), st.floats(0.1, 1)),
    st.builds(lambda base: Polynomial(base_lr=base, power=1, updates=2**40), st.floats(0.1, 1)),
    st.builds(lambda growth: CosineRestarts(base_lr=0.3, final_lr=0.01, updates=1000, growth=growth, decay=0.9),
              st.integers(2, 9)),
)
