"""Tests that `explain` names each planted cause of a difference, and does not name an unknown one."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks.schedule import (
    Clamp,
    Constant,
    Cosine,
    Factor,
    Hold,
    MultiFactor,
    Polynomial,
    Repeat,
    Scale,
    Sequence,
    Shift,
    Warmup,
    lrs,
)
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import Subject
from parity.mistakes.search.why import explain

steps = MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30])
curve = Cosine(base_lr=0.3, final_lr=0.01, updates=15)
line = Polynomial(base_lr=0.5, power=1, updates=4)
warm = Warmup(updates=5, then=curve)
kept = Warmup(updates=5, clock="keep", then=steps)
epochs = Hold(updates=10, of=Polynomial(base_lr=0.5, power=1, updates=4))
floored = Factor(base_lr=2.0, factor=0.5, min_lr=0.25)
late = Sequence(parts=[Constant(base_lr=0.5), Sequence(parts=[Constant(base_lr=0.5), line], boundaries=[1])],
                boundaries=[1])


def _logged(schedule) -> np.ndarray:
    return lrs(schedule, 75).astype(np.float32)


def _over(divisor: int) -> Sequence:
    line = Warmup(updates=divisor, then=Constant(base_lr=0.3))
    return Sequence(parts=[line, curve], boundaries=[5])


def _drops(*rates_and_updates: float) -> Sequence:
    rates, updates = rates_and_updates[::2], rates_and_updates[1::2]
    return Sequence(parts=[Constant(base_lr=rate) for rate in rates], boundaries=updates)


#: A, B, the names of the mistakes that turn A into B, and the first update that differs, computed by hand.
PLANTED = {
    "early": (curve, Shift(by=1, of=curve), ["one update early"], 0),
    "late": (Shift(by=1, of=warm), warm, ["one update late"], 0),
    "late_for_the_first_rate": (curve, Sequence(parts=[Constant(base_lr=0.3), curve], boundaries=[1]),
                                ["one update late"], 1),
    "early_inside": (Scale(by=0.5, of=Sequence(parts=[Constant(base_lr=1.0), line], boundaries=[7])),
                     Scale(by=0.5, of=Sequence(parts=[Constant(base_lr=1.0), Shift(by=1, of=line)], boundaries=[7])),
                     ["one update early"], 7),
    "three_early": (line, Shift(by=3, of=line), ["several updates early"], 0),
    "two_late": (line, late, ["several updates late"], 1),
    "an_epoch_late": (epochs, Sequence(parts=[Constant(base_lr=0.5), epochs], boundaries=[10]),
                      ["one epoch late", "schedule restarted"], 10),
    "milestones_late": (steps, _drops(0.5, 16, 0.25, 31, 0.125), ["milestone one late", "one update late"], 15),
    "milestones_early": (steps, _drops(0.5, 14, 0.25, 29, 0.125), ["milestone one early", "one update early"], 14),
    "one_milestone_late": (steps, _drops(0.5, 15, 0.25, 31, 0.125), ["milestone one late"], 30),
    "boundary_early": (_drops(0.5, 16, 0.25, 31, 0.125), _drops(0.5, 16, 0.25, 30, 0.125), ["milestone one early"], 30),
    "warmup_over_4": (warm, _over(4), ["warm-up divided by one less"], 1),
    "warmup_over_6": (warm, _over(6), ["warm-up divided by one more"], 1),
    "warmup_from_1": (warm, Sequence(parts=[Shift(by=1, of=warm), curve], boundaries=[5]), ["warm-up from 1"], 0),
    "warmup_of_4": (warm, Warmup(updates=4, then=curve), ["warm-up one update shorter"], 1),
    "warmup_of_6": (warm, Warmup(updates=6, then=curve), ["warm-up one update longer"], 1),
    "no_warmup": (kept, steps, ["warm-up missing"], 0),
    "clock_from_0": (warm, Warmup(updates=5, clock="keep", then=curve, peak_lr=0.3), ["decay clock from 0"], 5),
    "clock_from_0_in_a_sequence": (
        Sequence(parts=[Constant(base_lr=0.1), steps], boundaries=[5]),
        Sequence(parts=[Constant(base_lr=0.1), Shift(by=5, of=steps)], boundaries=[5]), ["decay clock from 0"], 15),
    "clock_from_the_warmup": (kept, Warmup(updates=5, then=steps), ["decay clock from the end of the warm-up"], 15),
    "total_horizon": (warm, Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=20)),
                      ["total horizon for the decay horizon"], 6),
    "decay_horizon": (warm, Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=10)),
                      ["decay horizon for the total horizon"], 6),
    "horizon_of_16": (warm, Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=16)),
                      ["horizon one update longer"], 6),
    "climbs_again": (curve, Sequence(parts=[curve, Cosine(base_lr=0.01, final_lr=0.3, updates=15)], boundaries=[15]),
                     ["periodic instead of held"], 16),
    "starts_again": (curve, Sequence(parts=[curve] * 4, boundaries=[15, 30, 45]), ["periodic instead of held"], 15),
    "never_ends": (curve, Repeat(updates=15, of=curve), ["periodic instead of held"], 15),
    "climbs_for_ever": (curve, Repeat(updates=30, of=Sequence(parts=[curve, Cosine(
        base_lr=0.01, final_lr=0.3, updates=15)], boundaries=[15])), ["periodic instead of held"], 16),
    "round_of_16": (Repeat(updates=15, of=curve), Repeat(updates=16, of=curve), ["round one update longer"], 15),
    "round_of_14": (Repeat(updates=15, of=curve), Repeat(updates=14, of=curve), ["round one update shorter"], 14),
    "no_floor": (floored, Factor(base_lr=2.0, factor=0.5), ["floor missing"], 4),
    "floor": (Factor(base_lr=2.0, factor=0.5), floored, ["floor added"], 4),
    "no_clamp": (Clamp(min_lr=0.125, max_lr=1.0, of=line), Clamp(min_lr=0.0, max_lr=1.0, of=line),
                 ["floor missing", "unclamped"], 4),
    "per_update": (epochs, epochs.of, ["per update for per epoch"], 1),
    "per_epoch": (epochs.of, epochs, ["per epoch for per update"], 1),
    "short_epoch": (epochs, Hold(updates=9, of=epochs.of), ["epoch one update shorter"], 9),
    "plotted": (steps, _drops(0.25, 30, 0.125), ["consumed by plotting"], 0),
    "plotted_after_a_warmup": (
        Warmup(updates=5, peak_lr=0.5, clock="keep", then=steps),
        Warmup(updates=5, peak_lr=0.5, clock="keep", then=_drops(0.25, 30, 0.125)), ["consumed by plotting"], 5),
    "half_the_base": (steps, MultiFactor(base_lr=0.25, factor=0.5, milestones=[15, 30]), ["base rate overwritten"], 0),
    "another_base_above_a_floor": (floored, Factor(base_lr=0.75, factor=0.5, min_lr=0.25),
                                   ["base rate overwritten"], 0),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_was_planted_is_named(name):
    a, b, names, first = PLANTED[name]
    pair = Pair(Subject("A", a), Subject("B", b), 75)
    why = explain(pair)
    assert ([cause.name for cause in why.causes], why.side, int(pair.differing[0])) == (names, "B", first)


#: Names for A with the mistake and B with the specification; and names for two logs without a specification.
ONE_WAY = ("warmup_over_4", "warmup_from_1", "climbs_again", "no_floor", "plotted_after_a_warmup")
SEEN = {"early": "one update early", "late": "one update late", "late_for_the_first_rate": "one update late",
        "three_early": "several updates early", "two_late": "several updates late",
        "per_epoch": "per epoch for per update", "milestones_late": "one update late",
        "half_the_base": "base rate overwritten", "plotted": "consumed by plotting"}


@pytest.mark.parametrize("name", ONE_WAY)
def test_what_was_planted_in_a_is_found_there(name):
    b, a, names, _ = PLANTED[name]
    why = explain(Pair(Subject("A", logged=_logged(a)), Subject("B", b), 75))
    assert ([cause.name for cause in why.causes], why.side) == (names, "A")


@pytest.mark.parametrize("name", SEEN)
def test_a_few_causes_are_seen_without_a_specification(name):
    a, b = (Subject("", logged=_logged(one)) for one in PLANTED[name][:2])
    assert [cause.name for cause in explain(Pair(a, b, 75)).causes] == [SEEN[name]]


def test_sentences_name_the_side_that_differs():
    def list_sentences(name, exchanged):
        right, wrong = PLANTED[name][:2]
        sides = [Subject("", right), Subject("", logged=_logged(wrong))]
        return explain(Pair(*(sides[::-1] if exchanged else sides), 75)).format_sentences()

    assert list_sentences("warmup_over_4", False) == ["B warms up by t / 4, A by t / 5"]
    assert list_sentences("warmup_over_4", True) == ["A warms up by t / 4, B by t / 5"]
    assert list_sentences("total_horizon", False) == ["the cosine of 15 updates in A takes 20 in B"]
    assert list_sentences("half_the_base", False) == ["each rate of B is 0.5 times A's"]
    assert list_sentences("an_epoch_late", False) == [
        "B applies each rate of its polynomial one update after A; each of these updates is held for 10",
        "B begins again at update 10: from there on its rate of update t is A's of t - 10"]


def test_a_restart_that_never_came_is_named():
    why = explain(Pair(Subject("A", Repeat(updates=15, of=curve)), Subject("B", logged=_logged(curve)), 75))
    assert ([cause.name for cause in why.causes], why.side) == (["held instead of periodic"], "B")


def test_one_ulp_in_one_update_is_found():
    rates = _logged(curve)
    rates.view(np.uint32)[7] += 1
    pair = Pair(Subject("A", curve), Subject("B", logged=rates), 75)
    assert pair.differing.tolist() == [7]
    (cause,) = explain(pair).causes
    assert cause.name == "float32 rounding"
    assert cause.sentence == "no rate of {this} is more than 0.5 ULP of the largest rate from {that}'s"


def test_a_mistake_with_rounding_on_top_is_two():
    rates = _logged(Shift(by=1, of=curve))
    rates.view(np.uint32)[7] += 1
    why = explain(Pair(Subject("A", curve), Subject("B", logged=rates), 75))
    assert ([cause.name for cause in why.causes], why.together) == (["one update early", "float32 rounding"], True)


def test_two_mistakes_at_once_are_both_named():
    climbing = Sequence(parts=[curve, Cosine(base_lr=0.01, final_lr=0.3, updates=15)], boundaries=[15])
    why = explain(Pair(Subject("A", warm), Subject("B", Shift(by=1, of=Warmup(updates=5, then=climbing))), 75))
    assert sorted(cause.name for cause in why.causes) == ["one update early", "periodic instead of held"]
    assert why.together


UNKNOWN = {"a_constant": (Cosine(base_lr=0.3, final_lr=0.2, updates=1), Constant(base_lr=0.3)),
           "another_drop": (steps, _drops(0.5, 15, 0.2, 30, 0.125)), "nothing_in_common": (curve, line)}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_cause_is_not_named(name):
    a, b = (Subject("", one) for one in UNKNOWN[name])
    assert explain(Pair(a, b, 75)).causes == ()


def test_a_single_wrong_rate_is_not_explained_away():
    rates = _logged(Shift(by=1, of=curve))
    rates[40] = 0.5
    assert explain(Pair(Subject("", curve), Subject("", logged=rates), 75)).causes == ()
    assert explain(Pair(Subject("", logged=_logged(curve)), Subject("", logged=rates), 75)).causes == ()
