"""Builds the page with the code behind each message and each symptom: frameworks/PORTING_CODE.md."""

from __future__ import annotations

from parity.pages.guide.entries import quote
from parity.pages.guide.kinds import MADE_BY
from parity.pages.guide.messages import MESSAGES
from parity.pages.guide.symptoms import SYMPTOMS


def build_page() -> str:
    """Return the page."""
    lines = [MADE_BY, "", "# Code that causes messages and wrong rates", "",
             "The entries of [the porting guide](PORTING.md), each with the code that was run for it. `model` is any "
             "torch model.", "", "## An error, a warning", ""]
    for message in MESSAGES:
        lines += _write_entry(quote(message.quoted), message.code)
    lines += ["## No error, but the wrong rates", ""]
    for symptom in SYMPTOMS:
        lines += _write_entry(symptom.seen, symptom.code)
        if symptom.mended:
            lines += ["With the intended rates:", "", "```python", symptom.mended.rstrip(), "```", ""]
    return "\n".join(lines)


def _write_entry(heading: str, code: str) -> list[str]:
    return [f"### {heading}", "", "```python", code.rstrip(), "```", ""]
