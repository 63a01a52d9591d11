"""Tests that a schedule draws itself for a notebook: an SVG that is valid, bounded, exact and escaped."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from frameworks.schedule import KINDS, Cosine, Factor, Hold, MultiFactor, Polynomial, Scale, Sequence, lrs
from frameworks.schedule.picture import ACROSS, DOWN, LEFT, LONGEST, TOP, choose_step, choose_updates
from frameworks.schedule.union import build_examples

SVG = "{http://www.w3.org/2000/svg}"
COSINE = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
HOSTILE = "</text></svg><script>alert(1)</script>&amp;\"' \x00\x1b\ud800\ufffe"


def read_curve(picture, updates):
    """Return the updates and the rates that are drawn: the height of the curve from each update on."""
    image = ET.fromstring(picture.svg)
    curve = image.findall(f"{SVG}path")[-1].get("d")
    grid = [float(text.text) for text in image.findall(f"{SVG}text") if text.get("text-anchor") == "end"]
    numbers = [float(number) for number in re.findall(r"[\d.]+", curve)]
    t = [round((x - LEFT) * updates / ACROSS) for x in numbers[0::2]]
    return t[:-1], [(TOP + DOWN - y) / DOWN * max(grid) for y in numbers[1::2]]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn(kind):
    schedule = build_examples()[kind]
    picture = schedule.plot()
    ET.fromstring(picture.svg)
    assert schedule._repr_svg_() == picture._repr_svg_() == picture.svg
    ET.fromstring(schedule._repr_html_())
    assert len(picture.svg) < 12_000
    assert "nan" not in picture.svg
    assert repr(picture) == f"<Picture: {len(picture.svg)} characters of SVG>"


def test_the_curve_has_the_rates_of_the_updates():
    """As a counterpart, another schedule has another curve."""
    t, rates = read_curve(COSINE.plot(25), 25)
    assert t == list(range(21))  # held afterwards
    pixel = 0.3 / DOWN
    assert np.abs(np.array(rates) - lrs(COSINE, 21)).max() < pixel
    _, other = read_curve(Cosine(base_lr=0.3, final_lr=0.01, updates=21).plot(25), 25)
    assert np.abs(np.array(other)[:21] - lrs(COSINE, 21)).max() > pixel


def test_a_drop_stands_at_its_update():
    schedule = MultiFactor(base_lr=0.4, factor=0.5, milestones=[15, 30])
    t, rates = read_curve(schedule.plot(50), 50)
    assert t == [0, 15, 30]
    assert rates == pytest.approx([0.4, 0.2, 0.1], abs=0.002)


@pytest.mark.parametrize("updates", [ACROSS + 1, 10**6, 2**53])
def test_a_long_schedule_is_computed_at_one_update_for_each_pixel(updates, monkeypatch):
    asked = []
    compute = Factor._compute_over
    monkeypatch.setattr(Factor, "_compute_over", lambda self, t: asked.append(t) or compute(self, t))
    picture = Factor(base_lr=0.3, factor=0.5, every=updates // 3).plot(updates)
    assert [len(t) for t in asked] == [ACROSS]
    assert (asked[0][0], asked[0][-1]) == (0, updates - 1)
    assert f"one in {-(-updates // ACROSS):,} is drawn" in picture.svg
    assert len(picture.svg) < 12_000


def test_every_update_is_computed_where_the_pixels_suffice():
    assert choose_updates(ACROSS).tolist() == list(range(ACROSS))
    assert "is drawn" not in COSINE.plot(ACROSS).svg
    assert (np.diff(choose_updates(ACROSS + 1)) >= 1).all()


def test_the_first_picture_has_the_whole_schedule():
    assert "over 50 updates" in COSINE.plot().svg
    assert "over 2,500 updates" in Hold(updates=100, of=COSINE).plot().svg
    assert f"over {2**53:,} updates" in Cosine(base_lr=0.3, updates=2**53).plot().svg


@pytest.mark.parametrize("schedule", [
    Scale(by=0.0, of=COSINE), Cosine(base_lr=1e37, updates=20), Cosine(base_lr=5e-324, updates=20),
    Polynomial(base_lr=0.0, final_lr=1e37, updates=1)])
def test_extreme_rates_are_drawn(schedule):
    heights = [float(y) for y in re.findall(r"V([\d.]+)", schedule.plot().svg)]
    assert all(TOP <= y <= TOP + DOWN for y in heights)


@pytest.mark.parametrize("most", [0.0, 5e-324, 1e-300, 0.3, 1.0, 9.99, 12345.0, 1e37, 2.0**53])
def test_an_axis_has_few_lines(most):
    assert choose_step(most) > 0
    assert most / choose_step(most) <= 5


@pytest.mark.parametrize(("rate", "updates", "top", "last"), [
    (1e-5, 50, "1e-05", "50"), (0.3, 10**6, "0.3", "1,000,000"), (0.7, 10**7, "0.8", "1e+07")])
def test_an_axis_ends_at_the_highest_rate_and_names_updates(rate, updates, top, last):
    texts = {anchor: [text.text for text in ET.fromstring(Cosine(base_lr=rate, updates=9).plot(updates).svg).iter(
        f"{SVG}text") if text.get("text-anchor") == anchor] for anchor in ("end", "middle")}
    assert (texts["end"][-1], texts["middle"][-2]) == (top, last)


def test_hostile_text_stays_text():
    """A title is text, in the picture and in its description; so is the text of a class that a user has named."""
    picture = COSINE.plot(title=HOSTILE)
    image = ET.fromstring(picture.svg)
    assert {element.tag for element in image.iter()} == {f"{SVG}{tag}" for tag in ("svg", "title", "rect", "text",
                                                                                   "path")}
    assert "</text></svg><script>alert(1)</script>&amp;\"' \ufffd\ufffd\ufffd\ufffd" in [
        text.text for text in image.findall(f"{SVG}text")]
    other = type("<img src=x onerror=alert(1)>", (Cosine,), {})(base_lr=0.3, updates=5)
    page = other._repr_html_()
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;(kind=" in page


def test_long_texts_are_cut():
    parts = [COSINE] * 500
    page = Sequence(parts=parts, boundaries=list(range(1, 500)))._repr_html_()
    assert "...</code>" in page
    assert len(COSINE.plot(title="x" * 10**6).svg) < 2 * LONGEST + 6000


@pytest.mark.parametrize(("arguments", "error", "message"), [
    ((0,), ValueError, "updates must be from 1 to 2^53, got 0"),
    ((-1,), ValueError, "updates must be from 1 to 2^53, got -1"),
    ((2**53 + 1,), ValueError, "updates must be from 1 to 2^53, got 9007199254740993"),
    ((1.5,), TypeError, "updates must be a whole number from 1 to 2^53, got 1.5"),
    (("50",), TypeError, "updates must be a whole number from 1 to 2^53, got '50'"),
    ((True,), TypeError, "updates must be a whole number from 1 to 2^53, got True"),
    (([1] * 99,), TypeError, f"updates must be a whole number from 1 to 2^53, got [{'1, ' * 18}1,..."),
    ((50, 5), TypeError, "title must be text, got 5"), ((None, b"x"), TypeError, "title must be text, got b'x'"),
])
def test_a_wrong_argument_is_named_with_its_value_and_the_rule(arguments, error, message):
    with pytest.raises(error) as caught:
        COSINE.plot(*arguments)
    assert str(caught.value) == message


def test_nothing_is_imported_for_it(root):
    """No matplotlib: a notebook draws where only NumPy and pydantic are."""
    code = ("import sys; from frameworks.schedule import Cosine; "
            "Cosine(base_lr=0.3, updates=5)._repr_html_(); print('matplotlib' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(root), capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
