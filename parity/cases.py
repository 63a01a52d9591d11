"""The fixed cases of the gate: a schedule, how far it is followed, and each framework's class that does it."""

from parity.annealing_cases import ANNEALING
from parity.chapter_cases import BOOK, CHAPTER, PER_EPOCH, PER_UPDATE, Case
from parity.combination_cases import COMBINATIONS
from parity.cycles_cases import CYCLES
from parity.edge_cases import EDGES, NESTED
from parity.named_cases import NAMED
from parity.rounds_cases import ROUNDS

__all__ = [
    "ANNEALING", "BOOK", "CASES", "CHAPTER", "COMBINATIONS", "CYCLES", "EDGES", "NAMED", "NESTED", "PER_EPOCH",
    "PER_UPDATE", "ROUNDS", "Case",
]

CASES: dict[str, Case] = PER_UPDATE | PER_EPOCH | BOOK | EDGES | NESTED
CASES |= ANNEALING | CYCLES | ROUNDS | COMBINATIONS | NAMED
