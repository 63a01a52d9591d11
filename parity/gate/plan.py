"""What the gate has to compare, worked out before it starts, and what it has compared."""

from __future__ import annotations

from frameworks import FRAMEWORKS
from frameworks.observation import SHAPES
from parity.cases import CASES
from parity.gate.laws import laws, run
from parity.gate.laws.expected import Compared

#: A framework, a kind of comparison, and a case or law.
Key = tuple[str, str, str]


def planned(profile: str) -> dict[Key, int]:
    """Return every comparison of rates that a whole run of the gate makes: backends x cases or laws x updates."""
    ledger: dict[Key, int] = {}
    for framework in FRAMEWORKS:
        for name, case in CASES.items():
            ledger[framework, "case", name] = case.updates * len(SHAPES)
            ledger[framework, "resumed", name] = min(run.RESUMED[profile], case.updates) * laws.WEIGHTS
        for law in run.LAWS:
            ledger[framework, "law", law] = run.comparisons(law, framework, profile)
    return ledger


def differences(plan: dict[Key, int], done: dict[Key, Compared]) -> list[str]:
    """Say, one line each, what was planned and neither compared nor outside, or more than planned."""
    lines = []
    for key in sorted(plan.keys() | done.keys()):
        found = done.get(key, Compared())
        if found.rates + found.outside != plan.get(key, 0):
            lines.append(f"{' '.join(key)}: {found.rates} of {plan.get(key, 0)} rates compared, "
                         f"{found.outside} outside")
    return lines
