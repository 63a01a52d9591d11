"""Checks the chapter's plots of its schedules: the chapter's numbers, current figures, and a wrong rate."""

from __future__ import annotations

import math
import re
import sys

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import lrs
from reproduce.results import chapter_plots
from reproduce.results.chapter_plots import COMMAND, PLOTS


class SquareRootScheduler:
    """As the chapter prints it, like the next three."""

    def __init__(self, lr=0.1):
        self.lr = lr

    def __call__(self, num_update):
        return self.lr * pow(num_update + 1.0, -0.5)


class FactorScheduler:
    def __init__(self, factor=1, stop_factor_lr=1e-7, base_lr=0.1):
        self.factor = factor
        self.stop_factor_lr = stop_factor_lr
        self.base_lr = base_lr

    def __call__(self, num_update):
        self.base_lr = max(self.stop_factor_lr, self.base_lr * self.factor)
        return self.base_lr


class MultiFactorScheduler:
    def __init__(self, step, factor, base_lr):
        self.step = step
        self.factor = factor
        self.base_lr = base_lr

    def __call__(self, epoch):
        if epoch in self.step:
            self.base_lr = self.base_lr * self.factor
        return self.base_lr


class CosineScheduler:
    def __init__(self, max_update, base_lr=0.01, final_lr=0, warmup_steps=0, warmup_begin_lr=0):
        self.base_lr_orig = base_lr
        self.max_update = max_update
        self.final_lr = final_lr
        self.warmup_steps = warmup_steps
        self.warmup_begin_lr = warmup_begin_lr
        self.max_steps = self.max_update - self.warmup_steps

    def get_warmup_lr(self, epoch):
        increase = (self.base_lr_orig - self.warmup_begin_lr) * float(epoch) / float(self.warmup_steps)
        return self.warmup_begin_lr + increase

    def __call__(self, epoch):
        if epoch < self.warmup_steps:
            return self.get_warmup_lr(epoch)
        if epoch <= self.max_update:
            self.base_lr = self.final_lr + (
                self.base_lr_orig - self.final_lr) * (1 + math.cos(
                math.pi * (epoch - self.warmup_steps) / self.max_steps)) / 2
        return self.base_lr


#: The schedulers that the chapter plots, and over how many numbers.
CHAPTER = {
    "square_root": (SquareRootScheduler(lr=0.1), 30),
    "factor": (FactorScheduler(factor=0.9, stop_factor_lr=1e-2, base_lr=2.0), 50),
    "multi_factor": (MultiFactorScheduler(step=[15, 30], factor=0.5, base_lr=0.5), 30),
    "cosine": (CosineScheduler(max_update=20, base_lr=0.3, final_lr=0.01), 30),
    "warmup": (CosineScheduler(20, warmup_steps=5, base_lr=0.3, final_lr=0.01), 30),
}


def test_every_plot_has_the_chapters_numbers():
    assert list(PLOTS) == list(CHAPTER)
    for name, (scheduler, numbers) in CHAPTER.items():
        assert lrs(*PLOTS[name]).tolist() == pytest.approx([scheduler(t) for t in range(numbers)], rel=1e-12)


def test_the_figures_are_current(tmp_path, monkeypatch, capsys):
    """They are measured again and drawn again. A figure with another number, or a missing one, is not current."""
    assert chapter_plots.main(["--check"]) == 0
    figures = {path.name: path.read_text(encoding="utf-8") for path in chapter_plots.FOLDER.iterdir()}
    assert sorted(figures) == sorted(f"{name}.svg" for name in PLOTS)
    assert sum(map(len, figures.values())) < 300_000
    monkeypatch.setattr(chapter_plots, "FOLDER", tmp_path)
    for name, text in figures.items():
        if name != "cosine.svg":
            (tmp_path / name).write_text(text.replace("L 2", "L 3", name == "warmup.svg"), encoding="utf-8")
    capsys.readouterr()
    assert chapter_plots.main(["--check"]) == 4
    missing, changed = capsys.readouterr().out.splitlines()
    assert missing == f"cosine.svg is missing: {COMMAND}"
    assert re.fullmatch(rf"warmup.svg is not current from line \d+: {COMMAND}", changed)
    assert chapter_plots.main([]) == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == figures


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_rate_that_is_one_bit_off_is_reported_and_not_drawn(framework, tmp_path, monkeypatch, capsys):
    def measure(name):
        rates = {plot: np.repeat(lrs(*PLOTS[plot]).astype(np.float32)[:, None], 11, axis=1) for plot in PLOTS}
        if name == framework:
            rates["warmup"][7, 3] = np.nextafter(rates["warmup"][7, 3], np.float32(0))
        return rates

    monkeypatch.setattr(chapter_plots, "measure", measure)
    monkeypatch.setattr(chapter_plots, "FOLDER", tmp_path)
    assert chapter_plots.main([]) == 4
    assert capsys.readouterr().err == (f"warmup in {framework}: update 7 applied 0.287464052, specified 0.287464082\n")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_framework_is_one_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "mxnet", None)
    assert chapter_plots.main(["--check"]) == 2
    assert capsys.readouterr().err.startswith("mxnet cannot be imported (import of mxnet halted; None in sys.modules)")
