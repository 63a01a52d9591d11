"""Checks the charts of the report's page: zoom, logarithmic axis, linked cursor, keys, contrast: tox -e page"""

from __future__ import annotations

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from frameworks import FRAMEWORKS
from frameworks.observation import format_bits
from frameworks.schedule import lrs
from parity.cases import CASES
from parity.pages.report.document import encode_runs
from parity.pages.report.write import write
from tests.harness.contrast import find_low_contrast
from tests.harness.editor import check_quiet, read_texts

NAMES = ("cosine", "multi_factor", "factor")


def build_document():
    """Return a document in which every framework applies the specified rates, and the usual code all but the first."""
    cases = []
    for name in NAMES:
        case = CASES[name]
        bits = [format_bits(rate) for rate in lrs(case.schedule, case.updates)]
        applied = {"bits": encode_runs(bits), "built_in": [], "edges": 0, "first_difference": None, "said": ""}
        natural = {"spelling": "Usual(<b>)", "effect": "One early.", "bits": encode_runs([*bits[1:], bits[-1]])}
        cases.append({"name": name, "schedule": case.schedule.model_dump(mode="json", exclude_none=True),
                      "updates": case.updates, "specified": encode_runs(bits),
                      "applied": dict.fromkeys(FRAMEWORKS, applied), "natural": {"torch": natural}})
    return {"format": 1, "made": "2026-01-01T00:00:00Z", "command": "python -m parity report",
            "versions": dict.fromkeys(FRAMEWORKS, "1.0"), "cases": cases}


@pytest.fixture
def page(chromium, tmp_path):
    """Yield the page in the browser, opened from disk; fail if its console is not empty or anything was loaded."""
    write(build_document(), tmp_path)
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": 1200, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    chromium.get((tmp_path / "index.html").as_uri())
    yield chromium
    check_quiet(chromium)


def read_view(driver, name, number=1):
    """Return the first and the last drawn update of a chart, as its axis has them."""
    texts = read_texts(driver, f"#case-{name} svg:nth-of-type({number}) text[y='{ {1: 234, 2: 114}[number] }']")
    return int(texts[0]), int(texts[-1])


def read_cursors(driver):
    """Return the place of the cursor in each chart; "" where it is out of sight."""
    return driver.execute_script("return [...document.querySelectorAll('svg .cursor')].map(line => "
                                 "line.style.display === 'none' ? '' : line.getAttribute('x1'))")


def test_a_drag_zooms_both_charts_of_a_case_and_no_other(page):
    chart = page.find_element(By.CSS_SELECTOR, "#case-cosine svg")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", chart)
    ActionChains(page).move_to_element(chart).click_and_hold().move_by_offset(200, 0).release().perform()
    first, last = read_view(page, "cosine")
    assert 20 <= first < last <= 40
    assert read_view(page, "cosine", 2) == (first, last)
    assert read_view(page, "multi_factor") == (0, CASES["multi_factor"].updates)
    drawn = page.find_element(By.CSS_SELECTOR, "#case-cosine path[data-of=torch]").get_attribute("d")
    assert "NaN" not in drawn
    for number in drawn.replace("V", "H").split("H")[1:]:
        assert 0 <= float(number) <= 1000
    ActionChains(page).double_click(chart).perform()
    assert read_view(page, "cosine") == (0, CASES["cosine"].updates)


def test_buttons_and_keys_zoom(page):
    page.find_element(By.CSS_SELECTOR, "[aria-label='Zoom in: cosine']").click()
    assert read_view(page, "cosine") == (0, 13)
    page.find_element(By.CSS_SELECTOR, "[aria-label='Zoom out: cosine']").click()
    page.find_element(By.CSS_SELECTOR, "[aria-label='Show all: cosine']").click()
    assert read_view(page, "cosine") == (0, 50)
    chart = page.find_element(By.CSS_SELECTOR, "#case-cosine svg")
    chart.send_keys(Keys.END, Keys.ARROW_LEFT, "+")
    assert (read_view(page, "cosine"), page.find_element(By.ID, "t").get_attribute("value")) == ((35, 50), "48")
    assert chart.get_attribute("aria-valuetext").startswith("update 48: specified 0.01, mxnet 0.01")
    assert page.find_element(By.ID, "tip").text.startswith("update 48")
    chart.send_keys("0")
    assert read_view(page, "cosine") == (0, 50)


def test_the_cursor_is_at_the_same_update_in_every_chart(page):
    page.find_element(By.ID, "t").clear()
    page.find_element(By.ID, "t").send_keys("17")
    places = dict(zip((f"{name} {chart}" for name in NAMES for chart in "12"), read_cursors(page)))
    for name in NAMES:
        share = (float(places[f"{name} 1"]) - 58) / 932
        assert share * CASES[name].updates == pytest.approx(17.5, abs=0.01)
        assert places[f"{name} 1"] == places[f"{name} 2"]
    page.find_element(By.ID, "t").send_keys("0000")
    assert set(read_cursors(page)) == {""}


def test_the_logarithmic_axis_shows_powers_of_ten(page):
    marks = "#case-cosine svg:first-of-type text[text-anchor=end]"
    before = read_texts(page, marks)
    page.find_element(By.ID, "log").click()
    assert [text for text in read_texts(page, marks) if text.startswith("1e")] == ["1e-2", "1e-1", "1e0"]
    page.find_element(By.ID, "log").click()
    assert read_texts(page, marks) == before


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_the_contrast_of_aa(theme, page):
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
    assert find_low_contrast(page) == []
    page.execute_script("document.documentElement.style.setProperty('--torch', 'rgb(128, 128, 128)')")
    assert find_low_contrast(page) != []
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
