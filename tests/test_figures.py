"""Checks the figures of a run of one epoch, which show points, and of longer runs, which show lines."""

from __future__ import annotations

import re

import pytest

from frameworks import FRAMEWORKS
from reproduce.results import __main__ as results
from reproduce.trainer.figures import COLOURS, _rates, draw_chapter, draw_run

RECORDS = {record["framework"]: record for record in results.records()
           if (record["experiment"], record["variant"]) == ("cosine", "described")}
#: The colours of the three curves of a run, matplotlib's first three.
CURVES = ("#1f77b4", "#ff7f0e", "#2ca02c")


def cut(record, epochs):
    """Return a record with its first epochs only."""
    updates = sum(epoch["updates"] for epoch in record["epochs"][:epochs])
    return record | {"epochs": record["epochs"][:epochs],
                     "applied_rates": [change for change in record["applied_rates"] if change["update"] < updates]}


def markers(path):
    """Return the colours of an SVG's markers and how often each is drawn; ticks are black."""
    colours = re.findall(r"<use [^>]*style=\"fill: (#[0-9a-f]{6})", path.read_text(encoding="utf-8"))
    return {colour: colours.count(colour) for colour in set(colours)}


@pytest.mark.parametrize(("epochs", "count"), [(1, 2), (2, 0)])
def test_a_run_of_one_epoch_shows_its_points(epochs, count, tmp_path):
    """Each point is drawn twice: on the curve and in the legend."""
    draw_run(cut(RECORDS["torch"], epochs), tmp_path / "run.svg")
    assert markers(tmp_path / "run.svg") == (dict.fromkeys(CURVES, count) if count else {})


def test_the_overlay_of_one_epoch_shows_the_points_of_each_framework(tmp_path):
    """Each framework has three curves with two points each; a run with more epochs has no points."""
    draw_chapter({name: cut(RECORDS[name], 1) for name in FRAMEWORKS}, tmp_path / "all.svg")
    assert markers(tmp_path / "all.svg") == dict.fromkeys(CURVES, 6)
    draw_chapter({name: cut(RECORDS[name], 1 + (name == "torch")) for name in FRAMEWORKS}, tmp_path / "some.svg")
    assert markers(tmp_path / "some.svg") == {CURVES[0]: 6, CURVES[2]: 6}
    assert list(COLOURS) == list(FRAMEWORKS)


@pytest.mark.parametrize("draw", [
    lambda record, path: draw_run(record, path), lambda record, path: draw_chapter({"torch": record}, path)])
def test_the_legend_covers_no_point(draw, tmp_path, monkeypatch):
    """No point of one epoch is under the legend. The counterpart: a legend at the right covers some."""
    import matplotlib.pyplot as plt

    from reproduce.trainer import figures

    covered = []

    def count_covered(figure, path):
        figure.canvas.draw()
        axes = figure.axes[0]
        box = axes.get_legend().get_window_extent()
        covered.append(sum(box.contains(*axes.transData.transform((line.get_xdata()[0], line.get_ydata()[0])))
                           for line in axes.get_lines()))
        plt.close(figure)

    monkeypatch.setattr(figures, "_saved", count_covered)
    record = cut(RECORDS["torch"], 1)
    record["epochs"] = [record["epochs"][0] | {"train_loss": 1.0, "train_accuracy": 0.5, "test_accuracy": 0.6}]
    draw(record, tmp_path / "x.svg")
    monkeypatch.setattr(figures, "_place", lambda records: "center right")
    draw(record, tmp_path / "x.svg")
    assert covered[0] == 0 < covered[1]


def test_the_rate_of_one_epoch_is_a_line():
    """The line goes from the first update to the end of the epoch."""
    record = cut(RECORDS["torch"], 1)
    assert _rates(record) == ([0.0, 1.0], [record["applied_rates"][0]["rate"]] * 2)
    dry = record | {"epochs": [record["epochs"][0] | {"updates": 1}]}
    assert _rates(dry)[0] == [0.0, 1.0]
