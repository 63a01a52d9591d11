"""Tests the figures: points and curves, legible texts, the legend outside the panels, marks of runs that diverged."""

from __future__ import annotations

import re

import pytest

from frameworks import FRAMEWORKS
from reproduce.results import __main__ as results
from reproduce.trainer.figures import COLOURS, DPI, SIZE, _list_rates, draw_chapter, draw_run

RECORDS = {record["framework"]: record for record in results.read_records()
           if (record["experiment"], record["variant"]) == ("cosine", "described")}


def cut(record, epochs):
    """Return a record with its first epochs only."""
    updates = sum(epoch["updates"] for epoch in record["epochs"][:epochs])
    return record | {"epochs": record["epochs"][:epochs],
                     "applied_rates": [change for change in record["applied_rates"] if change["update"] < updates]}


def markers(path):
    """Return the colours of an SVG's markers with their numbers; ticks are black."""
    colours = re.findall(r"<use [^>]*style=\"fill: (#[0-9a-f]{6})", path.read_text(encoding="utf-8"))
    return {colour: colours.count(colour) for colour in set(colours)}


@pytest.mark.parametrize(("epochs", "count"), [(1, 3), (2, 0)])
def test_a_run_of_one_epoch_shows_its_points(epochs, count, tmp_path):
    """Each of its three curves has one point."""
    draw_run(cut(RECORDS["torch"], epochs), tmp_path / "run.svg")
    assert markers(tmp_path / "run.svg") == ({COLOURS["torch"].lower(): count} if count else {})


def test_the_overlay_of_one_epoch_shows_the_points_of_each_framework(tmp_path):
    """Each framework has three curves; runs with more epochs show no points."""
    colours = {name: colour.lower() for name, colour in COLOURS.items()}
    draw_chapter({name: cut(RECORDS[name], 1) for name in FRAMEWORKS}, tmp_path / "all.svg")
    assert markers(tmp_path / "all.svg") == dict.fromkeys(colours.values(), 3)
    draw_chapter({name: cut(RECORDS[name], 1 + (name == "torch")) for name in FRAMEWORKS}, tmp_path / "some.svg")
    assert markers(tmp_path / "some.svg") == {colours["mxnet"]: 3, colours["tensorflow"]: 3}
    assert list(COLOURS) == list(FRAMEWORKS)


@pytest.fixture
def draw_runs(monkeypatch, tmp_path):
    """Return a function that draws runs and returns the figure."""
    import matplotlib.pyplot as plt

    from reproduce.trainer import figures

    kept = []
    monkeypatch.setattr(figures, "_save", lambda figure, path: kept.append(figure))

    def draw(records):
        draw_chapter(records, tmp_path / "x.svg")
        kept[-1].canvas.draw()
        return kept[-1]

    yield draw
    plt.close("all")


def overlapping(figure):
    """Return the number of panels that the legend overlaps."""
    box = figure.legends[0].get_window_extent()
    return sum(box.overlaps(axes.get_window_extent()) for axes in figure.axes)


def labels(figure):
    """Return the texts of the legend."""
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_the_legend_covers_no_panel(draw_runs):
    """As a counterpart, a legend inside the panels overlaps some."""
    figure = draw_runs(RECORDS)
    assert overlapping(figure) == 0
    figure.legends[0].set_loc("center")
    assert overlapping(figure) > 0


def test_texts_are_legible_and_axes_are_named(draw_runs):
    """Texts have at least 10 pixels in a picture of 830, and each axis has a name."""
    import matplotlib.text

    figure = draw_runs(RECORDS)
    texts = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text() and text.get_visible()]
    assert min(text.get_fontsize() for text in texts) * DPI / 72 >= 10
    assert round(SIZE[0] * DPI) <= 830
    assert [(axes.get_xlabel(), axes.get_ylabel()) for axes in figure.axes] == [
        ("epoch", "train loss (nats)"), ("epoch", "accuracy (share of images)"), ("epoch", "applied learning rate")]


def test_a_run_that_did_not_learn_is_marked(draw_runs):
    """TensorFlow's cosine stays at the loss of guessing; the curve of a run whose loss is NaN ends with a cross."""
    figure = draw_runs(RECORDS)
    assert "tensorflow (dead: guesses at last)" in labels(figure)
    assert figure.axes[1].get_ylim()[0] > 0.8
    assert "tensorflow: 0.10" in figure.axes[1].texts[0].get_text()
    ended: dict = cut(RECORDS["torch"], 9) | {"diverged": "diverged: the loss of update 2115 is nan"}
    figure = draw_runs(RECORDS | {"torch": ended})
    assert "torch (diverged: not a number)" in labels(figure)
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "X"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in crosses] == [(9, ended["epochs"][-1]["train_loss"])]


def test_points_are_drawn_where_the_chapter_draws_them(draw_runs):
    """Its loop draws after batch i of an epoch of 235 at epoch + i / 235. Test accuracy stays at the ends of epochs."""
    points = [{"update": update, "train_loss": 1 / update, "train_accuracy": update / 999} for update in (49, 99, 284)]
    record: dict = cut(RECORDS["torch"], 2) | {"points": points}
    loss, accuracy, _ = draw_runs({"torch": record}).axes
    at = [0 + 49 / 235, 0 + 99 / 235, 1 + 49 / 235]
    assert loss.lines[0].get_xdata().tolist() == accuracy.lines[0].get_xdata().tolist() == pytest.approx(at)
    assert loss.lines[0].get_ydata().tolist() == [1 / 49, 1 / 99, 1 / 284]
    assert accuracy.lines[0].get_ydata().tolist() == [49 / 999, 99 / 999, 284 / 999]
    assert accuracy.lines[1].get_xdata().tolist() == [1, 2]
    for without in (None, []):
        assert draw_runs({"torch": record | {"points": without}}).axes[0].lines[0].get_xdata().tolist() == [1, 2]


def test_the_rate_of_one_epoch_is_a_line():
    """The line goes from the first update to the end of the epoch."""
    record = cut(RECORDS["torch"], 1)
    assert _list_rates(record) == ([0.0, 1.0], [record["applied_rates"][0]["rate"]] * 2)
    dry = record | {"epochs": [record["epochs"][0] | {"updates": 1}]}
    assert _list_rates(dry)[0] == [0.0, 1.0]
