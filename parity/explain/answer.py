"""What is told about two sides: as one JSON document, and in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from frameworks.observation import bits
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import Subject
from parity.mistakes.search.why import explain


def document(pair: Pair) -> dict[str, Any]:
    """Return what was compared, where it differs, by how much, and why.

    Updates count from 0. The sums are of the compared updates; percent is of A's, null if that is 0.
    """
    a, b = (rates[pair.compared].astype(np.float64) for rates in (pair.rates_a, pair.rates_b))
    sums = float(a.sum()), float(b.sum())
    found: dict[str, Any] = {
        "a": _side(pair.a), "b": _side(pair.b), "updates": pair.updates, "compared": len(pair.compared),
        "digits": pair.digits or None, "differing": len(pair.differing), "first": None, "largest": None,
        "sum": {"a": sums[0], "b": sums[1], "difference": sums[1] - sums[0],
                "percent": 100 * (sums[1] - sums[0]) / sums[0] if sums[0] else None},
        "causes": [], "together": False}
    if len(pair.differing):
        apart = np.abs(pair.rates_b.astype(np.float64) - pair.rates_a)
        largest = int(np.nanargmax(apart))
        why = explain(pair)
        found["first"] = _at(pair, int(pair.differing[0]))
        found["largest"] = {**_at(pair, largest), "difference": float(apart[largest])}
        found["causes"] = [{"name": cause.name, "in": why.side, "sentence": sentence, "read": cause.read}
                           for cause, sentence in zip(why.causes, why.sentences())]
        found["together"] = why.together
    return found


def _side(subject: Subject) -> dict[str, Any]:
    return {"name": subject.name, "updates": subject.updates, "notes": list(subject.notes)}


def _at(pair: Pair, t: int) -> dict[str, Any]:
    a, b = pair.rates_a[t], pair.rates_b[t]
    return {"update": t, "a": float(str(a)), "b": float(str(b)), "a_bits": bits(a), "b_bits": bits(b)}


def words(found: dict[str, Any]) -> list[str]:
    """Say the document in lines."""
    lines = [f"{side.upper()}: {found[side]['name']}" for side in ("a", "b")]
    lines += [f"note on {side.upper()}: {note}" for side in ("a", "b") for note in found[side]["notes"]]
    compared, differing = found["compared"], found["differing"]
    many = "1 update" if compared == 1 else f"{compared} updates"
    if not differing:
        return [*lines, f"{many} compared: the same {_same(found['digits'])}"]
    lines.append(f"{many} compared, {differing} {'differs' if differing == 1 else 'differ'}")
    lines.append(f"first difference: {_rates(found['first'])}")
    lines.append(f"largest difference: {found['largest']['difference']:.6g}, {_rates(found['largest'])}")
    total = found["sum"]
    percent = "" if total["percent"] is None else f" ({total['percent']:+.3g} %)"
    lines.append(f"sum of rates: A {total['a']:.6g}, B {total['b']:.6g}, {total['difference']:+.6g}{percent}")
    return [*lines, *_causes(found)]


def _same(digits: int | None) -> str:
    return f"to the {digits} digits that are printed" if digits else "bits"


def _rates(at: dict[str, Any]) -> str:
    return f"update {at['update']}: A {at['a']!r} ({at['a_bits']}), B {at['b']!r} ({at['b_bits']})"


def _causes(found: dict[str, Any]) -> list[str]:
    if not found["causes"]:
        return ["cause: not known"]
    lines, word = [], "cause"
    for cause in found["causes"]:
        lines.append(f"{word}: {cause['name']}: {cause['sentence']}")
        lines.append(f"  read on: {cause['read']}")
        word = "and" if found["together"] else "or, with the same rates"
    return lines
