"""Generates torch's CyclicLR(mode="exp_range"), whose gamma is read if max_lr is the higher rate."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from parity.gate.laws.algebra import counts, factors, rates


def build_decaying(call: Callable[..., st.SearchStrategy], first: tuple) -> st.SearchStrategy:
    """Return a strategy of texts. call: writes one. first: the first arguments."""
    def write(ends: list[float]) -> st.SearchStrategy:
        low, high = ends
        given = {"base_lr": st.just(low), "max_lr": st.just(high), "step_size_up": counts, "gamma": factors,
                 "mode": st.just("exp_range"), "cycle_momentum": st.just(False)}
        return call("torch", "CyclicLR", given, {"step_size_down": counts}, first=first)

    return st.tuples(rates, rates).map(sorted).flatmap(write)
