"""Checks the schedules of the training on photos."""

from __future__ import annotations

import pytest

from reproduce.exercises.imagenet import schedules


def test_gluoncvs_recipe():
    """5 of 120 epochs to .4 for 1,024 images, then a cosine to 0; the chapter's schedules count epochs."""
    schedule = schedules.build_schedule("gluoncv", 100, 120, 1024, None)
    assert [round(schedule.lr(t), 6) for t in (0, 250, 500, 6250, 12000)] == [0, 0.2, 0.4, 0.2, 0]
    assert schedules.build_schedule("gluoncv", 100, 120, 256, None).lr(500) == pytest.approx(0.1)
    assert schedules.build_schedule("multi_factor", 10, 30, 256, None).lr(149) == 0.5
    assert schedules.build_schedule("multi_factor", 10, 30, 256, 0.2).lr(150) == 0.1
