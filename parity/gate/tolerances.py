"""Counts the mistakes that the rules of common test suites detect."""

from __future__ import annotations

from typing import Any

import numpy as np

from frameworks import FRAMEWORKS
from frameworks.schedule import Scale, Schedule, lrs
from frameworks.schedule.union import ADAPTER
from parity.cases import CASES
from parity.measuring.compare import compare
from parity.measuring.measure import read_applied_rates
from parity.mistakes.catalogue import CATALOGUE, make_mistake
from parity.mistakes.native import UNFAIR
from parity.mistakes.shown import find_case

#: The libraries' rules: name, absolute and relative tolerance, and link.
RULES = {
    "bit equality": (0.0, 0.0, ""),
    "Keras' `TestCase`": (1e-6, 1e-6, "https://github.com/keras-team/keras/blob/master/keras/src/testing/test_case.py"),
    "timm's schedulers": (
        1e-12, 1e-5, "https://github.com/huggingface/pytorch-image-models/blob/main/tests/test_scheduler.py"),
    "PyTorch's schedulers": (1e-5, 0.0, "https://github.com/pytorch/pytorch/blob/main/test/optim/test_lrscheduler.py"),
    "ONNX's backends": (1e-7, 1e-3, "https://github.com/onnx/onnx/blob/main/onnx/backend/test/loader/__init__.py"),
    "optax's schedules": (
        1e-3, 1e-7, "https://github.com/google-deepmind/optax/blob/main/optax/schedules/_schedule_test.py"),
}
#: The rates of a fine-tuning, as a part of those of a case.
LOW = 1e-4
#: The ids of the mistakes that change a schedule.
SCHEDULES = [mistake.id for name, mistake in CATALOGUE.items() if find_case(name)]
BEGIN = "<!-- made by: tox -e parity -- --write-table -->"
END = "<!-- end of the table -->"


def read_broken_sequences(documents: dict[str, dict[str, Any]]) -> dict[str, tuple[Schedule, np.ndarray]]:
    """Return schedule and applied rates of each mistake, by name, from the documents of `parity.mistakes.schedules`.

    A changed schedule is the same in each framework and is returned once; mistakes of one framework are all returned.
    """
    sequences = {}
    for framework in FRAMEWORKS:
        for result in documents[framework]["specifications"]:
            once = result["name"] in (*SCHEDULES, UNFAIR.id)
            name = result["name"] if once else f"{framework}'s {result['name']}"
            sequences[name] = (ADAPTER.validate_python(result["schedule"]), read_applied_rates(result))
    return sequences


def compute_fine_tuning() -> dict[str, tuple[Schedule, np.ndarray]]:
    """Return the same mistakes at the rates of a fine-tuning, LOW times as high: computed, not measured.

    Mistakes that make no difference there are left out.
    """
    sequences = {}
    for name, mistake in CATALOGUE.items():
        if where := find_case(name):
            updates, schedule = CASES[where.case].updates, Scale(by=LOW, of=CASES[where.case].schedule)
            right = lrs(schedule, updates).astype(np.float32)
            wrong = (lrs(changed, updates).astype(np.float32) for changed in make_mistake(mistake, schedule))
            if (rates := next((changed for changed in wrong if (changed != right).any()), None)) is not None:
                sequences[mistake.id] = (schedule, rates[:, None])
    return sequences


def list_missed_sequences(sequences: dict[str, tuple[Schedule, np.ndarray]], absolute: float,
                          relative: float) -> list[str]:
    """Return the names of the sequences that a rule accepts; absolute and relative 0: bit equality."""
    if not absolute and not relative:
        return [name for name, given in sequences.items() if compare(*given).first is None]
    return [name for name, (schedule, applied) in sequences.items()
            if np.allclose(applied, lrs(schedule, len(applied))[:, None], atol=absolute, rtol=relative)]


def build_table(sequences: dict[str, tuple[Schedule, np.ndarray]]) -> str:
    """Format as Markdown which sequences each rule detects, of these applied rates and of fine_tuned()."""
    low = compute_fine_tuning()
    rows = ["| rule | absolute, relative | caught | of the same at 3e-5, caught | let through there |",
            "| --- | --- | --- | --- | --- |"]
    for rule, (absolute, relative, link) in RULES.items():
        through, through_low = list_missed_sequences(sequences, absolute,
                                                     relative), list_missed_sequences(low, absolute, relative)
        caught, caught_low = len(sequences) - len(through), len(low) - len(through_low)
        rows.append(f"| {f'[{rule}]({link})' if link else rule} | {absolute:g}, {relative:g} | "
                    f"{caught} of {len(sequences)} | {caught_low} of {len(low)} | "
                    f"{_list_names(through_low, list(low))} |")
    return "\n".join(rows)


def _list_names(through: list[str], compared: list[str]) -> str:
    """List the mistakes that a rule accepts: by their names, or by those of the others if these are fewer."""
    if len(through) == len(compared):
        return "all"
    caught = [name for name in compared if name not in through]
    few, before = (caught, "all but ") if len(caught) < len(through) else (through, "")
    return before + ", ".join(f"`{name}`" for name in few) if through else "none"
