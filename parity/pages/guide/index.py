"""Builds the guide's first page: frameworks/PORTING.md."""

from __future__ import annotations

from parity.pages.guide import halve
from parity.pages.guide.classes import list_classes
from parity.pages.guide.entries import write_messages, write_symptoms
from parity.pages.guide.epochs import epochs
from parity.pages.guide.kinds import MADE_BY, NAMES, TEXT, table
from parity.pages.guide.measured import GuideError, Measured
from parity.pages.guide.messages import MESSAGES
from parity.pages.guide.optax_record import recorded

#: The file that compares with t + 1: it was read, not run here.
TIMM = "https://github.com/huggingface/pytorch-image-models/blob/main/timm/scheduler/multistep_lr.py"
CODE_PAGE = "[The code that causes {0}](PORTING_CODE.md#{1}) was run when this page was made"


def page(results: Measured) -> str:
    """Return the page."""
    lines = [MADE_BY, "", "# Port a schedule", "", (TEXT / "opening.txt").read_text(encoding="utf-8").strip(), "",
             "## Find your class", "", *list_classes(), "",
             "## An error, a warning", "",
             f"By framework. {CODE_PAGE.format('each message', 'an-error-a-warning')}. Saving and loading have "
             "[their own messages](RESUMING.md#an-error-when-saving-or-loading).", "",
             *write_messages(MESSAGES, code=False),
             "## No error, but the wrong rates", "",
             f"{CODE_PAGE.format('each of them', 'no-error-but-the-wrong-rates')}. Each entry has the first update "
             "that differs from the intended schedule, and both rates.", "", *write_symptoms(results),
             "## Halve the rate at 15", "", *_tabulate_halved(results), "",
             "## From epochs to updates", "", *epochs(), ""]
    return "\n".join(lines)


def _tabulate_halved(results: Measured) -> list[str]:
    rows = []
    for (framework, constructor), run in halve.runs().items():
        applied = results[run].applied
        first = next(t for t, rate in enumerate(applied) if rate < applied[0])
        source = "measured; Gluon's condition `num_update > 15`, without Gluon's count from 1" if (
            "> 15" in constructor) else "measured"
        rows.append([NAMES[framework], f"`{constructor}`", f"**{first}**", source])
    off = recorded()["off"][halve.OPTAX_HALVED]
    if off["ulp"]:
        raise GuideError(f"optax does not halve the rate at {halve.HALVED.milestones[0]}, as the table has it")
    rows.append(["optax", "`piecewise_constant_schedule(0.5, {15: 0.5})`", f"**{halve.HALVED.milestones[0]}**",
                 "measured in a separate environment"])
    rows.append(["timm", "`MultiStepLRScheduler(optimizer, [15], 0.5, t_in_epochs=False)`", "**14**",
                 f"read in [version 1.0.31]({TIMM}), not measured: it compares with t + 1; commit 0514e98 of timm "
                 "compares with t, so check your version"])
    return ["The first update at the lower rate, counted from 0.", "",
            *table(["framework", "code", "first lower update", "source"], rows)]
