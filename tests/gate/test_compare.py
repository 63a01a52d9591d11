"""The comparison rule: which applied rates are equal to the specified ones."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks.observation import GRADIENTS, SIZES, Observation
from frameworks.schedule import Constant, Cosine, Factor, lrs
from parity.cases import CASES
from parity.measuring.compare import compare
from parity.measuring.margin import EDGE
from parity.measuring.measure import describe_observation, read_applied_rates

cosine = Cosine(base_lr=0.3, final_lr=0.01, updates=20)


def compute_rates(schedule, updates=50, parameters=3):
    """Return the specified rates, float32 of shape (updates, parameters)."""
    return np.repeat(lrs(schedule, updates).astype(np.float32)[:, None], parameters, axis=1)


def test_equal_rates_are_equal():
    comparison = compare(cosine, compute_rates(cosine))
    assert (comparison.updates, comparison.first, comparison.edges, comparison.outside) == (50, None, 0, 0)


@pytest.mark.parametrize("towards", [0.0, 1.0])
@pytest.mark.parametrize(("update", "parameter"), [(0, 0), (17, 2), (49, 1)])
def test_one_ulp_is_a_difference(update, parameter, towards):
    applied = compute_rates(cosine)
    applied[update, parameter] = np.nextafter(applied[update, parameter], np.float32(towards))
    first = compare(cosine, applied).first
    assert (first.update, first.parameter) == (update, parameter)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.3])
def test_what_is_no_rate_is_a_difference(wrong):
    applied = compute_rates(cosine)
    applied[3, 1] = wrong
    assert compare(cosine, applied).first.update == 3


def boundary(offset):
    """Return a rate `offset` * 2^-53, relatively, below the middle between two float32 numbers, and both numbers."""
    low = np.float32(0.3)
    high = np.nextafter(low, np.float32(1))
    middle = (float(low) + float(high)) / 2
    return Constant(base_lr=middle * (1 - offset * 2.0**-53)), low, high


def test_at_the_bound_both_neighbours_pass_and_are_counted():
    schedule, low, high = boundary(4)
    for applied, edges in ((low, 0), (high, 2)):
        comparison = compare(schedule, np.full((2, 3), applied))
        assert comparison.first is None
        assert comparison.edges == edges
        assert compare(schedule, np.full((2, 3), np.nextafter(high, np.float32(1)))).first is not None


def test_beyond_the_bound_only_the_nearest_passes():
    schedule, low, high = boundary(12)
    assert compare(schedule, np.full((2, 3), low)).first is None
    assert compare(schedule, np.full((2, 3), high)).first is not None
    assert EDGE == 8 / 2**53


def test_rates_below_the_normal_numbers_are_counted_and_not_compared():
    vanishing = Factor(base_lr=1.0, factor=0.5)
    applied = compute_rates(vanishing, 160)
    applied[130] = 0  # flushed by a kernel
    comparison = compare(vanishing, applied)
    assert comparison.first is None
    assert comparison.outside == 160 - 127
    for wrong in (0.3, np.nan, -1e-40):
        applied[130] = wrong
        assert compare(vanishing, applied).first.update == 130
    applied[130] = 0
    applied[126] = 0  # the smallest normal number; the tolerance is that of the largest rate, 1.0
    comparison = compare(vanishing, applied)
    assert (comparison.first, comparison.edges, comparison.outside) == (None, 1, 160 - 127)
    applied[49] = 0  # 2^-49; the tolerance is 2^-50
    assert compare(vanishing, applied).first.update == 49


def test_a_negative_zero_is_not_a_rate():
    applied = np.zeros((2, 1), np.float32)
    assert compare(Constant(base_lr=0.0), applied).first is None
    assert compare(Constant(base_lr=0.0), -applied).first.update == 0


@pytest.mark.parametrize("shape", [(0, 3), (5, 0)])
def test_nothing_is_not_equal(shape):
    with pytest.raises(ValueError, match="no rates to compare"):
        compare(cosine, np.zeros(shape, np.float32))


def test_a_difference_names_both_rates_with_their_bits():
    applied = compute_rates(cosine)
    applied[20] = 0.02
    assert str(compare(cosine, applied).first) == (
        "update 20: applied 0.02 (3ca3d70a), specified 0.01 (3c23d70a, float64 0.01), parameter 0")


def test_a_document_keeps_every_weight():
    weights = -compute_rates(cosine, 50, sum(SIZES)) * np.repeat(np.array(GRADIENTS, np.float32), SIZES)
    weights[7, 3] *= 2  # a weight of the second parameter
    weights[9, 10] = 0  # of the third
    document = describe_observation("x", cosine, Observation.from_weights(weights, np.arange(50)))
    assert document["reported"] == list(range(50))
    assert [(d["update"], d["parameter"]) for d in document["differing"]] == [(7, 1), (9, 2)]
    rates = read_applied_rates(document)
    assert rates[7].tolist() == [rates[7, 0], 2 * rates[7, 0], rates[7, 0]]
    assert compare(cosine, rates).first.update == 7


def test_every_case_reaches_past_its_end():
    for name, case in CASES.items():
        assert case.updates >= 50, name
        assert case.updates >= 2.5 * case.schedule.horizon, name
