"""Reads the log that MXNet's FactorScheduler and MultiFactorScheduler write during a training.

    Update[16]: Change learning rate to 2.50000e-01
    Update[95]: now learning rate arrived at 1.00000e-08, will not change in the future

The number is that of the first update at the new rate, counted from 1: it is `t` + 1. Rates are printed as "%0.5e", to
6 digits; earlier releases print fixed-point numbers such as 0.02621. The log has neither the rate before its first line
nor the rates of a warm-up.

Source: mxnet 1.9.1, lr_scheduler.py.
"""

from __future__ import annotations

import math
import re
from typing import TextIO

import numpy as np

from parity.explain.logs.rates import LogOptions, count_digits, iterate_lines, read_rate
from parity.mistakes.search.subject import MAX_UPDATES, Subject, UnreadableError

CHANGE = re.compile(r"Update\[([0-9]{1,18})\]: (Change learning rate to|now learning rate arrived at) ([^\s,]+)")


def read_mxnet(name: str, file: TextIO, options: LogOptions) -> Subject:
    """Read the lines about rates and skip all others. Raises UnreadableError."""
    rates, rate = [], math.nan if options.base_lr is None else options.base_lr
    digits, unit, ends, before, assumed = 6, 0.0, False, 0, 0
    for line, words in iterate_lines(file):
        if change := CHANGE.search(words):
            update = int(change[1])
            if not max(before, 1) <= update <= MAX_UPDATES:
                raise UnreadableError(f"line {line}: Update must be from {max(before, 1)} to {MAX_UPDATES}, "
                                      f"got {update}" + (": are there two trainings in this log?" if update < before
                                                         else ""))
            rates += [rate] * (update - 1 - len(rates))
            assumed = assumed if before or options.base_lr is None else len(rates)
            rate = read_rate(line, "the learning rate", change[3])
            if "e" in change[3].lower():
                digits = min(digits, count_digits(change[3]))
            else:
                unit = max(unit, 10.0 ** -len(change[3].partition(".")[2]))
            ends, before = change[2].startswith("now"), update
    if not before:
        raise UnreadableError("no line such as 'Update[16]: Change learning rate to 2.50000e-01'")
    rates.append(rate)  # of the last update in the log
    digits = options.digits or (0 if unit else digits)
    notes = [f"the log prints {digits} digits, and no more are compared" if digits else
             f"the log prints multiples of {unit:g}, and no smaller differences are compared"]
    if not ends:
        notes.append(f"update {before - 1} is the last that the log names")
    return Subject(name, logged=np.array(rates, np.float32), held=True, ends=ends, digits=digits,
                   unit=0.0 if options.digits else unit, notes=tuple(notes), assumed=assumed)
