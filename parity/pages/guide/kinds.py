"""Builds one page for each kind of schedule: frameworks/porting/<kind>.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from frameworks import FRAMEWORKS
from frameworks.observation import format_bits
from frameworks.schedule import KINDS, Schedule, dumps, expand
from parity.pages.guide.docstrings import describe, find_class_file, find_ports, read_formula, read_paragraphs
from parity.pages.guide.examples import EXAMPLES, count_updates
from parity.pages.guide.measured import GuideError, Measured, Run
from parity.pages.guide.optax_record import read_record
from parity.pages.guide.worked import write_example
from parity.port import read_text
from parity.port.edges import find_boundary_cases
from parity.port.write import TARGETS, Spelling, write_spellings

NAMES = {"mxnet": "Gluon", "torch": "PyTorch", "tensorflow": "Keras", "optax": "optax"}
MADE_BY = "<!-- made by: python -m parity guide -->"
TEXT = Path(__file__).with_name("text")


def find_built_in(schedule: Schedule, target: str) -> Spelling | None:
    """Return the spelling of a schedule with built-in classes, or None."""
    return next((spelling for spelling in write_spellings(schedule, target) if spelling.native), None)


def find_class(code: str) -> str:
    """Return the name of the built-in class or function that a spelling builds.

    >>> find_class("scheduler = SequentialLR(optimizer, [LinearLR(optimizer)], [5])")
    'SequentialLR'
    """
    return re.findall(r"^(?:lr_scheduler|scheduler|learning_rate|schedule) = (?:\w+\.)?(\w+)\(", code, re.M)[0]


def list_runs(kinds: Iterable[str]) -> list[Run]:
    """Return the codes to run for the pages of some kinds."""
    schedules = [schedule for kind in kinds for schedule in (EXAMPLES[kind].schedule, *_read_gluon(kind))]
    return [Run(framework, schedule, spelling.code) for schedule in dict.fromkeys(schedules)
            for framework in FRAMEWORKS for spelling in write_spellings(schedule, framework)]


def _read_gluon(kind: str) -> list[Schedule]:
    """Return the schedule that Gluon applies with the constructor of a kind, if it has one."""
    text = EXAMPLES[kind].gluon
    return [read_text(text, "mxnet").schedule] if text else []


def describe_distance(schedule: Schedule, target: str, spelling: Spelling, results: Measured) -> str:
    """Describe the distance of a spelling's rates from the specified ones."""
    if target in FRAMEWORKS:
        return results[Run(target, schedule, spelling.code)].describe()
    off = read_record()["off"].get(spelling.code)
    if off is None:
        return "not measured"
    return "exact" if not off["ulp"] else f"up to {off['largest']:.0e} off, first at update {off['first']}"


def build_page(kind: str, results: Measured) -> str:
    """Return the page of a kind."""
    example = EXAMPLES[kind].schedule
    lines = [MADE_BY, "", f"# `{kind}`", "", read_paragraphs(kind)[0], "", "```text", read_formula(kind), "```", "",
             "Fields. Rates are at most 1e37, and counts of updates are at most 2^53.", "", *describe(kind),
             f"Class: [`frameworks.schedule.{KINDS[kind].__name__}`](../{find_class_file(kind)}). "
             "The example of this page:",
             "", "```json", dumps(example).strip(), "```", "", *_describe_composition(example),
             f"All code below was run with it: {count_updates(example)} updates of plain SGD in each framework. "
             "The rates were computed from the changes of the weights, and compared bit for bit. "
             "[All schedules](../PORTING_TABLE.md), [all classes](../PORTING.md).", "",
             "## In each framework", ""]
    for target in TARGETS:
        lines += _describe_framework(kind, example, target, results)
    lines += ["## Rates where the schedule changes", "", *_tabulate_changes(example, results), ""]
    for schedule in _read_gluon(kind):
        lines += _describe_gluon(kind, schedule, results)
    lines += write_example(kind)
    lines += ["## Three common mistakes", "", read_mistakes(kind), ""]
    return "\n".join(lines)


def _describe_composition(schedule: Schedule) -> list[str]:
    """Return the lines that expand a composed kind into the kinds that back ends have functions for."""
    if (composed := expand(schedule)) is schedule:
        return []
    return ["It is the same as", "", "```json", dumps(composed).strip(), "```", ""]


def read_mistakes(kind: str) -> str:
    """Return the hand-written text of a kind. Raises GuideError unless it has three points."""
    text = (TEXT / f"{kind}.md").read_text(encoding="utf-8").strip()
    if (points := len(re.findall(r"^\d\. \*\*", text, re.M))) != 3:
        raise GuideError(f"parity/pages/guide/text/{kind}.md must have three points, got {points}")
    return text


def _describe_framework(kind: str, schedule: Schedule, target: str, results: Measured) -> list[str]:
    lines = [f"### {NAMES[target]}", ""]
    if port := find_ports(kind).get(target):
        text = re.sub(r"See (https://\S+)$", r"[Upstream](\1).", port.text)
        lines += [f"{text} [Source](../{port.file}).", ""]
    if find_built_in(schedule, target) is None:
        lines += ["`port` writes no built-in class for this schedule.", ""]
    for spelling in write_spellings(schedule, target):
        code = "Built-in" if spelling.native else "Self-contained code"
        note = f" {spelling.note}" if spelling.note else ""
        distance = describe_distance(schedule, target, spelling, results)
        lines += [f"{code}: {distance}.{note}", "", "```python", spelling.code.rstrip(), "```", ""]
        if not spelling.native and target in FRAMEWORKS and distance != "exact":
            raise GuideError(f"{kind}: the self-contained code of {target} is {distance}")
    return lines


def _tabulate_changes(schedule: Schedule, results: Measured) -> list[str]:
    """Return a table of the updates where the schedule changes, with each built-in spelling's difference in ULP."""
    shown = {target: results[Run(target, schedule, spelling.code)] for target in FRAMEWORKS
             if (spelling := find_built_in(schedule, target)) is not None}
    head = ["update", "rate", "float32 bits", *(f"{NAMES[target]}, built-in" for target in shown)]
    rows = [[str(t), str(np.float32(schedule.lr(t))), f"`{format_bits(schedule.lr(t))}`",
             *(_format_ulp(off.each[t], off.applied[t]) for off in shown.values())]
             for t in find_boundary_cases(schedule)]
    note = ["", "Last columns: the built-in classes' difference from the rate in ULP, or their rate if it is 1000 ULP "
            "or more."]
    return [*format_table(head, rows), *(note if shown else [])]


def _format_ulp(ulp: int, rate: np.float32) -> str:
    if not ulp:
        return "same"
    return f"{ulp:+d} ULP" if abs(ulp) < 1000 else str(rate)


def _describe_gluon(kind: str, schedule: Schedule, results: Measured) -> list[str]:
    """Return the section about a Gluon constructor, as a Trainer applies it."""
    text = EXAMPLES[kind].gluon
    lines = [f"## From Gluon's `{text.split('(')[0]}`", "", f"    {text}", ""]
    if schedule == EXAMPLES[kind].schedule:
        lines += ["A Trainer applies exactly the schedule above.", ""]
    else:
        lines += ["A Trainer applies", "", "```json", dumps(schedule).strip(), "```", "",
                  "To continue a Gluon training unchanged, use this schedule:", ""]
        for target in ("torch", "tensorflow"):
            spelling = find_built_in(schedule, target) or write_spellings(schedule, target)[-1]
            code = "built-in" if spelling.native else "self-contained code"
            distance = describe_distance(schedule, target, spelling, results)
            lines += [f"{NAMES[target]}, {code}: {distance}. {spelling.note}".rstrip(), "",
                      "```python", spelling.code.rstrip(), "```", ""]
    lines += [f"- {trap}" for trap in read_text(text, "mxnet").traps]
    return [*lines, "", f'`python -m parity port "{text}" --from mxnet --to all` prints this for other numbers.', ""]


def format_table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return a table's lines."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
