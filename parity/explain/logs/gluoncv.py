r"""Reads the lines that the training scripts of GluonCV print.

    Epoch[0] Batch [49]\tSpeed: 1234.5 samples/sec\taccuracy=0.5\tlr=0.100000

The rate is that of the update just made. Batches count from 0 in each epoch, so --updates-per-epoch is needed. Rates
are printed as "%f", in multiples of 0.000001.

Source: gluon-cv 0.10, scripts/classification/imagenet/train_imagenet.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

from parity.explain.logs.rates import LogOptions, Row, collect_rates, iterate_lines
from parity.mistakes.search.subject import Subject, UnreadableError

BATCH = re.compile(r"Epoch ?\[([0-9]{1,9})(?:/[0-9]+)?\],? Batch ?\[([0-9]{1,9})(?:/[0-9]+)?\].*?\blr=([^\s,]+)")


def read_gluoncv(name: str, file: TextIO, options: LogOptions) -> Subject:
    """Read the lines with an epoch, a batch and a rate, and skip all others. Raises UnreadableError."""
    decimals: list[int] = []
    subject = collect_rates(name, _iterate_rows(file, options, decimals), rate="lr", count="batch", first=0,
                            options=replace(options, counts_from=None), rounded=False)
    unit = 0.0 if options.digits else 10.0 ** -max(decimals)
    note = f"the log prints multiples of {unit:g}, and no smaller differences are compared"
    return replace(subject, unit=unit, notes=(*[note][:bool(unit)], *subject.notes))


def _iterate_rows(file: TextIO, options: LogOptions, decimals: list[int]) -> Iterator[Row]:
    for line, words in iterate_lines(file):
        if match := BATCH.search(words):
            epoch, batch, many = int(match[1]), int(match[2]), options.updates_per_epoch
            if many is None:
                raise UnreadableError("the lines count batches in each epoch: state the updates of an epoch: "
                                      "--updates-per-epoch N")
            if batch >= many:
                raise UnreadableError(f"line {line}: Batch must be below --updates-per-epoch {many}, got {batch}")
            if not decimals:
                decimals.append(len(match[3].partition(".")[2]))
            yield line, epoch * many + batch, match[3]
