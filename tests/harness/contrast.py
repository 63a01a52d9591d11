"""Finds texts and lines of a page whose contrast is below WCAG's level AA: 4.5 for texts, 3 for what is drawn."""

from __future__ import annotations

from selenium.webdriver.remote.webdriver import WebDriver

_FIND = """
const channel = value => (value /= 255) <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
const numbers = color => color.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
const ratio = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
function behind(node) {
  for (; node; node = node.parentElement) {
    const color = numbers(getComputedStyle(node).backgroundColor);
    if (color.length === 3 || color[3] === 1) return luminance(color);
  }
  return 1;
}
const low = [];
for (const node of document.body.querySelectorAll("*")) {
  const style = getComputedStyle(node);
  const own = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
  if (!node.checkVisibility() || node.disabled || ["SCRIPT", "OPTION", "OPTGROUP"].includes(node.tagName)) continue;
  const isText = own || ["INPUT", "SELECT", "TEXTAREA"].includes(node.tagName);
  const isDrawn = node.tagName === "path" && node.dataset.of !== "specified";
  if (!isText && !isDrawn) continue;
  const color = isDrawn ? style.stroke : node.ownerSVGElement ? style.fill : style.color;
  const found = ratio(luminance(numbers(color)), behind(node));
  const name = node.id || node.className.baseVal || node.className;
  if (found < (isDrawn ? 3 : 4.5)) low.push(`${node.tagName} ${name} ${color} ${found.toFixed(2)}`);
}
return [...new Set(low)];
"""


def find_low_contrast(driver: WebDriver) -> list[str]:
    """Return the visible elements, with their colours, whose contrast with what is behind them is too low.

    The specification's wide grey line is left out: the lines over it show the same.
    """
    driver.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    return driver.execute_script(_FIND)
