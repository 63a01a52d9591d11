"""The guide's first page: frameworks/PORTING.md."""

from __future__ import annotations

import numpy as np

from frameworks import FRAMEWORKS
from parity.mistakes.search.failed import known_mistake
from parity.pages.guide import halve
from parity.pages.guide.docstrings import paragraphs
from parity.pages.guide.epochs import epochs
from parity.pages.guide.examples import EXAMPLES
from parity.pages.guide.kinds import MADE_BY, NAMES, TEXT, class_of, native, said, table
from parity.pages.guide.measured import GuideError, Measured
from parity.pages.guide.messages import MESSAGES, Message
from parity.pages.guide.optax_record import recorded
from parity.pages.guide.saving import SAVING
from parity.pages.guide.states import states
from parity.pages.guide.symptoms import SYMPTOMS
from parity.port.write import TARGETS

#: Read in the source, not run here.
TIMM = "https://github.com/huggingface/pytorch-image-models/blob/main/timm/scheduler/multistep_lr.py"


def page(found: Measured) -> str:
    """Return the page."""
    lines = [MADE_BY, "", "# Port a schedule", "", (TEXT / "opening.txt").read_text(encoding="utf-8").strip(), "",
             "## Which class is it there?", "", *_classes(found), "", "## An error, a warning", "",
             "Sorted by framework; every one was provoked by the code beside it when this page was made. "
             "Errors of [saving or loading](#an-error-when-saving-or-loading) follow them.", "",
             *_messages(MESSAGES), "## An error when saving or loading", "", *_messages(SAVING),
             "## No error, but the wrong rates", "",
             "Each was run: the update of the first difference from what was meant, and the two rates there.", "",
             *_symptoms(found), "## Halve the rate at 15", "", *_halved(found), "",
             "## From epochs to updates", "", *epochs(), "",
             "## Carry a Gluon training over", "", *states(), "", "## Versions", "", *_versions(found), ""]
    return "\n".join(lines)


def _classes(found: Measured) -> list[str]:
    rows = []
    for kind, example in EXAMPLES.items():
        cells = []
        for target in TARGETS:
            one = native(example.schedule, target)
            cells.append("exact code only" if one is None else
                         f"`{class_of(one.code)}`: {said(example.schedule, target, one, found)}")
        rows.append([f"[{kind}](porting/{kind}.md)", paragraphs(kind)[0].rstrip("."), *cells])
    return [*table(["schedule", "what it does", *(NAMES[target] for target in TARGETS)], rows), "",
            "Compared with the schedule of each page. \"Exact code only\": no class applies it; every page has code "
            "that needs nothing of this project, and is exact in all four."]


def _messages(messages: list[Message]) -> list[str]:
    lines = []
    for one in messages:
        lines += [f"### `{one.quoted.replace('`', '')}`", "", "```text", one.quoted, "```", "",
                  f"{NAMES[one.framework]}. {one.reason}", "", f"What to do: {one.fix}", "",
                  *_folded("code that provokes it", one.code)]
    return lines


def _symptoms(found: Measured) -> list[str]:
    lines = []
    for one in SYMPTOMS:
        off = found[one.run]
        if (first := off.first) is None:
            raise GuideError(f"{one.seen}: the rates are those that were meant")
        meant = np.float32(one.meant.lr(first))
        rates = f"update {first} applies {off.applied[first]!s} instead of {meant!s}"
        known = known_mistake(one.meant, off.applied, "the intended schedule", "this code")
        known = f" The [known mistake](../parity/MISTAKES.md): {known}." if known else ""
        lines += [f"### {one.seen}", "", f"{NAMES[one.framework]}: {rates}.{known}", "", one.reason, "",
                  f"What to do: {one.fix}", "", *_folded("code that does it", one.code)]
    return lines


def _folded(summary: str, code: str) -> list[str]:
    return [f"<details><summary>{summary}</summary>", "", "```python", code.rstrip(), "```", "", "</details>", ""]


def _halved(found: Measured) -> list[str]:
    rows = []
    for (framework, constructor), run in halve.runs().items():
        applied = found[run].applied
        first = next(t for t, rate in enumerate(applied) if rate < applied[0])
        how = "measured; `num_update > 15` as Gluon writes it, without its count from 1" if "> 15" in constructor else (
            "measured")
        rows.append([NAMES[framework], f"`{constructor}`", f"**{first}**", how])
    off = recorded()["off"][halve.OPTAX_HALVED]
    if off["ulp"]:
        raise GuideError(f"optax does not halve the rate at {halve.HALVED.milestones[0]}, as the table says")
    rows.append(["optax", "`piecewise_constant_schedule(0.5, {15: 0.5})`", f"**{halve.HALVED.milestones[0]}**",
                 "measured, in its own environment"])
    rows.append(["timm", "`MultiStepLRScheduler(optimizer, [15], 0.5, t_in_epochs=False)`", "**14**",
                 f"read in [version 1.0.31]({TIMM}), not measured: it compares with t + 1 (commit 0514e98 of "
                 "its repository with t, so look at yours)"])
    return ["The first update at the lower rate, counting from 0: the number of updates already made.", "",
            *table(["framework", "written", "first lower update", "how it is known"], rows)]


def _versions(found: Measured) -> list[str]:
    record = recorded()
    names = [f"{NAMES[framework]}: {framework} {found.versions[framework]}" for framework in FRAMEWORKS]
    return ["; ".join([*names, f"optax {record['optax']} with jax {record['jax']}"]) + ".", "",
            (TEXT / "versions.txt").read_text(encoding="utf-8").strip()]
