"""Uses the schedule editor in a browser: writes its links, fills its fields, reads its texts."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from frameworks.schedule import Schedule


def build_hash(*shown: Schedule | dict[str, Any], **view: Any) -> str:
    """Return the end of a link to some schedules."""
    dumped = [item if isinstance(item, dict) else item.model_dump(mode="json", exclude_none=True) for item in shown]
    return "#" + quote(json.dumps({"format": 1, "schedules": dumped, **view}))


def settle(driver: WebDriver) -> None:
    """Wait until the page is drawn and its address has followed."""
    driver.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0], 250))")


def fill(driver: WebDriver, name: str, text: object) -> None:
    """Put a text into a field, as if it had been pasted."""
    driver.execute_script("for (const each of document.querySelectorAll('details')) each.open = true;"
                          "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
                          driver.find_element(By.ID, name), text)
    settle(driver)


def read_texts(driver: WebDriver, selector: str) -> list[str]:
    """Return the texts of the elements that a selector chooses, also of those out of sight."""
    return [element.get_attribute("textContent") or "" for element in driver.find_elements(By.CSS_SELECTOR, selector)]


def check_quiet(driver: WebDriver) -> None:
    """Raise AssertionError if the console is not empty, if anything was loaded, or if hostile text became a part."""
    assert driver.get_log("browser") == []
    assert driver.execute_script("return performance.getEntriesByType('resource').map(each => each.name)") == []
    assert driver.execute_script("return [typeof hacked, document.images.length]") == ["undefined", 0]
