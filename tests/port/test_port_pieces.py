"""Tests that the pieces into which a schedule is split have its rates, and that wrong pieces are noticed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, seed, settings

from frameworks.schedule import (
    Constant,
    Cosine,
    CosineRestarts,
    Factor,
    MultiFactor,
    OneCycle,
    Polynomial,
    Sequence,
    Shift,
    Warmup,
    lrs,
)
from parity.gate.laws.algebra import schedules
from parity.measuring.compare import compare
from parity.port.write.native.pieces import Piece, split

SEED = 20261129
warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))


@pytest.mark.parametrize("schedule", [
    warm, Shift(by=3, of=warm), Shift(by=7, of=MultiFactor(base_lr=0.5, factor=0.5, milestones=[5, 15])),
    Sequence(parts=[Factor(base_lr=0.5, factor=0.5, every=4), warm], boundaries=[9]),
    Warmup(updates=6, clock="keep", then=MultiFactor(base_lr=0.5, factor=0.5, milestones=[5, 15])),
    Sequence(parts=[Polynomial(base_lr=0.5, power=1, updates=9), Constant(base_lr=0.1)], boundaries=[5]),
    CosineRestarts(base_lr=0.5, updates=4, growth=2),
    OneCycle(base_lr=0.1, peak_lr=0.5, final_lr=0.01, rise=3, updates=9),
], ids=lambda schedule: schedule.model_dump_json(exclude_defaults=True)[:60])
def test_pieces_have_the_rates_of_the_schedule(schedule):
    """The pieces, one after another, have the rates of the schedule."""
    rates = []
    for piece in split(schedule):
        rates += lrs(piece.of, piece.length or 60).tolist()
    assert rates[:60] == pytest.approx(lrs(schedule, 60).tolist(), abs=1e-15)


def test_pieces_of_random_schedules_have_their_rates():
    """The same for random schedules."""
    @seed(SEED)
    @settings(max_examples=300, deadline=None, database=None)
    @given(schedules)
    def attempt(schedule):
        rates = np.concatenate([lrs(piece.of, min(piece.length or 60, 60)) for piece in split(schedule)])[:60]
        assert compare(schedule, rates.astype(np.float32)[:, None]).first is None

    attempt()


def test_wrong_pieces_are_noticed():
    """A piece that is one update longer gives other rates."""
    first, *rest = split(warm)
    rates = np.concatenate([lrs(piece.of, piece.length or 60) for piece in (Piece(first.of, 6), *rest)])[:60]
    assert compare(warm, rates.astype(np.float32)[:, None]).first.update == 6  # update 5 is that of the line's end
