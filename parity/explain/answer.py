"""Describes the comparison of two sides, as one JSON document and as lines of text."""

from __future__ import annotations

from typing import Any

import numpy as np

from frameworks.observation import format_bits
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import Subject
from parity.mistakes.search.why import explain


def document(pair: Pair) -> dict[str, Any]:
    """Return the result of a comparison: the sides, the differences and their causes.

    Updates count from 0. The sums are over the compared updates; percent is relative to A's sum, null if that is 0.
    """
    a, b = (rates[pair.compared].astype(np.float64) for rates in (pair.rates_a, pair.rates_b))
    sums = float(a.sum()), float(b.sum())
    answer: dict[str, Any] = {
        "a": _describe_side(pair.a), "b": _describe_side(pair.b), "updates": pair.updates,
        "compared": len(pair.compared),
        "digits": pair.digits or None, "differing": len(pair.differing), "first": None, "largest": None,
        "sum": {"a": sums[0], "b": sums[1], "difference": sums[1] - sums[0],
                "percent": 100 * (sums[1] - sums[0]) / sums[0] if sums[0] else None},
        "causes": [], "together": False}
    if len(pair.differing):
        apart = np.abs(pair.rates_b.astype(np.float64) - pair.rates_a)
        largest = int(np.nanargmax(apart))
        why = explain(pair)
        answer["first"] = _describe_update(pair, int(pair.differing[0]))
        answer["largest"] = {**_describe_update(pair, largest), "difference": float(apart[largest])}
        answer["causes"] = [{"name": cause.name, "in": why.side, "sentence": sentence, "read": cause.read}
                           for cause, sentence in zip(why.causes, why.format_sentences())]
        answer["together"] = why.together
    return answer


def _describe_side(subject: Subject) -> dict[str, Any]:
    return {"name": subject.name, "updates": subject.updates, "notes": list(subject.notes)}


def _describe_update(pair: Pair, t: int) -> dict[str, Any]:
    a, b = pair.rates_a[t], pair.rates_b[t]
    return {"update": t, "a": float(str(a)), "b": float(str(b)), "a_bits": format_bits(a), "b_bits": format_bits(b)}


def format_lines(answer: dict[str, Any]) -> list[str]:
    """Return the document as lines of text."""
    lines = [f"{side.upper()}: {answer[side]['name']}" for side in ("a", "b")]
    lines += [f"note on {side.upper()}: {note}" for side in ("a", "b") for note in answer[side]["notes"]]
    compared, differing = answer["compared"], answer["differing"]
    many = "1 update" if compared == 1 else f"{compared} updates"
    if not differing:
        return [*lines, f"{many} compared: the same {_format_precision(answer['digits'])}"]
    lines.append(f"{many} compared, {differing} {'differs' if differing == 1 else 'differ'}")
    lines.append(f"first difference: {_format_rates(answer['first'])}")
    lines.append(f"largest difference: {answer['largest']['difference']:.6g}, {_format_rates(answer['largest'])}")
    total = answer["sum"]
    percent = "" if total["percent"] is None else f" ({total['percent']:+.3g} %)"
    lines.append(f"sum of rates: A {total['a']:.6g}, B {total['b']:.6g}, {total['difference']:+.6g}{percent}")
    return [*lines, *_format_causes(answer)]


def _format_precision(digits: int | None) -> str:
    return f"to the {digits} digits that are printed" if digits else "bits"


def _format_rates(at: dict[str, Any]) -> str:
    return f"update {at['update']}: A {at['a']!r} ({at['a_bits']}), B {at['b']!r} ({at['b_bits']})"


def _format_causes(answer: dict[str, Any]) -> list[str]:
    if not answer["causes"]:
        return ["cause: not known"]
    lines, word = [], "cause"
    for cause in answer["causes"]:
        lines.append(f"{word}: {cause['name']}: {cause['sentence']}")
        lines.append(f"  read on: {cause['read']}")
        word = "and" if answer["together"] else "or, with the same rates"
    return lines
