"""Checks the schedule editor in headless Chromium (Debian's chromium and chromium-driver): tox -e page"""

from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from frameworks.observation import format_bits
from frameworks.schedule import Cosine, Hold, loads, lrs
from frameworks.schedule.union import KINDS, build_examples
from parity.cases import CASES
from parity.pages.edit.command import build_page
from tests.harness.editor import build_hash, check_quiet, fill, read_texts, settle

HOSTILE = '"]</script><img src=x onerror="hacked=1"><script>hacked=1</script>${hacked=1}'
COSINE = {"kind": "cosine", "base_lr": 0.3, "updates": 20}


@pytest.mark.parametrize("planted", [
    "console.error('planted');", "throw new Error('planted');", "document.body.append(new Image());", "hacked = 1;",
    "fetch('https://example.org/');"])
def test_a_page_that_is_not_quiet_is_noticed(planted, chromium, tmp_path):
    page = build_page().replace("\nstart();", f"\nstart();\nvar hacked;\n{planted}")
    (path := tmp_path / "planted.html").write_text(page, encoding="utf-8")
    chromium.get(path.as_uri())
    settle(chromium)
    with pytest.raises(AssertionError):
        check_quiet(chromium)
    chromium.get("about:blank")
    chromium.get_log("browser")


def test_the_page_is_small_and_names_no_address():
    content = build_page()
    assert len(content.encode()) < 300_000
    assert "default-src 'none'" in content
    assert "src=" not in content
    assert content.count("href=") == 1  # an empty icon


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn(kind, editor):
    driver = editor()
    Select(driver.find_element(By.ID, "A.kind")).select_by_value(kind)
    settle(driver)
    assert read_texts(driver, "#cards li") == []
    shown = loads(driver.find_element(By.ID, "A.json").get_attribute("value"))
    assert shown.kind == kind
    drawn = {path.get_attribute("data-of"): path.get_attribute("d") for path in driver.find_elements(
        By.CSS_SELECTOR, "#plot path")}
    assert set(drawn) == {"A", "B"}
    assert drawn["A"].count("H") == max(50, -(-shown.horizon * 5 // 4))
    assert "NaN" not in drawn["A"]
    rates = lrs(shown, 60)
    for t in (0, 7, 59):
        fill(driver, "t", t)
        cells = read_texts(driver, "#readings tr:nth-child(2) td")
        assert cells[2] == format_bits(rates[t])
        assert float(cells[0]) == pytest.approx(rates[t], rel=1e-14)


def test_a_link_restores_everything(editor):
    shown = [Hold(updates=7, of=Cosine(base_lr=0.3, updates=20)), *list(build_examples().values())[-5:]]
    driver = editor(build_hash(*shown, log=True, epoch=10, **{"from": 5, "to": 90, "t": 42}))
    first = driver.current_url
    areas = driver.find_elements(By.CSS_SELECTOR, "#cards textarea")
    assert [loads(area.get_attribute("value")) for area in areas] == shown
    assert driver.find_element(By.ID, "log").is_selected()
    assert [driver.find_element(By.ID, id).get_attribute("value") for id in ("epoch", "from", "to", "t")] == [
        "10", "5", "90", "42"]
    assert read_texts(driver, "#where") == ["epoch 4, its update 2 (both from 0)"]
    assert read_texts(driver, "#caption")[0].startswith("Learning rate by update, 5 to 89; a rate of 0")
    fill(driver, "A.updates", "9")
    changed = driver.current_url
    assert changed != first
    again = editor("#" + changed.split("#", 1)[1])
    assert again.current_url == changed
    assert again.find_element(By.ID, "A.updates").get_attribute("value") == "9"


@pytest.mark.parametrize(("hash", "message"), [
    ("#%7B", "not JSON"), ("#%", "not JSON"), ("#null", "format: must be 1, got nothing"),
    ("#" + quote(json.dumps({"format": 2})), "format: must be 1, got 2"),
    (build_hash(), "schedules: must be a list of 1 to 6"), (build_hash(*[COSINE] * 7), "schedules: must be a list"),
    (build_hash(COSINE, {"kind": HOSTILE}), "schedules[1]: kind: unknown kind"),
    (build_hash(COSINE, t=-1), "t: got -1"), (build_hash(COSINE, epoch=0), "epoch: got 0"),
    (build_hash(COSINE, **{HOSTILE: 1}), f"{HOSTILE}: unknown field"),
    (build_hash(COSINE, **{"from": 2**53}), "from: got"),
    ("#" + quote('{"format": 1, "schedules": [{"kind": ' + "[" * 20_000 + "]" * 20_000 + "}]}"),
     "schedules[0]: kind: unknown kind, got "),
])
def test_a_link_with_a_mistake_is_refused_by_name(hash, message, editor):
    driver = editor(hash)
    refused = read_texts(driver, "#refused li")
    assert len(refused) == 1
    assert refused[0].startswith(f"The link cannot be used: {message}")
    assert len(driver.find_elements(By.CSS_SELECTOR, "#plot path")) == 2  # those of a page without a link
    time.sleep(0.5)
    assert driver.execute_script("return location.hash") == hash  # nothing was changed, so the link stays


def test_hostile_text_in_fields_is_text(editor):
    driver = editor(build_hash(CASES["multi_factor"].schedule))
    before = driver.current_url
    fill(driver, "A.milestones", HOSTILE)
    assert read_texts(driver, "#card-A [role=alert] li")[0].startswith('milestones: must be a list, got "')
    assert (driver.find_elements(By.CSS_SELECTOR, "#plot path"), read_texts(driver, "#readings td")) == ([], [])
    fill(driver, "A.milestones", "15, 30")
    assert driver.current_url == before
    for content in (HOSTILE, json.dumps({"kind": HOSTILE}), json.dumps({**COSINE, HOSTILE: HOSTILE}), "[" * 100_000):
        fill(driver, "A.json", content)
        driver.find_element(By.XPATH, "//button[.='Use this JSON']").click()
        settle(driver)
        assert read_texts(driver, "#card-A details [role=alert] li")
        assert driver.current_url == before


def test_a_slider_moves_the_number_and_the_line(editor):
    driver = editor(build_hash(COSINE))
    before = driver.find_element(By.CSS_SELECTOR, "#plot path").get_attribute("d")
    fill(driver, "A.base_lr-slider", "500")
    assert driver.find_element(By.ID, "A.base_lr").get_attribute("value") == "0.001"
    assert read_texts(driver, "#readings td")[0] == "0.001"
    fill(driver, "A.final_lr-slider", "0")
    assert driver.find_element(By.ID, "A.final_lr").get_attribute("value") == "0"
    fill(driver, "A.updates-slider", "1000")
    assert driver.find_element(By.ID, "A.updates").get_attribute("value") == "1000000"
    assert driver.find_element(By.CSS_SELECTOR, "#plot path").get_attribute("d") != before


def test_only_as_many_updates_as_pixels_are_computed(editor):
    driver = editor(build_hash(*[{**COSINE, "updates": 10_000}] * 4))
    assert driver.execute_script("return state.lines.map(line => line.sampled.rates.length)") == [932] * 4
    assert all(10 < path.get_attribute("d").count("L") < 100 for path in driver.find_elements(
        By.CSS_SELECTOR, "#plot path"))
    assert "932 of 12500 updates are computed" in read_texts(driver, "#caption")[0]
    driver.find_element(By.ID, "log").click()
    fill(driver, "to", "100")
    assert read_texts(driver, "#caption") == ["Learning rate by update, 0 to 99; a rate of 0 is drawn at the bottom"]


def test_schedules_are_put_into_others_and_taken_out(editor):
    driver = editor(build_hash(COSINE))
    fill(driver, "samples", "60000")
    fill(driver, "batch", "256")
    assert driver.find_element(By.ID, "epoch").get_attribute("value") == "235"
    Select(driver.find_element(By.ID, "A.wrap")).select_by_value("hold")
    settle(driver)
    held = loads(driver.find_element(By.ID, "A.json").get_attribute("value"))
    assert held == Hold(updates=235, of=Cosine(base_lr=0.3, updates=20))
    Select(driver.find_element(By.ID, "A.of.wrap")).select_by_value("sum")
    settle(driver)
    driver.find_element(By.CSS_SELECTOR, "[aria-label='Add to A.of.of']").click()
    driver.find_element(By.CSS_SELECTOR, "[aria-label='Remove A.of.of 2']").click()
    settle(driver)
    inner = loads(driver.find_element(By.ID, "A.json").get_attribute("value")).of
    assert (inner.kind, inner.of[0], len(inner.of)) == ("sum", held.of, len(build_examples()["sum"].of))
    Select(driver.find_element(By.ID, "A.kind")).select_by_value("sequence")
    driver.find_element(By.CSS_SELECTOR, "[aria-label='Add to A.parts']").click()
    driver.find_element(By.CSS_SELECTOR, "[aria-label='Remove A.parts 1']").click()
    settle(driver)
    assert read_texts(driver, "#cards li") == []
    fill(driver, "A.json", json.dumps(held.model_dump(mode="json", exclude_none=True)))
    driver.find_element(By.XPATH, "//button[.='Use this JSON']").click()
    settle(driver)
    for label in ("Take the schedule out of hold",):
        driver.find_element(By.CSS_SELECTOR, f"[aria-label='{label}']").click()
    settle(driver)
    assert loads(driver.find_element(By.ID, "A.json").get_attribute("value")) == held.of


def test_the_pointer_moves_the_cursor_and_a_drag_chooses_updates(editor):
    driver = editor(build_hash(COSINE))
    plot = driver.find_element(By.ID, "plot")
    ActionChains(driver).move_to_element(plot).perform()
    assert 20 <= int(driver.find_element(By.ID, "t").get_attribute("value")) <= 25
    ActionChains(driver).move_to_element(plot).click_and_hold().move_by_offset(200, 0).release().perform()
    settle(driver)
    first, last = (int(driver.find_element(By.ID, name).get_attribute("value")) for name in ("from", "to"))
    assert 20 <= first < last <= 40
    driver.find_element(By.ID, "whole").click()
    settle(driver)
    assert read_texts(driver, "#caption") == ["Learning rate by update, 0 to 49"]


@pytest.mark.parametrize("width", [360, 390, 768, 1200])
def test_nothing_is_wider_than_the_screen(width, editor):
    driver = editor(build_hash(CASES["combinations_nested"].schedule), width)
    driver.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width
    assert driver.execute_script(
        "return [...document.querySelectorAll('input, select, textarea, button')].filter(each => "
        "!each.labels.length && !each.ariaLabel && !each.textContent).map(each => each.id)") == []
