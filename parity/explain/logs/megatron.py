"""Reads the lines that Megatron-LM prints during a training.

    iteration        5/     100 | consumed samples: ... | learning rate: 1.800000E-01 | ...

The rate is read after the scheduler's step: iteration k has the rate of the next update. Skipped iterations make no
update and no step, so they are subtracted. Releases print 3 or 6 digits after the point.

Source: Megatron-LM, megatron/training/training.py (training_log and train_step).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

from parity.explain.logs.rates import LogOptions, Row, collect_rates, count_digits, iterate_lines
from parity.mistakes.search.subject import Subject

ITERATION = re.compile(r"\biteration +([0-9]+)/ *[0-9]+ \|.*? learning rate: ([^ |]+) \|")
_SKIPPED = re.compile(r"number of skipped iterations: +([0-9]+) ")


def read_megatron(name: str, file: TextIO, options: LogOptions) -> Subject:
    """Read the lines with an iteration and a rate, and skip all others. Raises UnreadableError."""
    digits: list[int] = []
    subject = collect_rates(name, _iterate_rows(file, digits), rate="learning rate", count="iteration", first=0,
                            options=options, rounded=False)
    printed = options.digits or min(digits)
    note = f"the log prints {printed} digits, and no more are compared"
    return replace(subject, digits=printed, notes=(note, *subject.notes))


def _iterate_rows(file: TextIO, digits: list[int]) -> Iterator[Row]:
    skipped = 0
    for line, words in iterate_lines(file):
        if match := ITERATION.search(words):
            if lost := _SKIPPED.search(words):
                skipped += int(lost[1])
            if not digits or count_digits(match[2]) < digits[0]:
                digits[:] = [count_digits(match[2])]
            yield line, int(match[1]) - skipped, match[2]
