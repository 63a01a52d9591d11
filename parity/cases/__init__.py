"""The fixed cases of the gate: a schedule, how far it is followed, and each framework's class that does it."""

from parity.cases.annealing import ANNEALING
from parity.cases.chapter import BOOK, CHAPTER, PER_EPOCH, PER_UPDATE, Case
from parity.cases.combination import COMBINATIONS
from parity.cases.cycles import CYCLES
from parity.cases.edge import EDGES, NESTED
from parity.cases.named import NAMED
from parity.cases.rounds import ROUNDS

__all__ = [
    "ANNEALING", "BOOK", "CASES", "CHAPTER", "COMBINATIONS", "CYCLES", "EDGES", "NAMED", "NESTED", "PER_EPOCH",
    "PER_UPDATE", "ROUNDS", "Case",
]

CASES: dict[str, Case] = PER_UPDATE | PER_EPOCH | BOOK | EDGES | NESTED
CASES |= ANNEALING | CYCLES | ROUNDS | COMBINATIONS | NAMED
