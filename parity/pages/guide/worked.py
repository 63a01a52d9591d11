"""Adds worked examples to the pages of some kinds: a text, with code that the tests run."""

from __future__ import annotations

from pathlib import Path

TEXT, CODE = Path(__file__).with_name("text"), Path(__file__).with_name("code")
#: The text of each kind that has a worked example.
WORKED = {"hold": "worked_hold", "multi_factor": "worked_milestones", "warmup": "worked_milestones"}


def fill_in(name: str) -> str:
    """Return a text of the folder `text`, with each {name} replaced by the code of that file of the folder `code`."""
    code = {path.stem: path.read_text(encoding="utf-8").strip() for path in CODE.glob("*.py")}
    return (TEXT / f"{name}.txt").read_text(encoding="utf-8").strip().format(**code)


def write_example(kind: str) -> list[str]:
    """Return the lines of the worked example of a kind; none if it has none."""
    return [fill_in(WORKED[kind]), ""] if kind in WORKED else []
