"""Checks the schedule editor's speed, contrast and keys, in headless Chromium: tox -e page"""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from parity.pages.edit.command import build_page
from tests.harness.contrast import find_low_contrast
from tests.harness.editor import build_hash, fill, read_texts, settle

COSINE = {"kind": "cosine", "base_lr": 0.3, "updates": 10_000}
FOUR = build_hash(*({**COSINE, "base_lr": 0.3 / n} for n in range(1, 5)))
#: Milliseconds: a frame at 60 frames a second, the share of it that scripts, styles and layout may take at the median,
#: and from opening the page to its first picture.
FRAME, OURS, FIRST = 1000 / 60, 8.0, 300.0
#: Moves a slider for 120 frames; returns the milliseconds of each frame's scripts, styles and layout.
MOVE = """
const done = arguments[0], times = [], inner = frame, slider = by("A.base_lr-slider");
frame = () => {
  const begun = performance.now();
  inner();
  document.querySelector("#plot path").getBBox();
  document.body.getBoundingClientRect();
  times.push(performance.now() - begun);
};
const move = () => {
  slider.value = 500 + times.length;
  slider.dispatchEvent(new Event("input"));
  if (times.length < 120) requestAnimationFrame(move); else { frame = inner; done(times); }
};
move();
"""


def measure_median(driver):
    times = sorted(driver.execute_async_script(MOVE))
    return times[len(times) // 2]


def test_a_frame_of_four_schedules_of_10_000_updates_is_short(editor):
    """Tests the time of the page's work, so that another process does not matter; painting is outside of it."""
    driver = editor(FOUR)
    assert measure_median(driver) < OURS
    assert driver.execute_script("return state.lines.map(line => line.sampled.rates.length)") == [932] * 4


def test_a_frame_that_computes_every_update_is_noticed(editor):
    driver = editor(FOUR)
    driver.execute_script("""
      const inner = draw;
      draw = () => {
        inner();
        for (const {schedule} of state.lines) for (let t = 0; t < 200_000; t++) build(schedule).lr(t);
      };""")
    assert measure_median(driver) > OURS


def test_only_the_schedule_that_changed_is_computed(editor):
    driver = editor(FOUR)
    before = driver.execute_script("window.kept = state.lines.map(line => line.sampled.rates); return kept.length")
    fill(driver, "B.base_lr", "0.01")
    same = driver.execute_script("return state.lines.map((line, i) => line.sampled.rates === kept[i])")
    assert (before, same) == (4, [True, False, True, True])


def test_the_first_picture_comes_within_300_ms(editor):
    """Tests the best of five, since other processes may delay one."""
    times = [editor(FOUR).execute_script("return performance.getEntriesByName('first-contentful-paint')[0].startTime")
             for _ in range(5)]
    assert min(times) < FIRST, times


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_the_contrast_of_aa(theme, editor):
    driver = editor(build_hash(*[{**COSINE, "updates": 20}] * 6, epoch=7))
    chosen = [{"name": "prefers-color-scheme", "value": theme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": chosen})
    fill(driver, "A.updates", "-1")
    assert read_texts(driver, "#card-A [role=alert] li") != []
    assert find_low_contrast(driver) == []
    driver.execute_script("document.documentElement.style.setProperty('--soft', 'rgb(128, 128, 128)')")
    assert find_low_contrast(driver) != []
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_keys_move_the_cursor_and_zoom(editor):
    driver = editor(build_hash({**COSINE, "updates": 40}))
    chart = driver.find_element(By.CSS_SELECTOR, "#plot svg")
    for keys, t, part in ((Keys.ARROW_RIGHT * 3, 3, (0, 50)), (Keys.END, 49, (0, 50)), (Keys.ARROW_LEFT, 48, (0, 50)),
                          (Keys.HOME, 0, (0, 50)), (Keys.SHIFT + Keys.ARROW_RIGHT * 2 + Keys.NULL, 20, (0, 50)),
                          ("+", 20, (7, 33)), ("-", 20, (0, 46)), ("0", 20, (0, 50))):
        chart.send_keys(keys)
        settle(driver)
        assert [chart.get_attribute(f"aria-value{name}") for name in ("now", "min", "max")] == [
            str(t), str(part[0]), str(part[1] - 1)], keys
    assert chart.get_attribute("aria-valuetext").startswith("t = 20: A 0.15")


def test_every_control_is_reached_by_tab_and_shows_its_focus(editor):
    driver = editor(build_hash({**COSINE, "updates": 40}))
    driver.execute_script("document.activeElement.blur()")
    wanted = driver.execute_script(
        "return [...document.querySelectorAll('a[href], input, select, button, summary, textarea, [tabindex]')].filter("
        "each => each.checkVisibility() && !each.disabled).length")
    seen = set()
    for _ in range(wanted):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        element = driver.switch_to.active_element
        seen.add(element.id)
        assert driver.execute_script("return getComputedStyle(arguments[0]).outlineStyle", element) != "none"
    assert len(seen) == wanted


def test_a_finger_moves_the_cursor_on_a_phone(editor):
    driver = editor(build_hash({**COSINE, "updates": 40}), 390)
    box = driver.find_element(By.CSS_SELECTOR, "#plot svg").rect
    small = driver.execute_script(
        "return [...document.querySelectorAll('button, select, input:not([type=checkbox])')].filter(each => "
        "each.checkVisibility() && each.getBoundingClientRect().height < 24).map(each => each.id || each.textContent)")
    assert small == []
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(driver)
    assert 18 <= int(driver.find_element(By.ID, "t").get_attribute("value")) <= 27


def test_the_page_has_less_than_300_kb():
    assert len(build_page().encode()) < 300_000
