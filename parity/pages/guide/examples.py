"""Lists the example of each kind on the guide's pages, and a Gluon constructor where there is one.

The examples are short: over so few updates the frameworks round alike on every processor that was tested.
"""

from __future__ import annotations

from dataclasses import dataclass

from frameworks.schedule import Schedule
from frameworks.schedule.union import build_examples
from parity.measuring.compare import count_compared_updates


@dataclass(frozen=True)
class Example:
    """A schedule, and the text of the constructor that a Gluon user starts from (default: "", none)."""

    schedule: Schedule
    gluon: str = ""


#: Gluon's constructors, by kind.
_GLUON = {
    "factor": "FactorScheduler(10, 0.5, stop_factor_lr=0.1, base_lr=0.5)",
    "multi_factor": "MultiFactorScheduler([15, 30], 0.5, base_lr=0.5)",
    "polynomial": "PolyScheduler(30, base_lr=0.5, pwr=2)",
    "cosine": "CosineScheduler(20, base_lr=0.3, final_lr=0.01)",
    "warmup": "CosineScheduler(20, base_lr=0.3, final_lr=0.01, warmup_steps=5)",
}
#: By kind, in the order of the pages.
EXAMPLES = {kind: Example(schedule, _GLUON.get(kind, "")) for kind, schedule in build_examples().items()}


def count_updates(schedule: Schedule) -> int:
    """Return how many updates are compared: 50, or 2.5 times the horizon if that is more."""
    return count_compared_updates(schedule.horizon)


def find_kinds_without_page(has_text: set[str]) -> list[str]:
    """Return a line for each kind of the specification that has no hand-written text."""
    return [f"{kind}: no parity/pages/guide/text/{kind}.md" for kind in EXAMPLES if kind not in has_text]
