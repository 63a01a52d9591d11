"""Tests the catalogue of mistakes: all mistakes that were detected before are still detected, with correct rates."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from frameworks.schedule import Cosine, lrs
from parity.cases import CASES
from parity.mistakes import plateau
from parity.mistakes.catalogue import CATALOGUE, make_mistake
from parity.mistakes.groups import GROUPS
from parity.mistakes.native import NATIVE
from parity.mistakes.nested import wrap
from parity.mistakes.record import Mistake
from parity.mistakes.shown import find_case, list_flags
from parity.pages.mistakes import PAGE, build_page, main
from parity.vectors.files import FOLDER
from parity.vectors.files import GROUPS as FILES

IDS = {one.id: one for one in CATALOGUE.values()}
#: From before the catalogue: the name, its id today, the case, and the first update that differs.
BEFORE = [line.split() for line in """\
one_update_early one_update_early cosine 0
one_update_late one_update_late cosine 1
milestone_one_early milestone_one_early multi_factor 14
milestone_one_late milestone_one_late multi_factor 15
floor_missing floor_missing factor 51
warmup_from_1 warmup_from_1 warmup_cosine 0
warmup_divided_by_one_less warmup_divided_by_one_less warmup_cosine 1
warmup_divided_by_one_more warmup_divided_by_one_more warmup_cosine 1
decay_clock_from_0 decay_clock_from_0 warmup_cosine 5
decay_clock_from_the_warmup decay_clock_from_the_end_of_the_warmup warmup_multi_factor_keep 15
horizon_one_more horizon_one_update_longer cosine 1
horizon_is_the_total total_horizon_for_the_decay_horizon warmup_cosine 6
not_held_past_the_end periodic_instead_of_held cosine 21
held_past_the_round held_instead_of_periodic repeat 20
round_of_one_more round_one_update_longer repeat 20
falls_in_steps falls_in_steps exponential 1
one_epoch_late one_epoch_late polynomial_per_epoch 10
epoch_without_its_last_batch epoch_one_update_shorter polynomial_per_epoch 9
per_update_for_per_epoch per_update_for_per_epoch polynomial_per_epoch 1
one_ulp_more one_ulp_more constant 0
one_ulp_more_once one_ulp_more_once cosine 17
k_decay_of_what_is_left k_decay_of_what_is_left annealing_k_decay 1
k_decay_without_k k_decay_without_k annealing_k_decay 1
rounded_to_whole_updates rounded_to_whole_updates annealing_between_two_updates 1
phase_from_its_first_update phase_from_its_first_update annealing_between_two_updates 7
power_law_without_offset power_law_without_offset power_law 1
rises_past_its_end rises_past_its_end exponential_upwards 63
first_factor_only one_member_only warmup_times_cosine 0
factor_compounds factor_compounds product_of_three 1
decay_of_the_base_too decay_of_the_base_too cyclic_exp_range 1
maximum_for_minimum maximum_for_minimum minimum_of_line_and_cosine 0
minimum_for_maximum minimum_for_maximum maximum_of_saw_and_floor 0
cap_of_the_first_rate cap_of_the_first_rate minimum_of_line_and_cosine 1
line_of_one_less line_of_one_less linear 1
value_one_late value_one_late piecewise 10
lines_for_waves lines_for_waves interpolated_by_waves 1
noam_from_0_for_1 noam_from_0_for_1 noam 0
noam_from_1_for_0 noam_from_1_for_0 noam_from_0 0
delay_skips delay_skips delay 0
override_clock_restarts override_clock_restarts override_clock_kept 12
override_clock_kept_on override_clock_kept_on override 12
peak_one_late peak_one_late one_cycle 1
final_rate_one_late final_rate_one_late one_cycle 15
decay_begins_at_the_end decay_begins_at_the_end wsd 26
decay_counted_from_1 decay_counted_from_1 wsd 25
root_for_one_minus_root root_for_one_minus_root wsd_one_minus_sqrt 26
lower_rate_halved_too lower_rate_halved_too cyclic_triangular2 14
triangular_for_triangular2 triangular_for_triangular2 cyclic_triangular2 15
line_for_a_wave line_for_a_wave warmup_cosine_mode 1
line_for_an_exponential line_for_an_exponential warmup_exponential 1
line_for_a_power line_for_a_power warmup_polynomial_mode 1
restart_by_logarithm restart_by_logarithm restarts_growing_threefold 121
restart_one_late restart_one_late restarts_growing 5
rounds_do_not_grow rounds_of_other_lengths restarts_growing 6
sunk_every_update sunk_every_update restarts_sinking 1
sunk_again sunk_again restarts_sinking 20
peak_for_height another_part_of_rounds_sinks restarts_sinking 10
top_does_not_sink rounds_that_do_not_sink repeat_lower 21
floor_of_rounds_missing floor_of_rounds_missing repeat_lower 20
warmup_in_the_first_round_only warmup_in_the_first_round_only restarts_warm 12
warmup_beside_the_round warmup_beside_the_round restarts_warm 6
cycle_held cycle_held cycle_of_seven 8
cycle_as_long_again cycle_as_long_again cycle_of_seven 8
cycle_one_early cycle_one_early cycle_of_seven 7
""".splitlines()]
PLATEAU_BEFORE = [line.split() for line in """\
reduces_when_patience_is_reached accuracy_torch 12
reduces_when_patience_is_exceeded accuracy_keras 12
keras_cooldown_as_torch cooldown_reaches 6
torch_cooldown_as_keras cooldown_exceeds 6
counts_in_a_cooldown cooldown_exceeds 5
no_best_in_a_cooldown best_in_cooldown 7
best_in_a_cooldown_that_is_ignored best_in_cooldown_ignored 7
count_not_reset_by_a_reduction accuracy_torch 14
count_not_reset_by_a_better_one a_better_one_starts_the_count_again 4
best_forgotten_at_a_reduction accuracy_torch 25
relative_as_absolute tie_relative 5
absolute_as_relative tie_absolute 5
threshold_ignored loss_torch 23
threshold_on_the_metrics_side tie_subtracted 2
threshold_on_the_best_s_side tie_added 2
min_as_max loss_torch 3
max_as_min accuracy_torch 6
tie_is_better tie_absolute 5
nan_is_better nan_exceeds 6
nan_is_not_counted nan_exceeds 6
first_nan_is_the_best nan_exceeds 3
first_nan_is_no_best nan_first_reaches 3
floor_ignored floor 3
floor_stops_before_it floor 3
least_change_ignored least_change 5
least_change_reached_is_enough least_change_tie 3
reduced_from_the_rounded_rate many_reductions_float64 5
reduced_from_the_unrounded_rate many_reductions_float32 3
""".splitlines()]
#: The former flags of vectors, and those of today.
FLAGS_BEFORE = {
    "default_rate": "base_rate_overwritten", "counted_from_1": "one_update_early",
    "milestone_compared_otherwise": "milestone_one_early milestone_one_late value_one_late",
    "climbs_again": "periodic_instead_of_held", "floor_missing": "floor_missing", "warmup_from_1": "warmup_from_1",
    "clock_restarts": "decay_clock_from_the_end_of_the_warmup override_clock_restarts",
    "clock_kept": "decay_clock_from_0 override_clock_kept_on", "clock_per_update": "per_update_for_per_epoch",
    "remainder_by_reciprocal": "remainder_by_reciprocal", "computed_in_float32": "float32_rounding",
    "drifts_by_multiplication": "drifts_by_multiplication", "rounded_twice": "rounded_twice",
    "unclamped": "unclamped", "division_by_zero": "division_by_zero", "round_too_long": "round_one_update_longer",
    "round_by_logarithm": "restart_by_logarithm", "round_by_reciprocal": "round_by_reciprocal",
    "does_not_sink": "rounds_that_do_not_sink", "power_of_negative": "power_of_negative",
    "rate_zero": "rate_of_0_not_given", "other_bound": "maximum_for_minimum minimum_for_maximum",
    "member_missing": "one_member_only", "compounds": "factor_compounds", "only_falls": "only_falls",
    "counter_of_31_bits": "counter_of_31_bits", "peak_one_late": "peak_one_late final_rate_one_late",
    "decay_at_the_end": "decay_begins_at_the_end", "first_is_0": "noam_from_0_for_1 noam_from_1_for_0",
    "taken_for_a_line": "line_for_a_wave line_for_an_exponential line_for_a_power lines_for_waves"}


@pytest.mark.parametrize(("name", "now", "case", "shown_at"), BEFORE, ids=[before[0] for before in BEFORE])
def test_what_was_rejected_before_still_is(name, now, case, shown_at):
    """Compares the case and the update."""
    schedule, updates = CASES[case].schedule, CASES[case].updates
    right = lrs(schedule, updates).astype(np.float32)
    differing = [np.flatnonzero(lrs(wrong, updates).astype(np.float32) != right) for wrong in make_mistake(
        next(one for one in CATALOGUE.values() if one.id == now), schedule)]
    assert int(shown_at) in {int(where[0]) for where in differing if len(where)}


@pytest.mark.parametrize(("name", "case", "metric"), PLATEAU_BEFORE)
def test_what_was_rejected_on_a_plateau_still_is(name, case, metric):
    assert plateau.find_first_wrong(name, case) == int(metric)
    assert plateau.find_case(name)[1] <= int(metric)
    assert plateau.find_first_wrong("none", case) is None


def test_each_flag_of_before_has_a_mistake_that_some_vector_is_flagged_with():
    vectors = [vector for group in FILES for vector in json.loads((FOLDER / f"{group}.json").read_text())["vectors"]]
    flagged = {flag for vector in vectors for flag in vector["flags"]}
    assert {flag for flags in FLAGS_BEFORE.values() for flag in flags.split()} <= flagged == set(IDS)


def test_every_mistake_has_its_own_id_and_says_what_it_is():
    every = [*CATALOGUE.values(), *GROUPS.values(), *plateau.PLATEAU.values(), *(
        one for some in NATIVE.values() for one in some)]
    assert len({one.id for one in every}) == len(every) >= 120
    assert all(re.fullmatch(r"[a-z0-9_]+", one.id) and one.effect and not one.effect.endswith(".") for one in every)
    assert all(re.fullmatch(r"(https://.*)?", one.link) for one in every)


def test_where_a_mistake_shows_is_computed():
    found = find_case("periodic instead of held")
    assert (found.case, found.update) == ("cosine", 21)
    rates = lrs(found.wrong, 22).astype(np.float32)
    assert (rates[:21] == lrs(CASES["cosine"].schedule, 21).astype(np.float32)).all()


def test_a_mistake_that_changes_nothing_shows_nowhere(monkeypatch):
    """As a counterpart, it is detected in no case and flags no vector."""
    same = Mistake("same", "counting", "the same again", make=lambda s, about: iter([(s, "")]), kinds=(Cosine,))
    monkeypatch.setitem(CATALOGUE, "same", same)
    assert find_case("same") is None
    assert "same" not in list_flags(CASES["cosine"].schedule, [0, 1])


def test_a_mistake_far_away_is_flagged_there_only():
    wave = CASES["cosine"].schedule
    assert "counter_of_31_bits" in list_flags(wave, [0, 2**31])
    assert "counter_of_31_bits" not in list_flags(wave, [0, 2**31 - 1])
    assert wrap(wave, lambda of, t: of.lr(t % 2**31)).lr(2**31) == wave.lr(0)


def test_the_page_is_current(tmp_path, capsys):
    assert main(["--check"]) == 0
    (tmp_path / "parity").mkdir()
    (tmp_path / PAGE).write_text(build_page().replace("update 21 |", "update 20 |", 1))
    assert main(["--check"], root=tmp_path) == 4
    assert re.fullmatch(r"parity/MISTAKES\.md is not current from line \d+: python -m parity mistakes\n",
                        capsys.readouterr().out)
