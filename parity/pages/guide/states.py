"""Builds the page about continuing a training in another framework: frameworks/RESUMING.md."""

from __future__ import annotations

from parity.pages.guide.entries import write_messages
from parity.pages.guide.epochs import CODE
from parity.pages.guide.kinds import MADE_BY, TEXT
from parity.pages.guide.saving import SAVING


def states() -> list[str]:
    """Return the lines about Gluon's states, with code that tests run in the real frameworks."""
    code = {path.stem: path.read_text(encoding="utf-8").strip() for path in CODE.glob("*.py")}
    return [(TEXT / "states.txt").read_text(encoding="utf-8").strip().format(**code)]


def build_page() -> str:
    """Return the page."""
    return "\n".join([
        MADE_BY, "", "# Resume a training", "",
        "Continue a Gluon training in PyTorch or Keras, and errors of saving and loading in each framework. "
        "[Save and resume](README.md#save-and-resume) in the same framework; [the porting guide](PORTING.md).", "",
        "## Continue a Gluon training in another framework", "", *states(), "",
        "## An error when saving or loading", "", "When this page was made, the code below each message caused it.",
        "", *write_messages(SAVING, code=True)])
