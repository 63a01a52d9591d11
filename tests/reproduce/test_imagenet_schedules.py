"""Checks the schedules of the training on photos, and its errors for folders without images."""

from __future__ import annotations

import pytest

from reproduce.exercises.imagenet import schedules
from reproduce.exercises.imagenet.images import open_images
from reproduce.trainer.data import DataError


def test_gluoncvs_recipe():
    """5 of 120 epochs to .4 for 1,024 images, then a cosine to 0; the chapter's schedules count epochs."""
    schedule = schedules.build_schedule("gluoncv", 100, 120, 1024, None)
    assert [round(schedule.lr(t), 6) for t in (0, 250, 500, 6250, 12000)] == [0, 0.2, 0.4, 0.2, 0]
    assert schedules.build_schedule("gluoncv", 100, 120, 256, None).lr(500) == pytest.approx(0.1)
    assert schedules.build_schedule("multi_factor", 10, 30, 256, None).lr(149) == 0.5
    assert schedules.build_schedule("multi_factor", 10, 30, 256, 0.2).lr(150) == 0.1


@pytest.mark.parametrize(("folders", "place"), [([], "CLASS"), (["a", "b"], "a"), (["b"], "b")])
def test_a_class_without_images(folders, place, tmp_path):
    """No class, no image in both, and none in one of two: the message names the first of them."""
    (tmp_path / "train").mkdir()
    for name in folders:
        (tmp_path / "train" / name).mkdir()
    if folders == ["b"]:
        (tmp_path / "train/a").mkdir()
        (tmp_path / "train/a/0.png").touch()
    with pytest.raises(DataError) as caught:
        open_images(str(tmp_path), None)
    endings = ".jpg, .jpeg, .png, .bmp, .webp"
    assert str(caught.value) == f"{tmp_path}/train/{place}: must have images ({endings}), found none"
