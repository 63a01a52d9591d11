"""Tests the answer to exercise 4 on runs with known outcomes."""

from __future__ import annotations

from reproduce.exercises import warmup_length
from tests.study.constructed import DEAD, LATE, read_exercise


def test_dead_runs_by_the_length_of_the_warm_up():
    """A missing run is in no share, and a schedule without a run has none."""
    values = {"warmup0_peak0.5": [DEAD] * 10, "warmup3_peak0.5_epoch": [LATE, *[0.9] * 9]}
    missing = [("warmup10_peak1_update", 2000), *(("warmup5_peak1_update", seed) for seed in range(2000, 2005))]
    names, alive = ("mxnet", "torch"), " | 0 of 5" * 5
    text = warmup_length.answer(read_exercise(warmup_length.EXERCISE, values=values, missing=missing, frameworks=names))
    for framework in names:
        assert f"| 0.3 | update | {framework} | 0 of 5{alive} |" in text
        assert f"| 0.5 | update | {framework} | 5 of 5{alive} | 0 of 25 |" in text
        assert f"| 0.5 | epoch | {framework} | 5 of 5 | 0 of 5 | 0 of 5 | 1 of 5 | 0 of 5 | 0 of 5 | 1 of 25 |" in text
        assert f"| 1 | update | {framework} | 0 of 5 | 0 of 5 | 0 of 5 | 0 of 5 | - | 0 of 4 | 0 of 19 |" in text
    assert "Of 12 dead runs, 2 had a test accuracy above 0.5 after an earlier epoch." in text
