"""Random schedules of the named kinds, and warm-ups that are curves."""

from __future__ import annotations

from hypothesis import strategies as st

from frameworks.schedule import (
    Cyclic,
    Delay,
    Interpolated,
    Linear,
    Noam,
    OneCycle,
    Override,
    Piecewise,
    Warmup,
    Wsd,
)

rates = st.one_of(st.sampled_from([0.0, 0.1, 0.3, 1.0]), st.floats(1e-6, 10.0))
above_0 = st.floats(1e-3, 10.0)
counts = st.integers(1, 40)
shapes = st.sampled_from(["linear", "cosine"])
clocks = st.sampled_from(["restart", "keep"])


@st.composite
def piecewise(draw: st.DrawFn) -> Piecewise:
    values = draw(st.lists(rates, min_size=1, max_size=4))
    boundaries = draw(st.lists(counts, min_size=len(values) - 1, max_size=len(values) - 1, unique=True))
    return Piecewise(values=values, boundaries=sorted(boundaries))


@st.composite
def interpolated(draw: st.DrawFn) -> Interpolated:
    updates = sorted(draw(st.lists(st.integers(0, 60), min_size=1, max_size=4, unique=True)))
    return Interpolated(points=[[t, draw(rates)] for t in updates], mode=draw(shapes))


@st.composite
def one_cycle(draw: st.DrawFn) -> OneCycle:
    phases, rise = draw(st.sampled_from([2, 3])), draw(counts.map(float) | st.floats(0.25, 20))
    return OneCycle(base_lr=draw(rates), peak_lr=draw(rates), final_lr=draw(rates), phases=phases, rise=rise,
                    updates=int((phases - 1) * rise) + draw(counts), mode=draw(shapes))


@st.composite
def wsd(draw: st.DrawFn) -> Wsd:
    tail = draw(st.sampled_from(["linear", "cosine", "one_minus_sqrt", "square", "exponential"]))
    of = above_0 if tail == "exponential" else rates
    lengths = {"warmup": draw(st.integers(0, 20)), "stable": draw(st.integers(0, 20)), "decay": draw(counts)}
    return Wsd(tail=tail, base_lr=draw(of), begin_lr=draw(rates), final_lr=draw(of), **lengths,
               warmup_mode=draw(shapes), warmup_from=draw(st.integers(0, 1)), decay_from=draw(st.integers(0, 1)))


@st.composite
def cyclic(draw: st.DrawFn) -> Cyclic:
    low, high = sorted((draw(rates), draw(rates)))
    mode = draw(st.sampled_from(["triangular", "triangular2", "exp_range"]))
    return Cyclic(low=low, high=high, up=draw(counts), down=draw(st.none() | counts), mode=mode,
                  gamma=draw(st.floats(0.5, 1)) if mode == "exp_range" else 1.0)


_alone = st.one_of(
    st.builds(Linear, base_lr=rates, final_lr=rates, updates=counts),
    st.builds(Noam, d_model=st.integers(1, 4096), warmup=counts, factor=st.floats(0.1, 3), first=st.integers(0, 1)),
    piecewise(), interpolated(), one_cycle(), wsd(), cyclic(),
)


@st.composite
def alone(draw: st.DrawFn) -> object:
    """Any that stands alone: one strategy among others, drawn as rarely as each of them."""
    return draw(_alone)


@st.composite
def around(draw: st.DrawFn, inner: st.SearchStrategy) -> object:
    """Any that other schedules stand in, or a curved warm-up: one strategy among others."""
    kind = draw(st.sampled_from(["delay", "override", "warmup"]))
    if kind == "delay":
        return Delay(by=draw(st.integers(0, 20)), of=draw(inner))
    if kind == "override":
        return Override(of=draw(inner), at=draw(counts), then=draw(inner), clock=draw(clocks))
    mode = draw(st.sampled_from(["polynomial", "cosine", "exponential"]))
    of = above_0 if mode == "exponential" else rates
    return Warmup(updates=draw(counts), begin_lr=draw(of), peak_lr=draw(of), mode=mode, clock=draw(clocks),
                  power=draw(st.floats(0.25, 4)) if mode == "polynomial" else None, then=draw(inner))
