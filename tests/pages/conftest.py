"""Starts headless Chromium and opens the schedule editor, for the tests of pages."""

from __future__ import annotations

import shutil

import pytest

from parity.pages.edit.command import build_page

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--window-size=1200,1000", "--hide-scrollbars"]


@pytest.fixture(scope="module")
def chromium():
    """Yield headless Chromium, which logs what its console prints."""
    from selenium import webdriver  # here, since the other tests of this folder run without it

    if missing := [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]:
        pytest.fail(f"{' and '.join(missing)} not found: apt-get install chromium chromium-driver", pytrace=False)
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    list(map(options.add_argument, OPTIONS))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def editor(chromium, tmp_path):
    """Yield a function that opens the editor from disk; fail if the console is not empty or anything was loaded."""
    from tests.harness.editor import check_quiet, settle

    (path := tmp_path / "editor.html").write_text(build_page(), encoding="utf-8")

    def open_page(hash="", width=1200):
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        chromium.get("about:blank")  # else only the hash would change
        chromium.get(f"{path.as_uri()}{hash}")
        settle(chromium)
        return chromium

    yield open_page
    check_quiet(chromium)
