"""What is said of a training whose numbers are none any more."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks.epoch import Epoch
from reproduce import run as running
from reproduce.errors import Diverged


def test_the_last_finite_loss_may_be_of_the_epoch_before():
    one = Epoch(np.array([2.0, 1.5]), np.array([0.3, 0.2]), np.array([8, 8]), 0, 0)
    other = Epoch(np.array([np.inf, np.nan]), np.array([0.1, 0.1]), np.array([8, 8]), 0, 0)
    fine, broken = {"one": np.ones(2)}, {"one": np.array([1, np.nan])}
    before = running._check(one, fine, 0, None)
    with pytest.raises(Diverged) as caught:
        running._check(other, fine, 2, before)
    assert str(caught.value) == (
        "diverged: the loss of update 2 is inf, after update 1 at rate 0.2; the last finite loss was 1.500")
    with pytest.raises(Diverged, match=r"^diverged: the loss of update 0 is inf$"):
        running._check(other, fine, 0, None)
    with pytest.raises(Diverged) as caught:
        running._check(one, broken, 0, None)
    assert str(caught.value) == ("diverged: the weights are no numbers any more, after update 1 at rate 0.2; "
                                 "the last finite loss was 1.500")
