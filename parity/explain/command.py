"""Explains the difference between two sequences of rates: python -m parity explain A B

Exit codes: 0 if the rates have the same bits, 4 if they differ, 2 for a mistake in the arguments or files.
"""

from __future__ import annotations

import argparse
import json
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path

from frameworks.arguments import Parser, build_choice_type, parse_count, parse_rate
from frameworks.exit_codes import FAILED
from parity.explain.answer import document, format_lines
from parity.explain.logs import NAMES
from parity.explain.logs.rates import LogOptions
from parity.explain.reading import SideOptions, read_side
from parity.measuring.compare import count_compared_updates
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import MAX_UPDATES, Subject, UnreadableError
from parity.port import SOURCES
from parity.port.edges import compute_span

#: The most rates of specifications and their parts that are computed for one comparison.
MAX_RATES = 10_000_000


def add_arguments(command: ArgumentParser) -> None:
    """Add the arguments of `explain`."""
    for side in ("a", "b"):
        command.add_argument(side, metavar=side.upper(),
                             help="a specification (.json, .toml), logged rates (.csv, .jsonl), the log of a "
                                  "tool (see --format) or a constructor such as 'CosineScheduler(20)'")
    for side in ("a", "b"):
        command.add_argument(f"--from-{side}", type=build_choice_type(tuple(SOURCES)), metavar="SOURCE",
                             help=f"where the constructor {side.upper()} comes from: {', '.join(SOURCES)}")
        command.add_argument(f"--lr-{side}", type=partial(parse_rate, noun="number"), metavar="RATE",
                             help=f"for a torch constructor {side.upper()}: the rate that its optimizer is built with")
        command.add_argument(f"--optimizer-{side}", metavar="CALL",
                             help=f"for an MXNet constructor {side.upper()}: its optimizer, such as "
                                  "'Adam(learning_rate=0.001)'")
        command.add_argument(f"--base-lr-{side}", type=partial(parse_rate, noun="number"), metavar="RATE",
                             help=f"for a training log {side.upper()}: the rate before its first line")
        command.add_argument(f"--counts-from-{side}", type=parse_first, metavar="N", help=f"--counts-from for log "
                             f"{side.upper()} only")
    command.add_argument("--format", type=build_choice_type(NAMES), metavar="FORMAT",
                         help=f"what wrote the logs: {', '.join(NAMES)} (default: recognised)")
    command.add_argument("--counts-from", type=parse_first, metavar="N",
                         help="for logs: the count of the first update, 0 or 1 (default: that of the writer)")
    command.add_argument("--digits", type=parse_digits, metavar="N",
                         help="for logs: compare N significant digits (default: recognised)")
    command.add_argument("--updates-per-epoch", type=parse_count, metavar="N",
                         help="for constructors and logs that count epochs")
    command.add_argument("--total-updates", type=parse_count, metavar="N",
                         help="for constructors that use the length of the training")
    command.add_argument("--updates", type=parse_count, metavar="N",
                         help="compare N updates (default: all of the shorter log; without a log 2.5 times the longest "
                              f"horizon, at least 50). At most {MAX_UPDATES:,}; by default, fewer for a "
                              "specification of more than 10 parts")
    command.add_argument("--json", action="store_true", help="print one JSON document")


def run(chosen: Namespace, parser: Parser) -> int:
    """Compare the two sides, print the result and return the exit code."""
    a, b = (_parse_side(side, chosen, parser) for side in ("a", "b"))
    updates, note = _count_updates(a, b, chosen.updates, parser)
    pair = Pair(a, b, updates)
    if not len(pair.compared):
        parser.error("A and B have no update in common whose rates are known")
    answer = document(pair) | {"note": note}
    print(json.dumps(answer) if chosen.json else "\n".join(format_lines(answer)), flush=True)
    return FAILED if answer["differing"] else 0


def parse_first(text: str) -> int:
    """Return the count of the first update: 0 or 1."""
    if text not in ("0", "1"):
        raise argparse.ArgumentTypeError(f"must be 0 or 1, got {text!r}")
    return int(text)


def parse_digits(text: str) -> int:
    """Return a number of significant digits, from 1 to 9: more do not differ in float32."""
    if text not in "123456789" or len(text) != 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 9, got {text!r}")
    return int(text)


def _parse_side(side: str, chosen: Namespace, parser: Parser) -> Subject:
    counts_from = getattr(chosen, f"counts_from_{side}")
    log = LogOptions(side, chosen.counts_from if counts_from is None else counts_from, chosen.updates_per_epoch,
                     chosen.digits, getattr(chosen, f"base_lr_{side}"))
    text = getattr(chosen, side)
    is_schedule = Path(text).suffix.lower() in (".json", ".toml", "") or "(" in text
    options = SideOptions(side, *(getattr(chosen, f"{option}_{side}") for option in ("from", "lr", "optimizer")),
                          total=chosen.total_updates, format=None if is_schedule else chosen.format, log=log)
    try:
        return read_side(text, options)
    except UnreadableError as error:
        parser.error(f"argument {side.upper()}: {error}")


def _count_updates(a: Subject, b: Subject, requested: int | None, parser: Parser) -> tuple[int, str | None]:
    """Return the number of compared updates, and a note if the sides have more that are compared by default.

    The last rate of a log of changes holds for any number.
    """
    ends = {name: side.updates for name, side in (("A", a), ("B", b)) if side.updates is not None}
    if requested is None:
        horizons = [len(side.logged) if side.schedule is None else compute_span(side.schedule) for side in (a, b)]
        size = sum(side.expanded.size for side in (a, b) if side.schedule is not None)
        wanted = min(ends.values() or [count_compared_updates(max(horizons))])
        updates = min(MAX_UPDATES, MAX_RATES // max(size, 1), wanted)
        note = f"only the first {updates} of {wanted} updates are compared" if updates < wanted else None
        return updates, f"{note}; see --updates" if note and updates < MAX_UPDATES else note
    if requested > MAX_UPDATES:
        parser.error(f"argument --updates: at most {MAX_UPDATES}, as many as are ever compared, got {requested}")
    for name, side in (("A", a), ("B", b)):
        if name in ends and not side.held and requested > ends[name]:
            parser.error(f"argument --updates: at most {ends[name]}, as many as {name} has, got {requested}")
    return requested, None
