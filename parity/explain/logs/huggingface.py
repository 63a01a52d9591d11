"""Reads trainer_state.json, which the Trainer of transformers saves with each checkpoint.

A row of `log_history` has `learning_rate` and `step`. Up to 4.50 step k has the rate of update t = k, which comes next.
From 4.51 on it has the rate of t = k - 1, which was applied. The field `best_global_step` came with 4.50.
Evaluation rows and the last row have no rate.

Source: transformers 4.46.3 to 4.52.4, trainer.py and trainer_callback.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TextIO

from parity.conformance.process import shorten_value
from parity.explain.logs.rates import LogOptions, Row, collect_rates
from parity.mistakes.search.subject import Subject, UnreadableError

#: The number of characters that are read at a time, and the largest row.
CHUNK, MAX_ROW = 1 << 16, 1 << 20
_FIELD = '"best_global_step"'
_NEWER = ("read as transformers 4.51 and later write it, where step k has the rate of t = k - 1; for 4.50, state "
          "--counts-from 0")
_OLDER = "read as transformers before 4.50 writes it: step k has the rate of update t = k"


def read_huggingface(name: str, file: TextIO, options: LogOptions) -> Subject:
    """Read trainer_state.json, in pieces. Raises UnreadableError."""
    is_newer = _has_field(file)  # it stands before or after the rows
    file.seek(0)
    subject = collect_rates(name, _list_rows(_iterate_history(file)), rate="learning_rate", count="step",
                            first=int(is_newer), options=options, rounded=False)
    note = _NEWER if is_newer else _OLDER
    return subject if options.counts_from is not None else replace(subject, notes=(*subject.notes, note))


def _list_rows(history: Iterator[dict[str, Any]]) -> Iterator[Row]:
    for number, row in enumerate(history, 1):
        if row.get("learning_rate") is not None:
            yield number, row.get("step"), row["learning_rate"]


def _iterate_history(file: TextIO) -> Iterator[dict[str, Any]]:
    """Yield each row of log_history."""
    decoder, text, begun = json.JSONDecoder(), "", False
    while chunk := file.read(CHUNK):
        text += chunk
        if not begun:
            _, key, after = text.partition('"log_history"')
            if not key:
                text = text[-CHUNK:]
                continue
            begun, text = True, after.partition("[")[2]
        while (start := text.find("{")) >= 0 and "]" not in text[:start]:
            try:
                row, end = decoder.raw_decode(text, start)
            except (ValueError, RecursionError):
                break
            yield row
            text = text[end:]
        if "]" in text.partition("{")[0]:
            return
        if len(text) > MAX_ROW:
            raise UnreadableError(f"a row of log_history is not JSON: {shorten_value(text)}")
    raise UnreadableError("log_history does not end" if begun else "no log_history")


def _has_field(file: TextIO) -> bool:
    """Return whether the text has the field best_global_step."""
    text = ""
    while chunk := file.read(CHUNK):
        text = text[-len(_FIELD):] + chunk
        if _FIELD in text:
            return True
    return False
