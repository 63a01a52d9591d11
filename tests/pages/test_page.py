"""Checks the report's page in headless Chromium (Debian's chromium and chromium-driver): tox -e page"""

from __future__ import annotations

import copy
import functools
import http.server
import json
import threading
from argparse import Namespace

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from frameworks import FRAMEWORKS
from parity.cases import CASES
from parity.pages.report.command import run as report
from parity.pages.report.spellings import SPELLINGS
from parity.pages.report.write import NAMES, write


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Return the folders of two reports, measured one after the other."""
    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    for folder in folders:
        assert report(Namespace(document=None, out=folder), None) == 0
    return folders


@pytest.fixture(scope="module")
def document(reports):
    return json.loads((reports[0] / "parity.json").read_text())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Serve a folder, and yield it with its address and the paths of all requests."""
    folder, requests = tmp_path_factory.mktemp("served"), []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Cache-Control", "no-store")  # it changes within a second
            super().end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            requests.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{serving.server_port}", requests
        serving.shutdown()


@pytest.fixture
def page(chromium, server, document):
    """Yield a function that opens a document's page; fail if the browser's console is not empty."""
    folder, address, requests = server

    def open_page(content=document, width=1200):
        write(content, folder)
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        requests.clear()
        chromium.get(f"{address}/index.html")
        return chromium

    yield open_page
    assert (chromium.get_log("browser"), requests) == ([], ["/index.html"])


def visible(driver, selector):
    return [element for element in driver.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]


def test_two_runs_give_the_same_bytes_except_the_time(reports):
    first, second = ({name: (folder / name).read_text(encoding="utf-8") for name in NAMES} for folder in reports)
    made = [json.loads(texts["parity.json"])["made"] for texts in (first, second)]
    assert made[0] != made[1]
    for name in NAMES:
        assert first[name].replace(made[0], made[1]) == second[name]


def test_the_natural_spellings_do_what_they_are_said_to(document):
    for case in document["cases"]:
        for framework, natural in case["natural"].items():
            same = natural["bits"] == case["specified"]
            assert same == (natural["effect"] == "The same rates."), (case["name"], framework)
    assert sum(len(case["natural"]) for case in document["cases"]) == sum(map(len, SPELLINGS.values()))


def test_every_case_is_drawn(page, document):
    driver = page()
    assert [title.text for title in visible(driver, "section h2")] == list(CASES)
    assert len(visible(driver, "#matrix tbody tr")) == len(CASES)
    for case in document["cases"]:
        of = {path.get_attribute("data-of"): path for path in driver.find_elements(
            By.CSS_SELECTOR, f"#case-{case['name']} svg:first-of-type path[data-kind=exact]")}
        assert set(of) == {"specified", *FRAMEWORKS}
        drawn = {path.get_attribute("d") for path in of.values()}
        assert len(drawn) == 1  # lines of equal rates are the same
        assert drawn.pop().count("H") == len(case["specified"])
    assert "NaN" not in driver.page_source.split("<script", 1)[0]
    updates = len(FRAMEWORKS) * sum(case.updates for case in CASES.values())
    assert driver.find_element(By.ID, "totals").text.startswith(
        f"{len(CASES)} schedules, 3 frameworks, {updates:,} updates: 0 differ")


def test_natural_spellings_lie_beside_the_exact_ones(page):
    driver = page()
    natural, exact = (visible(driver, f"#case-cosine path[data-kind={kind}][data-of=torch]")[0]
                      for kind in ("natural", "exact"))
    assert natural.get_attribute("d") != exact.get_attribute("d")
    assert "CosineAnnealingLR(optimizer, 20, 0.01) differs from update 21 on" in (
        driver.find_element(By.ID, "case-cosine").text)


@pytest.mark.parametrize("change", [1, -1])
def test_a_planted_difference_is_visible(page, document, change):
    changed = copy.deepcopy(document)
    applied = next(case for case in changed["cases"] if case["name"] == "cosine")["applied"]["torch"]
    word, _ = applied["bits"][17]
    applied["bits"][17] = [f"{int(word, 16) + change:08x}", 1]
    applied |= {"first_difference": 17, "said": "update 17: planted"}
    driver = page(changed)
    cells = visible(driver, "#matrix .differs")
    assert [cell.text for cell in cells] == ["✗ from update 17"]
    assert "1 differ." in driver.find_element(By.ID, "totals").text
    differences = "#case-cosine svg:nth-of-type(2) path[data-kind=exact]"
    heights = {path.get_attribute("data-of"): path.rect["height"]
               for path in driver.find_elements(By.CSS_SELECTOR, differences)}
    assert heights["torch"] > heights["mxnet"] + 1
    assert {path.get_attribute("data-of"): path.get_attribute("data-ulp") for path in driver.find_elements(
        By.CSS_SELECTOR, differences)} == {"mxnet": "0", "torch": "1", "tensorflow": "0"}
    Select(driver.find_element(By.ID, "only")).select_by_value("differing")
    assert [title.text for title in visible(driver, "section h2")] == ["cosine"]
    assert "torch: update 17: planted" in driver.find_element(By.ID, "case-cosine").text


def test_filters(page):
    driver = page()
    find = driver.find_element(By.ID, "find")
    find.send_keys("warmup multi_factor")
    names = [title.text for title in visible(driver, "section h2")]
    assert "warmup_past_a_milestone" in names
    assert "cosine" not in names
    assert len(names) == len(visible(driver, "#matrix tbody tr"))
    find.send_keys(" no such schedule")
    assert visible(driver, "section, #matrix tbody tr") == []
    assert driver.find_element(By.ID, "none").is_displayed()
    find.clear()
    Select(driver.find_element(By.ID, "only")).select_by_value("natural")
    assert {title.text for title in visible(driver, "section h2")} == {
        "factor", "multi_factor", "polynomial", "cosine", "warmup_cosine"}
    driver.find_element(By.CSS_SELECTOR, "#series .torch input").click()
    assert visible(driver, "path[data-of=torch]") == []
    assert visible(driver, "path[data-of=mxnet]") != []


def test_hovering_shows_the_rates_of_an_update(page):
    driver = page()
    chart = driver.find_element(By.CSS_SELECTOR, "#case-multi_factor svg")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", chart)
    ActionChains(driver).move_to_element(chart).perform()
    tip = driver.find_element(By.ID, "tip")
    assert tip.is_displayed()
    rows = tip.text.splitlines()
    assert rows[0].startswith("update 3")
    assert rows[1:4] == ["specified 0.125 3e000000 0", "mxnet 0.125 3e000000 0", "torch 0.125 3e000000 0"]
    ActionChains(driver).move_to_element(driver.find_element(By.ID, "find")).perform()
    assert not tip.is_displayed()


@pytest.mark.parametrize("width", [360, 390, 768, 1200])
def test_nothing_is_wider_than_the_screen(page, width):
    driver = page(width=width)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width
    for svg in driver.find_elements(By.CSS_SELECTOR, "#case-cosine svg"):
        assert svg.rect["width"] <= width
    assert driver.find_element(By.CSS_SELECTOR, "#case-cosine svg text").rect["height"] >= 9  # legible
