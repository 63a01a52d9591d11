"""Computes how many rates the gate must compare, and compares that with how many it has compared."""

from __future__ import annotations

from frameworks import FRAMEWORKS
from frameworks.observation import SHAPES
from parity.cases import CASES
from parity.gate.laws import laws, run
from parity.gate.laws.expected import Compared

#: The framework, the kind of comparison, and the case or law.
Key = tuple[str, str, str]


def build_plan(profile: str) -> dict[Key, int]:
    """Return the number of rates that a whole run of the gate compares, for each back end and case or law."""
    plan: dict[Key, int] = {}
    for framework in FRAMEWORKS:
        for name, case in CASES.items():
            plan[framework, "case", name] = case.updates * len(SHAPES)
            plan[framework, "resumed", name] = min(run.RESUMED[profile], case.updates) * laws.WEIGHTS
        for law in run.LAWS:
            plan[framework, "law", law] = run.count_comparisons(law, framework, profile)
    return plan


def find_differences(plan: dict[Key, int], done: dict[Key, Compared]) -> list[str]:
    """Return a line for each entry of the plan whose compared and outside rates are not the planned number."""
    lines = []
    for key in sorted(plan.keys() | done.keys()):
        compared = done.get(key, Compared())
        if compared.rates + compared.outside != plan.get(key, 0):
            lines.append(f"{' '.join(key)}: {compared.rates} of {plan.get(key, 0)} rates compared, "
                         f"{compared.outside} outside")
    return lines
