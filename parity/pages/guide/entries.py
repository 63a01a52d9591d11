"""Formats the guide's entries: one heading for each message or symptom, its reason and what to do."""

from __future__ import annotations

import re

import numpy as np

from parity.mistakes.search.failed import find_known_mistake
from parity.pages.guide.kinds import NAMES
from parity.pages.guide.measured import GuideError, Measured
from parity.pages.guide.messages import Message
from parity.pages.guide.symptoms import SYMPTOMS


def quote(text: str) -> str:
    """Return a text as inline code, with more backticks around it than in it.

    >>> print(quote("call of `step()`."))
    ``call of `step()`.``
    """
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{text}{fence}"


def write_messages(messages: list[Message], *, code: bool) -> list[str]:
    """Return the lines of some messages; code: with the code that causes each."""
    lines = []
    for message in messages:
        lines += [f"### {quote(message.quoted)}", "", f"{NAMES[message.framework]}. {message.reason}", "",
                  f"What to do: {message.fix}", ""]
        if code:
            lines += _fold(message.code)
    return lines


def write_symptoms(results: Measured) -> list[str]:
    """Return the lines of all symptoms: the first update that differs, both rates, the reason. Raises GuideError."""
    lines = []
    for symptom in SYMPTOMS:
        off = results[symptom.run]
        if (first := off.first) is None:
            raise GuideError(f"{symptom.seen}: the rates are the intended ones")
        meant = np.float32(symptom.meant.lr(first))
        rates = f"update {first} applies {off.applied[first]!s} instead of {meant!s}"
        known = find_known_mistake(symptom.meant, off.applied, "the intended schedule", "this code")
        known = f" Known mistake: {known}." if known else ""
        lines += [f"### {symptom.seen}", "", f"{NAMES[symptom.framework]}: {rates}.{known}", "", symptom.reason, "",
                  f"What to do: {symptom.fix}", "", *_write_last_line(symptom.mended)]
    return lines


def _write_last_line(code: str) -> list[str]:
    return ["```python", code.splitlines()[-1], "```", ""] if code else []


def _fold(code: str) -> list[str]:
    return ["<details><summary>the code that causes it</summary>", "", "```python", code.rstrip(), "```", "",
            "</details>", ""]
