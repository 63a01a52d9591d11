"""Builds the page about resuming a training, also in another framework: frameworks/RESUMING.md."""

from __future__ import annotations

from parity.pages.guide.entries import write_messages
from parity.pages.guide.kinds import MADE_BY
from parity.pages.guide.saving import SAVING
from parity.pages.guide.worked import fill_in


def build_page() -> str:
    """Return the page."""
    return "\n".join([
        MADE_BY, "", "# Resume a training", "",
        "[Save and resume](#save-and-resume) in Gluon, PyTorch or Keras; [continue a Gluon training in another "
        "framework](#continue-a-gluon-training-in-another-framework); [errors](#an-error-when-saving-or-loading). "
        "[The porting guide](PORTING.md).", "",
        "## Save and resume", "", fill_in("resume"), "",
        "## Continue a Gluon training in another framework", "", fill_in("states"), "",
        "## An error when saving or loading", "", "When this page was made, the code below each message caused it.",
        "", *write_messages(SAVING, code=True)])
