"""Checks that a notebook's picture of a schedule can be read in dark and in light themes: tox -e page"""

from __future__ import annotations

import re

import pytest

from frameworks.schedule import Cosine
from frameworks.schedule.picture import BLACK
from tests.harness.contrast import find_low_contrast

COSINE = Cosine(base_lr=0.3, updates=20)
#: Rules such as themes of notebooks have: for the page, for code, and for drawings; the last one colours no text.
THEME = ("body {{ background: {back}; color: {ink}; }} code {{ background: {back}; color: {ink}; }} "
         "svg text {{ fill: {ink}; }} svg rect {{ fill: {back}; }}")
DARK, LIGHT = THEME.format(back="#111", ink="#eee"), THEME.format(back="#fff", ink="#222")
BARE = "body { background: #111; }"
COLOURS = "return [...document.querySelectorAll(arguments[0])].map(each => getComputedStyle(each).fill)"


def show(driver, folder, content, theme):
    (path := folder / "notebook.html").write_text(f"<!doctype html><style>{theme}</style><body>{content}</body>")
    driver.get(path.as_uri())


def find_low_texts(driver):
    """Return the texts with a low contrast; the lines behind a curve are light on purpose."""
    return [text for text in find_low_contrast(driver) if not text.startswith("path ")]


@pytest.mark.parametrize("theme", [DARK, LIGHT, BARE])
def test_the_picture_and_its_text_can_be_read(theme, chromium, tmp_path):
    show(chromium, tmp_path, COSINE._repr_html_(), theme)
    assert find_low_texts(chromium) == []


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_picture_alone_has_dark_text_on_white(theme, chromium, tmp_path):
    show(chromium, tmp_path, COSINE._repr_svg_(), theme)
    dark = ", ".join(map(str, bytes.fromhex(BLACK[1:])))
    assert set(chromium.execute_script(COLOURS, "text")) == {f"rgb({dark})"}
    assert chromium.execute_script(COLOURS, "rect") == ["rgb(255, 255, 255)"]


def test_texts_without_a_style_are_found(chromium, tmp_path):
    for tag in ("code", "text"):
        page = re.sub(rf'(<{tag}[^>]*) style="[^"]*"', r"\1", COSINE._repr_html_())
        show(chromium, tmp_path, page, DARK.replace("code { background: #111; ", "code { "))
        assert find_low_texts(chromium) != []
