"""Reads an event file of TensorBoard with its own reader: the package tensorboard is an optional extra.

The tag is the only one whose last word is lr, learning_rate, learning-rate or rate, or that begins with "lr-". The
step is what the script writes, so the user has to state that of the first update: --counts-from. Rates are float32.

Source: tensorboard 2.20, backend/event_processing/event_file_loader.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from parity.explain.logs.rates import LogOptions, Row, collect_rates
from parity.mistakes.search.subject import Subject, UnreadableError

#: The most tags that an error names.
MAX_TAGS = 10
_TAG = re.compile(r"(?:.*/)?(?:lr|learning[_-]rate|rate|lr-[^/]+)")


def read_tensorboard(name: str, path: Path, options: LogOptions) -> Subject:
    """Read the scalars of the tag with rates. Raises UnreadableError."""
    try:
        from tensorboard.backend.event_processing.event_file_loader import (  # pyright: ignore[reportMissingImports]
            EventFileLoader,
        )
    except ImportError:
        raise UnreadableError("needs TensorBoard's reader: pip install tensorboard") from None
    if options.counts_from is None:
        raise UnreadableError("the step of an event is what the script writes: state that of the first update: "
                              f"--counts-from 0 or 1, or --counts-from-{options.side}")
    tag = next((tag for tag, _, _ in _iterate_scalars(EventFileLoader(str(path)))), "none")
    rows = _select_rows(tag, _iterate_scalars(EventFileLoader(str(path))))
    return collect_rates(name, rows, rate=tag, count="step", first=None, options=options, rounded=False)


def _select_rows(tag: str, scalars: Iterator[tuple[str, int, float]]) -> Iterator[Row]:
    """Yield the rows of a tag. Raises UnreadableError at the end if there are other tags, or no rows."""
    tags: dict[str, None] = {}
    for number, (name, step, rate) in enumerate(scalars, 1):
        if len(tags) < MAX_TAGS:
            tags[name] = None
        if name == tag:
            yield number, step, rate
    if len(tags) != 1:
        raise UnreadableError(f"must have one tag of rates, got {' and '.join(tags) or 'none'}")


def _iterate_scalars(loader: object) -> Iterator[tuple[str, int, float]]:
    """Yield the tag, the step and the value of each scalar whose tag is one of rates."""
    from tensorboard.util.tensor_util import make_ndarray  # pyright: ignore[reportMissingImports]

    for event in loader.Load():  # type: ignore[attr-defined]
        for value in event.summary.value:
            if _TAG.fullmatch(value.tag):
                rate = make_ndarray(value.tensor).item() if value.HasField("tensor") else value.simple_value
                yield value.tag, event.step, rate
