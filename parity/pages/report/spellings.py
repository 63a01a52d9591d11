"""What one naturally writes with each framework's own classes, measured beside the exact port.

    python -m parity.pages.report.spellings --framework torch

prints, as JSON, for each case the expression, what is wrong with it, and the bits that it applied: the very text that
is printed is what was run.
"""

from __future__ import annotations

import sys
from typing import Any

from frameworks.observation import bits
from parity.cases import CASES
from parity.measuring.questions import print_document
from parity.pages.coverage.reference import LIBRARY, applied

_EARLY = "Gluon's Trainer asks for 1 first: every rate comes one update early."
_EXACT = "The same rates."
_FLOAT32 = "It computes in float32."

#: By framework and case: the expression, and what it does.
SPELLINGS: dict[str, dict[str, tuple[str, str]]] = {
    "mxnet": {
        "factor": ("FactorScheduler(1, 0.9, 0.01, base_lr=2.0)", _EXACT),
        "multi_factor": ("MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)", _EXACT),
        "polynomial": ("PolyScheduler(30, base_lr=0.5, pwr=2, final_lr=0.01)", _EARLY),
        "cosine": ("CosineScheduler(20, base_lr=0.3, final_lr=0.01)", _EARLY),
        "warmup_cosine": ("CosineScheduler(20, base_lr=0.3, final_lr=0.01, warmup_steps=5)", _EARLY),
    },
    "torch": {
        "factor": ("ExponentialLR(optimizer, 0.9)", "It has no floor, and multiplies its last rate again and again."),
        "multi_factor": ("MultiStepLR(optimizer, [15, 30], 0.5)", _EXACT),
        "polynomial": ("PolynomialLR(optimizer, 30, 2.0)", "It has no final rate: it ends at 0."),
        "cosine": ("CosineAnnealingLR(optimizer, 20, 0.01)", "It climbs again past its end."),
        "warmup_cosine": (
            "SequentialLR(optimizer, [LinearLR(optimizer, 1e-8, total_iters=5), "
            "CosineAnnealingLR(optimizer, 15, 0.01)], [5])",
            "LinearLR cannot start at 0, and the cosine climbs again past its end."),
    },
    "tensorflow": {
        "factor": ("ExponentialDecay(2.0, 1, 0.9)", "It has no floor, and computes in float32."),
        "multi_factor": ("PiecewiseConstantDecay([15, 30], [0.5, 0.25, 0.125])",
                         "At the boundary it keeps the old rate: each drop comes one update late."),
        "polynomial": ("PolynomialDecay(0.5, 30, 0.01, power=2.0)", _FLOAT32),
        "cosine": ("CosineDecay(0.3, 20, alpha=0.01 / 0.3)", _FLOAT32),
        "warmup_cosine": ("CosineDecay(0.0, 15, alpha=0.01 / 0.3, warmup_target=0.3, warmup_steps=5)", _FLOAT32),
    },
}


def main(arguments: list[str] | None = None) -> int:
    """Print what the spellings of one framework applied."""
    return print_document("parity.pages.report.spellings",
                          "Measure the usual spellings with each framework's own classes, beside the exact port.",
                          _measured, arguments)


def _measured(framework: str) -> dict[str, dict[str, Any]]:
    found = {}
    for name, (text, effect) in SPELLINGS[framework].items():
        case = CASES[name]
        rates = applied(LIBRARY[framework], text, case.updates, case.schedule.largest)
        found[name] = {"spelling": text, "effect": effect, "bits": [bits(rate) for rate in rates]}
    return found


if __name__ == "__main__":
    sys.exit(main())
