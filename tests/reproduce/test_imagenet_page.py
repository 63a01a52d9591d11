"""Checks the schedules of the training on photos, and the numbers of its page."""

from __future__ import annotations

import json

import pytest

from reproduce.exercises.imagenet import schedules


def test_gluoncvs_recipe():
    """5 of 120 epochs to .4 for 1,024 images, then a cosine to 0; the chapter's schedules count epochs."""
    schedule = schedules.build_schedule("gluoncv", 100, 120, 1024, None)
    assert [round(schedule.lr(t), 6) for t in (0, 250, 500, 6250, 12000)] == [0, 0.2, 0.4, 0.2, 0]
    assert schedules.build_schedule("gluoncv", 100, 120, 256, None).lr(500) == pytest.approx(0.1)
    assert schedules.build_schedule("multi_factor", 10, 30, 256, None).lr(149) == 0.5
    assert schedules.build_schedule("multi_factor", 10, 30, 256, 0.2).lr(150) == 0.1


def test_the_page_has_the_numbers_of_its_record(root):
    """The counterpart is another accuracy."""
    folder = root / "reproduce/exercises/imagenet"
    record, text = json.loads((folder / "results/fashion-torch.json").read_text()), (folder / "README.md").read_text()
    ends = [f"| {epoch['train_loss']:.3f} | {epoch['test_accuracy']:.3f} |".replace("| 0.", "| .")
            for epoch in record["epochs"]]
    assert [end in text for end in ends] == [True] * 3
    assert ends[0].replace(".357", ".358") not in text
    assert (record["images"], record["batch"], record["side"], record["schedule_name"]) == (2000, 50, 32, "gluoncv")
