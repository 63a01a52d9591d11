"""Tests the simulation of the procedures, and that it rejects wrong ones."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats import contingency_tables, proportion, weightstats

from reproduce.study.analysis import command, procedures, resample, simulate

SIMULATIONS = 600


def find_failures(**wrong):
    """Return the names of the procedures whose rates are out of bounds, with some procedures replaced."""
    uses = SimpleNamespace(**vars(procedures) | wrong)
    rates = simulate.simulate(SIMULATIONS, 3, uses)
    return {rate.procedure for rate in rates if not rate.has_passed(SIMULATIONS)}


def test_the_procedures_of_the_study_hold():
    assert find_failures() == set()


def pool(ours, others, tolerance):
    return weightstats.CompareMeans.from_data(ours, others).ttost_ind(-tolerance, tolerance, usevar="pooled")[0]


def permute_means(ours, others, tolerance, permutations):
    """Return p of a permutation test without Welch's t: it takes the spreads for equal."""
    def subtract(first, second, axis):
        return first.mean(axis) - second.mean(axis)

    return np.maximum(*(stats.permutation_test(
        (sign * ours + tolerance, sign * others), subtract, vectorized=True, axis=0, n_resamples=permutations, batch=20,
        alternative="greater", rng=np.random.default_rng(0)).pvalue for sign in (1, -1)))


def approximate(first, second):
    return stats.norm.sf(abs(first - second) / max(first + second, 1) ** 0.5)  # one side of two


@pytest.mark.parametrize(("wrong", "failing"), [
    ({"compute_equivalence_p": lambda data, tolerance: procedures.compute_equivalence_p(data, 2 * tolerance)},
     {"paired TOST"}),
    ({"compute_equivalence_p": lambda data, tolerance: procedures.compute_paired_p(data)},  # not rejected: equivalent?
     {"paired TOST", "test 1, the weakest of 15", "test 1, all 15"}),
    ({"compute_paired_p": lambda data: procedures.compute_paired_p(data) / 2}, {"paired t test"}),
    ({"compute_interval": lambda data: procedures.compute_interval(data, 0.1)}, {"paired t interval"}),
    ({"compute_welch_p": pool}, {"Welch TOST"}),
    ({"compute_permutation_p": permute_means}, {"permutation TOST"}),
    ({"compute_permutation_p": lambda ours, others, tolerance, permutations: procedures.compute_permutation_p(
        ours, others, 1.5 * tolerance, permutations)}, {"permutation TOST"}),
    ({"correct": lambda ps: ps}, {"Holm"}),
    ({"compute_mcnemar_p": approximate}, {"exact McNemar"}),
    ({"compute_fisher_p": lambda a, n, b, m: procedures.compute_fisher_p(a, n, b, m) / 3}, {"Fisher"}),
    ({"compute_smirnov_p": lambda ours, others: procedures.compute_smirnov_p(ours, others) / 2},
     {"Kolmogorov-Smirnov"}),
    ({"compute_share_interval": lambda events, count: proportion.proportion_confint(events, count, alpha=0.1)},
     {"Wilson interval"}),
], ids=["doubled tolerance", "no equivalence test", "one side", "90 %", "pooled", "permuted means",
        "larger tolerance", "no correction", "one side of counts",
        "a third", "half", "90 % without Wilson"])
def test_a_wrong_procedure_is_noticed(wrong, failing):
    assert find_failures(**wrong) == failing


def test_paired_tests_hold_for_skewed_accuracies():
    sizes = resample.measure_pairs(2000, 1)
    for name in ("paired t test", "paired TOST"):
        shares = [size.share for size in sizes if size.test == name]
        assert 0.03 < min(shares) < max(shares) < 0.07
        assert len(shares) == 15


def test_the_permutation_test_holds_where_welch_does_not():
    """The skewed accuracies of Gluon's cosine, if ours are lower by the tolerance."""
    shares = {(share.test, *share.situation[1:]): share.share
              for share in resample.measure_samples(2000, 1, ("cosine", "mxnet"))
              if share.situation[0] == resample.ACCURACY}
    assert shares["Welch", resample.OWN, "size, ours smaller"] > 0.07
    for truth in ("size, ours smaller", "size, ours larger"):
        assert shares["permutation", resample.OWN, truth] == pytest.approx(0.05, abs=0.0146)  # three standard errors
    assert shares["permutation", resample.OTHER, "size, ours smaller"] < 0.05  # and not where the shapes differ


def test_the_permutation_test_is_that_of_scipy():
    """Scipy itself computes Welch's t of each permutation; values of two digits have ties."""
    random = np.random.default_rng(4)
    ours, others = random.normal(0.2, 1, (6, 3)).round(1), random.normal(0, 1, (9, 3)).round(1)
    found = procedures.compute_permutation_p(ours, others, 0.5, 999)
    for column, p in enumerate(found):
        pair = ours[:, column], others[:, column]
        assert p == max(stats.permutation_test(
            (sign * pair[0] + 0.5, sign * pair[1]), compute_t, vectorized=True, n_resamples=999, alternative="greater",
            rng=np.random.default_rng(0)).pvalue for sign in (1, -1))
        assert p == procedures.compute_permutation_p(*pair, 0.5, 999)
        assert p == pytest.approx(procedures.compute_welch_p(*pair, 0.5), abs=0.05)


def compute_t(first, second, axis):
    return np.round(stats.ttest_ind(first, second, axis=axis, equal_var=False).statistic, 9)


def test_ignoring_the_pairs_is_noticed():
    """The common part of a seed makes the unpaired test too cautious, far from its nominal size."""
    first, second = simulate.draw_arms(np.random.default_rng(0), 20, SIMULATIONS, 0)
    shares = [float(np.mean(p < 0.05)) for p in (
        procedures.compute_paired_p(first - second), stats.ttest_ind(first, second).pvalue)]
    rates = [simulate.Rate("t", "", "size", 0.05, share) for share in shares]
    assert [rate.has_passed(SIMULATIONS) for rate in rates] == [True, False]


def test_procedures_agree_with_hand_calculations():
    difference = procedures.compare_pairs([1.0, 2.0, 3.0], 10.0)
    assert difference.mean == 2.0
    assert difference.interval == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5), abs=1e-5)  # t of 2
    assert difference.narrow == pytest.approx((2 - 2.919986 / 3**0.5, 2 + 2.919986 / 3**0.5), abs=1e-5)
    assert difference.p == pytest.approx(2 * stats.t.sf(2 * 3**0.5, 2))
    assert difference.p_equivalence == pytest.approx(stats.t.sf(8 * 3**0.5, 2))
    assert procedures.correct([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert procedures.compute_mcnemar_p(6, 0) == pytest.approx(2 / 64)
    assert procedures.compute_mcnemar_p(0, 0) == 1
    assert procedures.compute_fisher_p(3, 3, 0, 3) == pytest.approx(0.1)  # 2 of 20 tables are as extreme
    assert procedures.compute_share_interval(0, 200) == pytest.approx((0, 1.959964**2 / (200 + 1.959964**2)))
    assert contingency_tables.mcnemar([[0, 6], [0, 0]], exact=True).pvalue == procedures.compute_mcnemar_p(6, 0)


def test_samples_without_spread_or_values():
    assert procedures.compare_pairs([], 0.01) == procedures.Difference(0)
    assert procedures.compare_pairs([0.5], 0.01) == procedures.Difference(1, 0.5)
    assert procedures.compare_pairs([0.0] * 3, 0.01)[2:6] == ((0, 0), (0, 0), 1, 0)
    assert procedures.compare_pairs([0.5] * 3, 0.01)[2:6] == ((0.5, 0.5), (0.5, 0.5), 0, 1)
    assert procedures.compare_samples([], [0.5], 0.01) == procedures.Difference(0)
    assert procedures.compare_samples([0.5], [0.25], 0.01) == procedures.Difference(1, 0.25)
    for value, p in ((0.5, 0.0), (0.25, 1.0)):  # the smallest p is that of one permutation in all
        assert procedures.compute_permutation_p([value] * 20, [0.5] * 20, 0.125) == pytest.approx(p, abs=1e-3)


def test_without_a_tolerance_there_is_no_equivalence_test():
    assert procedures.compare_pairs([0.5] * 3, None).p_equivalence is None
    assert procedures.compare_pairs([1.0, 2.0], None).p_equivalence is None
    assert procedures.simulate_power(0.001, 20, 0.01) == 1
    assert procedures.simulate_power(0.05, 20, 0.01) < 0.05


def test_corrections_with_unknown_tests_are_bounds():
    """The true values, whatever the unknown ones are, lie between the two."""
    assert procedures.correct_partly([0.01, None, 0.03]) == [(0.02, 0.03), (0.0, 1.0), (0.03, 0.06)]
    assert procedures.correct_partly([0.01, 0.04]) == [(0.02, 0.02), (0.04, 0.04)]
    assert procedures.correct_partly([]) == []
    for unknown in (0.0, 0.02, 0.5):
        for (low, high), p in zip(procedures.correct_partly([0.01, None, 0.03]),
                                  procedures.correct([0.01, unknown, 0.03])):
            assert low <= p <= high


def test_a_rate_out_of_bounds_ends_with_code_4(monkeypatch, capsys, tmp_path):
    rates = [simulate.Rate("Holm", "somewhere", "size", 0.05, 0.5)]
    monkeypatch.setattr(simulate, "simulate", lambda: rates)
    cells = ((("cosine", "torch"), 0.056), (("warmup", "mxnet"), 0.057), (("constant", "mxnet"), 0.04))
    monkeypatch.setattr(resample, "measure_pairs", lambda: [
        resample.Share("paired TOST", (resample.ACCURACY,), cell, share) for cell, share in cells])
    monkeypatch.setattr(resample, "measure_samples", lambda: [
        resample.Share(name, ("loss", "somewhere", truth), cell, share + rest) for cell, share in cells
        for truth in ("size", resample.POWER) for name, rest in zip(resample.UNPAIRED, (0.01, 0))])
    monkeypatch.setattr(command, "REPRODUCE", tmp_path)
    assert command.write_simulation(SimpleNamespace(check=False)) == 4
    assert capsys.readouterr().out == "Holm, somewhere: size 0.5000, expected 0.05\n"
    text = (tmp_path / "study/SIMULATION.md").read_text()
    assert "| Holm | somewhere | size | 0.05 | 0.5000 | **no** |" in text
    assert "| paired TOST | 0.0400 (constant mxnet) | 0.0570 (warmup mxnet) | 1 |" in text
    assert "| loss | somewhere | size | 3 | 0.050 to 0.067 | 2 | 0.040 to 0.057 | 0 |" in text
    assert f"| loss | somewhere | {resample.POWER} | 3 | 0.050 to 0.067 |  | 0.040 to 0.057 |  |" in text
    rates[0] = rates[0]._replace(share=0.05)
    assert command.write_simulation(SimpleNamespace(check=True)) == 4
    assert "study/SIMULATION.md is not current from line " in capsys.readouterr().out
    assert command.write_simulation(SimpleNamespace(check=False)) == 0
