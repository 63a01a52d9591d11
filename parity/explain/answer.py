"""Describes the comparison of two sides, as one JSON document and as lines of text."""

from __future__ import annotations

from typing import Any

import numpy as np

from frameworks.observation import format_bits
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.resumes import predict_restarts
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
        "digits": pair.digits or None, "unit": pair.unit or None, "differing": len(pair.differing),
        "first": None, "largest": None,
        "sum": {"a": sums[0], "b": sums[1], "difference": sums[1] - sums[0],
                "percent": 100 * (sums[1] - sums[0]) / sums[0] if sums[0] else None},
        "causes": [], "together": False, "agreeing": None, "note": None}
    if len(pair.differing):
        apart = np.abs(pair.rates_b.astype(np.float64) - pair.rates_a)
        largest = int(np.nanargmax(apart))
        why = explain(pair)
        answer["first"] = _describe_update(pair, int(pair.differing[0]))
        answer["largest"] = {**_describe_update(pair, largest), "difference": float(apart[largest])}
        answer["causes"] = [{"name": cause.name, "in": why.side, "sentence": sentence, "read": cause.read}
                           for cause, sentence in zip(why.causes, why.format_sentences())]
        answer["together"] = why.together
        if not why.causes:
            answer["agreeing"] = _describe_agreement(pair)
    return answer


def _describe_side(subject: Subject) -> dict[str, Any]:
    return {"name": subject.name, "updates": subject.updates, "notes": list(subject.notes)}


def _describe_update(pair: Pair, t: int) -> dict[str, Any]:
    a, b = pair.rates_a[t], pair.rates_b[t]
    return {"update": t, "a": float(str(a)), "b": float(str(b)), "a_bits": format_bits(a), "b_bits": format_bits(b)}


def _describe_agreement(pair: Pair) -> dict[str, Any] | None:
    """Return the longest stretch of compared updates with the same rates, and a schedule begun again after it."""
    equal = pair.is_equal(pair.rates_a[pair.compared], pair.rates_b[pair.compared])
    ends = np.flatnonzero(np.diff(np.concatenate(([False], equal, [False]))))
    if not len(ends):
        return None
    begins, ends = ends[::2], ends[1::2]
    longest = int(np.argmax(ends - begins))
    stretch = {"from": int(pair.compared[begins[longest]]), "to": int(pair.compared[ends[longest] - 1]),
               "updates": int(ends[longest] - begins[longest])}
    for begun, other, that in ((pair, "B", "A"), (pair.exchange(), "A", "B")):
        predicted, restarts = predict_restarts(begun)
        wrong = np.flatnonzero(~pair.is_equal(predicted, begun.rates_b))
        if restarts and len(wrong):
            return {**stretch, "restarted": f"from {restarts[0]} to {int(wrong[0]) - 1} {other} is {that} begun again"}
    return stretch


def format_lines(answer: dict[str, Any]) -> list[str]:
    """Return the document as lines of text."""
    lines = [f"{side.upper()}: {answer[side]['name']}" for side in ("a", "b")]
    lines += [f"note on {side.upper()}: {note}" for side in ("a", "b") for note in answer[side]["notes"]]
    if answer["note"]:
        lines.append(f"note: {answer['note']}")
    compared, differing = answer["compared"], answer["differing"]
    many = "1 update" if compared == 1 else f"{compared} updates"
    if not differing:
        return [*lines, f"{many} compared: the same {_format_precision(answer['digits'], answer['unit'])}"]
    lines.append(f"{many} compared, {differing} {'differs' if differing == 1 else 'differ'}")
    lines.append(f"first difference: {_format_rates(answer['first'])}")
    lines.append(f"largest difference: {answer['largest']['difference']:.6g}, {_format_rates(answer['largest'])}")
    total = answer["sum"]
    percent = "" if total["percent"] is None else f" ({total['percent']:+.3g} %)"
    lines.append(f"sum of rates: A {total['a']:.6g}, B {total['b']:.6g}, {total['difference']:+.6g}{percent}")
    return [*lines, *_format_causes(answer)]


def _format_precision(digits: int | None, unit: float | None) -> str:
    if unit:
        return f"to the multiples of {unit:g} that are printed"
    return f"to the {digits} digits that are printed" if digits else "bits"


def _format_rates(at: dict[str, Any]) -> str:
    return f"update {at['update']}: A {at['a']!r} ({at['a_bits']}), B {at['b']!r} ({at['b_bits']})"


def _format_agreement(agreeing: dict[str, Any] | None) -> list[str]:
    if agreeing is None:
        return ["no compared update agrees"]
    first = f"the first {agreeing['updates']} updates" if not agreeing["from"] and (
        agreeing["to"] + 1 == agreeing["updates"]) else f"the updates from {agreeing['from']} to {agreeing['to']}"
    more = f"; {agreeing['restarted']}" if "restarted" in agreeing else ""
    return [f"largest agreement: {first}{more}"]


def _format_causes(answer: dict[str, Any]) -> list[str]:
    if not answer["causes"]:
        return [*_format_agreement(answer["agreeing"]), "cause: not known"]
    lines, word = [], "cause"
    for cause in answer["causes"]:
        lines.append(f"{word}: {cause['name']}: {cause['sentence']}")
        lines.append(f"  read on: {cause['read']}")
        word = "and" if answer["together"] else "or, with the same rates"
    return lines
