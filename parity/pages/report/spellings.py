"""Measures the usual code with each framework's built-in classes.

    python -m parity.pages.report.spellings --framework torch

prints for each case, in JSON, the expression, how its rates differ, and the bits of the applied rates. The printed text
is the code that ran.
"""

from __future__ import annotations

import sys
from typing import Any

from frameworks.observation import format_bits
from parity.cases import CASES
from parity.measuring.questions import print_document
from parity.pages.coverage.reference import LIBRARY, measure_applied_rates

_EARLY = "Gluon's Trainer starts at num_update=1: every rate is applied one update early."
_EXACT = "The same rates."
_FLOAT32 = "It computes in float32."

#: The expression and its effect, by framework and case.
SPELLINGS: dict[str, dict[str, tuple[str, str]]] = {
    "mxnet": {
        "factor": ("FactorScheduler(1, 0.9, 0.01, base_lr=2.0)", _EXACT),
        "multi_factor": ("MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)", _EXACT),
        "polynomial": ("PolyScheduler(30, base_lr=0.5, pwr=2, final_lr=0.01)", _EARLY),
        "cosine": ("CosineScheduler(20, base_lr=0.3, final_lr=0.01)", _EARLY),
        "warmup_cosine": ("CosineScheduler(20, base_lr=0.3, final_lr=0.01, warmup_steps=5)", _EARLY),
    },
    "torch": {
        "factor": ("ExponentialLR(optimizer, 0.9)", "It has no lowest rate, and uses its last rate to get the next."),
        "multi_factor": ("MultiStepLR(optimizer, [15, 30], 0.5)", _EXACT),
        "polynomial": ("PolynomialLR(optimizer, 30, 2.0)", "It has no final rate: it ends at 0."),
        "cosine": ("CosineAnnealingLR(optimizer, 20, 0.01)", "It increases again after its end."),
        "warmup_cosine": (
            "SequentialLR(optimizer, [LinearLR(optimizer, 1e-8, total_iters=5), "
            "CosineAnnealingLR(optimizer, 15, 0.01)], [5])",
            "LinearLR cannot start at 0, and the cosine increases again after its end."),
    },
    "tensorflow": {
        "factor": ("ExponentialDecay(2.0, 1, 0.9)", "It has no lowest rate, and computes in float32."),
        "multi_factor": ("PiecewiseConstantDecay([15, 30], [0.5, 0.25, 0.125])",
                         "The old rate still applies at the boundary: each drop is one update late."),
        "polynomial": ("PolynomialDecay(0.5, 30, 0.01, power=2.0)", _FLOAT32),
        "cosine": ("CosineDecay(0.3, 20, alpha=0.01 / 0.3)", _FLOAT32),
        "warmup_cosine": ("CosineDecay(0.0, 15, alpha=0.01 / 0.3, warmup_target=0.3, warmup_steps=5)", _FLOAT32),
    },
}


def main(arguments: list[str] | None = None) -> int:
    """Print the applied rates of one framework's usual code."""
    return print_document("parity.pages.report.spellings",
                          "Measure the usual code with each framework's built-in classes.",
                          _measure, arguments)


def _measure(framework: str) -> dict[str, dict[str, Any]]:
    results = {}
    for name, (text, effect) in SPELLINGS[framework].items():
        case = CASES[name]
        rates = measure_applied_rates(LIBRARY[framework], text, case.updates, case.schedule.largest)
        results[name] = {"spelling": text, "effect": effect, "bits": [format_bits(rate) for rate in rates]}
    return results


if __name__ == "__main__":
    sys.exit(main())
