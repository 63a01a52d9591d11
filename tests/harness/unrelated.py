"""Counts random pairs of schedules without a known relation for which `explain` names a cause: none may have one.

    python -m tests.harness.unrelated --pairs 1000

Each pair has two kinds, or one kind with other rates, lengths and factors. A is a specification or a log, B a log,
exact or rounded to four digits. Round numbers are as frequent as in scripts. Exit code 4 if a cause is named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np

from frameworks.arguments import Parser, run_main
from frameworks.schedule import (
    Cosine,
    CosineRestarts,
    Exponential,
    Factor,
    Hold,
    InverseTime,
    MultiFactor,
    Noam,
    OneCycle,
    Polynomial,
    Schedule,
    Warmup,
    Wsd,
    lrs,
)
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import Subject
from parity.mistakes.search.why import explain

RATES = (1.0, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.03, 0.01, 3e-3, 1e-3, 6e-4, 3e-4, 1e-4, 5e-5, 2e-5)
LENGTHS = (20, 25, 30, 40, 45, 50, 60, 75, 80, 90, 100, 110, 120, 130, 150)
DIGITS = 4


def _list_kinds(rate: float, length: int, other: int, random: Random) -> list[Callable[[], Schedule]]:
    """Return functions that build one schedule of each kind, with these numbers."""
    factor, short = random.choice((0.1, 0.2, 0.3, 0.5, 0.7, 0.9)), max(other // 4, 2)
    return [
        lambda: MultiFactor(base_lr=rate, factor=factor, milestones=sorted({length // 2, length, length + other})),
        lambda: Factor(base_lr=rate, factor=factor, every=short),
        lambda: Exponential(base_lr=rate, factor=factor, updates=length),
        lambda: Cosine(base_lr=rate, updates=length),
        lambda: Polynomial(base_lr=rate, power=random.choice((0.5, 1, 2, 3)), updates=length),
        lambda: Warmup(updates=short, then=Cosine(base_lr=rate, final_lr=rate / 10, updates=length)),
        lambda: Warmup(updates=short, then=Polynomial(base_lr=rate, power=1, updates=length)),
        lambda: Wsd(base_lr=rate, warmup=short, stable=other, decay=length),
        lambda: OneCycle(base_lr=rate / 25, peak_lr=rate, final_lr=0, rise=short, updates=short + length),
        lambda: CosineRestarts(base_lr=rate, updates=other),
        lambda: Noam(d_model=512, warmup=short),
        lambda: InverseTime(base_lr=rate, timescale=other),
        lambda: Hold(updates=random.choice((5, 10)), of=Polynomial(base_lr=rate, power=1, updates=other // 5)),
    ]


def iterate_pairs(pairs: int, seed: int) -> Iterator[Pair]:
    """Yield random pairs of unrelated schedules.

    pairs: how many.
    seed: of the random numbers.
    """
    random = Random(seed)
    for _ in range(pairs):
        rates, lengths = random.sample(RATES, 2), random.sample(LENGTHS, 4)
        kinds = range(13)
        numbers = random.choices(kinds, k=2)
        a, b = (_list_kinds(rate, length, other, random)[number]() for rate, length, other, number in zip(
            rates, lengths[:2], lengths[2:], numbers))
        updates, digits = random.choice((60, 100, 150, 200, 300)), random.choice((0, 0, DIGITS))
        subject = Subject("a", a) if random.random() < 0.6 else Subject("a", logged=lrs(a, updates).astype(np.float32))
        yield Pair(subject, Subject("b", logged=_round(lrs(b, updates), digits), digits=digits), updates)


def _round(rates: np.ndarray, digits: int) -> np.ndarray:
    return np.array([f"{rate:.{digits}g}" for rate in rates] if digits else rates, np.float64).astype(np.float32)


def list_named(pairs: int, seed: int = 0) -> list[tuple[Pair, Any]]:
    """Return each pair for which a cause is named, with the explanation.

    pairs: the number of random pairs.
    seed: of the random numbers (default: 0).
    """
    explained = ((pair, explain(pair)) for pair in iterate_pairs(pairs, seed) if len(pair.differing))
    return [(pair, why) for pair, why in explained if why.causes]


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = Parser(prog="python -m tests.harness.unrelated", description="Explain unrelated pairs.")
    parser.add_argument("--pairs", type=int, default=1000, metavar="N", help="number of pairs (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the random numbers (default: 0)")
    chosen = parser.parse_args(arguments)
    named = list_named(chosen.pairs, chosen.seed)
    for pair, why in named:
        print(f"{[cause.name for cause in why.causes]} in {why.side}: {pair.a.schedule!r}, {pair.updates} updates")
        print(f"  {why.format_sentences()}")
    print(f"{chosen.pairs} pairs, a cause named for {len(named)}")
    return 4 if named else 0


if __name__ == "__main__":
    sys.exit(run_main(main))
