"""Builds the guide's first page: frameworks/PORTING.md."""

from __future__ import annotations

from parity.pages.guide.classes import list_classes
from parity.pages.guide.entries import write_messages, write_symptoms
from parity.pages.guide.epochs import write_epochs
from parity.pages.guide.kinds import MADE_BY, TEXT
from parity.pages.guide.measured import Measured
from parity.pages.guide.messages import MESSAGES

CODE_PAGE = "[The code that causes {0}](PORTING_CODE.md#{1}) was run when this page was made"


def build_page(results: Measured) -> str:
    """Return the page."""
    lines = [MADE_BY, "", "# Port a schedule", "", (TEXT / "opening.txt").read_text(encoding="utf-8").strip(), "",
             "## Find your class", "", *list_classes(), "",
             "## An error, a warning", "",
             f"By framework. {CODE_PAGE.format('each message', 'an-error-a-warning')}. Saving and loading have "
             "[their own messages](RESUMING.md#an-error-when-saving-or-loading).", "",
             *write_messages(MESSAGES, code=False),
             "## No error, but the wrong rates", "",
             f"{CODE_PAGE.format('each of them', 'no-error-but-the-wrong-rates')}. Each entry has the first update "
             "that differs from the intended schedule, both rates, and the [known mistake](../parity/MISTAKES.md) if "
             "it is one. Which update drops first: [halve the rate at 15](PORTING_TABLE.md#halve-the-rate-at-15).", "",
             *write_symptoms(results),
             "## From epochs to updates", "", *write_epochs(), ""]
    return "\n".join(lines)
