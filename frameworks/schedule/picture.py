"""Draws the rates of a schedule as a small SVG, without a library. At most one update for each pixel is computed."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from frameworks.schedule.fields import MAX_COUNT
from frameworks.schedule.model import shorten_text

if TYPE_CHECKING:
    from frameworks.schedule.fields import ScheduleModel

#: Width and height of the picture, and the space around the curve (left, top, right, bottom), in pixels.
WIDTH, HEIGHT = 480, 240
LEFT, TOP, RIGHT, BOTTOM = 64, 24, 28, 40
ACROSS, DOWN = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
#: The colour of the curve, of Okabe and Ito, and those of text and grid.
BLUE, BLACK, GREY = "#0072B2", "#222222", "#dddddd"
#: The colours of text and of what is behind it, as styles: a dark notebook has other ones for elements without a style.
INK, PAPER = f"fill:{BLACK}", "fill:#ffffff"
CARD = f"background-color:#ffffff;color:{BLACK}"
#: The most characters of the text below a picture, or of a title.
LONGEST = 2000
#: Characters that no XML document may contain, escaped or not.
INVALID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Picture:
    """Holds an SVG, which a notebook draws; `Path("rates.svg").write_text(picture.svg)` saves it.

    svg: the text of the image.
    """

    svg: str

    def __repr__(self) -> str:
        return f"<Picture: {len(self.svg)} characters of SVG>"

    def _repr_svg_(self) -> str:
        return self.svg


def draw(schedule: ScheduleModel, updates: int | None = None, title: str | None = None) -> Picture:
    """Return a picture of the first rates of a schedule; `ScheduleModel.plot` describes the arguments."""
    updates = min(max(50, schedule.horizon * 5 // 4), MAX_COUNT) if updates is None else _check_whole(updates)
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title must be text, got {shorten_text(repr(title))}")
    if not 1 <= updates <= MAX_COUNT:
        raise ValueError(f"updates must be from 1 to 2^53, got {updates}")
    t = choose_updates(updates)
    rates = schedule._compute_over(t)
    heading = schedule.kind if title is None else title
    most = float(rates.max())
    step = choose_step(most)
    top = step * max(1, math.ceil(most / step - 1e-9))  # 1e-05 / 5e-06 is a little more than 2
    xs = LEFT + ACROSS * t.astype(float) / updates
    ys = TOP + DOWN * (1 - np.minimum(rates / top, 1))
    spacing = -(-updates // ACROSS)
    label = "t (updates already made)" + (f"; one in {spacing:,} is drawn" if spacing > 1 else "")
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" font-family="sans-serif" font-size="11" fill="{BLACK}">',
        f"<title>{clean(heading)}: learning rate over {updates:,} updates, at most {most:g}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" style="{PAPER}"/>',
        f'<text x="{LEFT}" y="15" font-weight="bold" style="{INK}">{clean(heading[:70])}</text>',
        *_draw_axes(updates, step, top),
        f'<text x="{LEFT + ACROSS / 2:g}" y="{HEIGHT - 6}" text-anchor="middle" style="{INK}">{label}</text>',
        f'<path d="{_draw_steps(xs, ys)}" fill="none" stroke="{BLUE}" stroke-width="1.8"/>',
        "</svg>",
    ]
    return Picture("\n".join(lines) + "\n")


def draw_page(schedule: ScheduleModel) -> str:
    """Return the picture of a schedule and its text as HTML, dark on a light card in every notebook."""
    return (f'<div style="{CARD};max-width:100%;overflow-x:auto">{draw(schedule).svg}<br/>'
            f'<code style="{CARD}">{clean(repr(schedule))}</code></div>')


def _check_whole(updates: int) -> int:
    """Return a number of updates as an int. Raises TypeError unless it is a whole number."""
    if not isinstance(updates, bool | np.bool_):
        with suppress(TypeError):
            return operator.index(updates)
    raise TypeError(f"updates must be a whole number from 1 to 2^53, got {shorten_text(repr(updates))}")


def choose_updates(updates: int) -> np.ndarray:
    """Return the updates to draw, increasing: all of them, or one for each pixel, the first and the last among them."""
    if updates <= ACROSS:
        return np.arange(updates, dtype=np.int64)
    return np.arange(ACROSS, dtype=np.int64) * (updates - 1) // (ACROSS - 1)


def choose_step(most: float) -> float:
    """Return the distance of the lines of an axis, 1, 2 or 5 times a power of ten: at most six lines reach `most`.

    most: the largest number on the axis, 0 or more.
    """
    if most <= 0:
        return 1.0
    power = 10.0 ** max(math.floor(math.log10(most)) - 1, -300)
    return next((power * factor for factor in (1, 2, 5, 10, 20) if most / (power * factor) <= 5), power * 50)


def clean(text: str) -> str:
    """Return a text of at most LONGEST characters, escaped for XML and HTML; invalid characters are replaced."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return escape(INVALID.sub("\N{REPLACEMENT CHARACTER}", text))


def _draw_axes(updates: int, step: float, top: float) -> Iterator[str]:
    """Yield the horizontal lines with their rates, and the marks of the updates."""
    for number in range(round(top / step) + 1):
        y = TOP + DOWN * (1 - number * step / top)
        yield (f'<path d="M{LEFT} {y:.1f}h{ACROSS}" stroke="{GREY}"/>'
               f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" style="{INK}">{number * step:.6g}</text>')
    space = max(1, round(choose_step(updates)))
    for t in range(0, updates + 1, space):
        x, label = LEFT + ACROSS * t / updates, f"{t:,}" if t < 10**7 else f"{t:g}"
        yield (f'<path d="M{x:.1f} {TOP + DOWN}v4" stroke="{BLACK}"/>'
               f'<text x="{x:.1f}" y="{TOP + DOWN + 15}" text-anchor="middle" style="{INK}">{label}</text>')


def _draw_steps(xs: np.ndarray, ys: np.ndarray) -> str:
    """Return the path of a line that holds each rate until the next update; equal rates in a row are one line."""
    heights = [f"{y:.1f}" for y in ys.tolist()]
    turns = (f"H{x:.1f}V{y}" for x, y, before in zip(xs[1:].tolist(), heights[1:], heights) if y != before)
    return "".join([f"M{xs[0]:.1f} {heights[0]}", *turns, f"H{LEFT + ACROSS}"])
