"""One page for each kind of schedule: frameworks/porting/<kind>.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from frameworks import FRAMEWORKS
from frameworks.observation import bits
from frameworks.schedule import KINDS, Schedule, dumps, expanded
from parity.pages.guide.docstrings import class_file, paragraphs, ports
from parity.pages.guide.examples import EXAMPLES, updates_of
from parity.pages.guide.measured import GuideError, Measured, Run
from parity.pages.guide.optax_record import recorded
from parity.port import read_text
from parity.port.edges import edges
from parity.port.write import TARGETS, Spelling, spellings

NAMES = {"mxnet": "Gluon", "torch": "PyTorch", "tensorflow": "Keras", "optax": "optax"}
MADE_BY = "<!-- made by: python -m parity guide -->"
TEXT = Path(__file__).with_name("text")


def native(schedule: Schedule, target: str) -> Spelling | None:
    """Return the native spelling of a schedule, if there is one."""
    return next((one for one in spellings(schedule, target) if one.native), None)


def class_of(code: str) -> str:
    """Return the name of the class, or of the function, that a native spelling is about.

    >>> class_of("scheduler = SequentialLR(optimizer, [LinearLR(optimizer)], [5])")
    'SequentialLR'
    """
    return re.findall(r"^(?:lr_scheduler|scheduler|learning_rate|schedule) = (?:\w+\.)?(\w+)\(", code, re.M)[0]


def runs(kinds: Iterable[str]) -> list[Run]:
    """Return what has to run for the pages of some kinds."""
    schedules = [schedule for kind in kinds for schedule in (EXAMPLES[kind].schedule, *_gluon(kind))]
    return [Run(framework, schedule, one.code) for schedule in dict.fromkeys(schedules) for framework in FRAMEWORKS
            for one in spellings(schedule, framework)]


def _gluon(kind: str) -> list[Schedule]:
    """Return what Gluon applies of the constructor of a kind, if it has one."""
    text = EXAMPLES[kind].gluon
    return [read_text(text, "mxnet").schedule] if text else []


def said(schedule: Schedule, target: str, one: Spelling, found: Measured) -> str:
    """Say how far off a spelling is."""
    if target in FRAMEWORKS:
        return found[Run(target, schedule, one.code)].said()
    off = recorded()["off"].get(one.code)
    if off is None:
        return "not measured"
    return "exact" if not off["ulp"] else f"up to {off['largest']:.0e} off, first at update {off['first']}"


def page(kind: str, found: Measured) -> str:
    """Return the page of a kind."""
    example, about = EXAMPLES[kind].schedule, paragraphs(kind)
    lines = [MADE_BY, "", f"# `{kind}`", "", about[0], "", "```text", about[1], "```", "", *about[2:], "",
             f"The class is [`frameworks.schedule.{KINDS[kind].__name__}`](../{class_file(kind)}). Here it is written "
             "as", "",
             "```json", dumps(example).strip(), "```", "", *_composed(example),
             f"and everything below was run: {updates_of(example)} updates of plain SGD in each framework, the rates "
             "taken from what they did to the weights, compared bit for bit. [All schedules](../PORTING.md).", "",
             "## In each framework", ""]
    for target in TARGETS:
        lines += _framework(kind, example, target, found)
    lines += ["## The rates at its edges", "", *_edges(example, found), ""]
    for schedule in _gluon(kind):
        lines += _from_gluon(kind, schedule, found)
    lines += ["## The first three things that go wrong", "", wrong(kind), ""]
    return "\n".join(lines)


def _composed(schedule: Schedule) -> list[str]:
    """Say what a named kind is, in the kinds that backends have functions for."""
    if (composed := expanded(schedule)) is schedule:
        return []
    return ["which is a name for", "", "```json", dumps(composed).strip(), "```", ""]


def wrong(kind: str) -> str:
    """Return the hand-written part of a kind. Raises GuideError unless it has three points."""
    text = (TEXT / f"{kind}.md").read_text(encoding="utf-8").strip()
    if (points := len(re.findall(r"^\d\. \*\*", text, re.M))) != 3:
        raise GuideError(f"parity/pages/guide/text/{kind}.md must have three points, got {points}")
    return text


def _framework(kind: str, schedule: Schedule, target: str, found: Measured) -> list[str]:
    lines = [f"### {NAMES[target]}", ""]
    if port := ports(kind).get(target):
        text = re.sub(r"See (https://\S+)$", r"[Upstream](\1).", port.text)
        lines += [f"{text} [Source](../{port.file}).", ""]
    if native(schedule, target) is None:
        lines += ["There is no native spelling.", ""]
    for one in spellings(schedule, target):
        kind_of = "Native" if one.native else "Self-contained code"
        note = f" {one.note}" if one.note else ""
        measured = said(schedule, target, one, found)
        lines += [f"{kind_of}: {measured}.{note}", "", "```python", one.code.rstrip(), "```", ""]
        if not one.native and target in FRAMEWORKS and measured != "exact":
            raise GuideError(f"{kind}: the exact code of {target} is {measured}")
    return lines


def _edges(schedule: Schedule, found: Measured) -> list[str]:
    """Return a table of the updates where it changes, with the ULP by which each native spelling differs there."""
    shown = {target: found[Run(target, schedule, one.code)] for target in FRAMEWORKS
             if (one := native(schedule, target)) is not None}
    head = ["update", "rate", "float32 bits", *(f"{NAMES[target]}, native" for target in shown)]
    rows = [[str(t), str(np.float32(schedule.lr(t))), f"`{bits(schedule.lr(t))}`",
             *(_apart(off.each[t], off.applied[t]) for off in shown.values())] for t in edges(schedule)]
    note = ["", "The last columns: the ULP by which the native spelling differs there, or its rate if those are many."]
    return [*table(head, rows), *(note if shown else [])]


def _apart(ulp: int, rate: np.float32) -> str:
    if not ulp:
        return "same"
    return f"{ulp:+d} ULP" if abs(ulp) < 1000 else str(rate)


def _from_gluon(kind: str, schedule: Schedule, found: Measured) -> list[str]:
    """Return the part about a Gluon constructor, as a Trainer applies it."""
    text = EXAMPLES[kind].gluon
    lines = [f"## Coming from Gluon's `{text.split('(')[0]}`", "", f"    {text}", ""]
    if schedule == EXAMPLES[kind].schedule:
        lines += ["applies exactly the schedule above.", ""]
    else:
        lines += ["applies", "", "```json", dumps(schedule).strip(), "```", "",
                  "and to continue a training as it was, that is what to port:", ""]
        for target in ("torch", "tensorflow"):
            one = native(schedule, target) or spellings(schedule, target)[-1]
            what = "its own classes" if one.native else "no native spelling"
            lines += [f"{NAMES[target]}, {what}: {said(schedule, target, one, found)}. {one.note}".rstrip(), "",
                      "```python", one.code.rstrip(), "```", ""]
    lines += [f"- {trap}" for trap in read_text(text, "mxnet").traps]
    return [*lines, "", f'`python -m parity port "{text}" --from mxnet --to all` prints this for other numbers.', ""]


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return a table's lines."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
