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
#: Milliseconds of processor time in the page's thread: of a frame at 60 a second, what the page may take, which leaves
#: the rest for painting, and from opening the page until its first picture is shown.
OURS, FIRST = 8.0, 300.0
FRAMES = 120
#: Moves a slider for some frames.
MOVE = """
const done = arguments[1], slider = by("A.base_lr-slider");
let count = 0;
const move = () => {
  slider.value = 500 + count;
  slider.dispatchEvent(new Event("input"));
  if (++count < arguments[0]) requestAnimationFrame(move); else requestAnimationFrame(() => done());
};
move();
"""
#: Returns how much of the page each movement of its parts has moved.
MOVED = """
const done = arguments[0];
new PerformanceObserver(list => done(list.getEntries().map(each => each.value))).observe(
  {type: "layout-shift", buffered: true});
setTimeout(() => done([]), 300);
"""


def measure_thread(driver):
    """Return the milliseconds of processor time of the page's thread: scripts, styles, layout, and what is painted."""
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def measure_frame(driver):
    """Return the milliseconds of a frame while a slider moves; another process on the machine does not matter."""
    begun = measure_thread(driver)
    driver.execute_async_script(MOVE, FRAMES)
    return (measure_thread(driver) - begun) / FRAMES


def test_a_frame_of_four_schedules_of_10_000_updates_is_short(editor):
    driver = editor(FOUR)
    assert 0.1 < measure_frame(driver) < OURS
    assert driver.execute_script("return state.lines.map(line => line.sampled.rates.length)") == [932] * 4


def test_a_frame_that_computes_every_update_is_noticed(editor):
    driver = editor(FOUR)
    driver.execute_script("""
      const inner = draw;
      draw = () => {
        inner();
        for (const {schedule} of state.lines) for (let t = 0; t < 200_000; t++) build(schedule).lr(t);
      };""")
    assert measure_frame(driver) > OURS


def test_the_first_picture_takes_less_than_300_ms(editor):
    """Tests the processor time since the page was opened, which the metric counts from there."""
    times = []
    measure_thread(editor())  # the metric counts from the page that is opened after it was chosen
    for _ in range(3):
        driver = editor(FOUR)
        assert driver.execute_script("return performance.getEntriesByName('first-contentful-paint').length") == 1
        times.append(measure_thread(driver))
    assert 1 < min(times) < FIRST, times


def test_a_slow_start_is_noticed(chromium, tmp_path):
    slow = "\nfor (let t = 0; t < 3e8; t++) build(DOCUMENT.first[1]).lr(t);\nstart();"
    (path := tmp_path / "slow.html").write_text(build_page().replace("\nstart();", slow), encoding="utf-8")
    chromium.get(path.as_uri())
    settle(chromium)
    assert measure_thread(chromium) > FIRST


def test_text_can_be_pasted_without_a_click_and_nothing_moves(editor):
    """As a counterpart, what is inserted above moves the rest."""
    driver = editor(FOUR)
    assert driver.execute_script("return by('pasted').checkVisibility()")
    assert driver.execute_async_script(MOVED) == []
    driver = editor()
    assert driver.execute_script("return by('pasted').getBoundingClientRect().top") < 850  # of 900
    assert driver.execute_async_script(MOVED) == []
    driver.execute_script("by('plot').style.marginTop = '9rem'")
    settle(driver)
    assert driver.execute_async_script(MOVED) != []


def test_only_the_schedule_that_changed_is_computed(editor):
    driver = editor(FOUR)
    before = driver.execute_script("window.kept = state.lines.map(line => line.sampled.rates); return kept.length")
    fill(driver, "B.base_lr", "0.01")
    same = driver.execute_script("return state.lines.map((line, i) => line.sampled.rates === kept[i])")
    assert (before, same) == (4, [True, False, True, True])


def test_the_first_picture_comes_within_300_ms(editor):
    """Tests the best of ten, since other processes may delay one."""
    times = [editor(FOUR).execute_script("return performance.getEntriesByName('first-contentful-paint')[0].startTime")
             for _ in range(10)]
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
