"""What the gate has to compare, worked out before it starts, and what it has compared."""

from __future__ import annotations

from frameworks import FRAMEWORKS
from frameworks.observation import SHAPES
from parity.cases import CASES
from parity.laws import laws, run

#: (framework, kind of comparison, case or law) -> number of rates.
Ledger = dict[tuple[str, str, str], int]


def planned(profile: str) -> Ledger:
    """Return every comparison of rates that a whole run of the gate makes: backends x cases or laws x updates."""
    ledger: Ledger = {}
    for framework in FRAMEWORKS:
        for name, case in CASES.items():
            ledger[framework, "case", name] = case.updates * len(SHAPES)
            ledger[framework, "resumed", name] = min(run.RESUMED[profile], case.updates) * laws.WEIGHTS
        for law in run.LAWS:
            ledger[framework, "law", law] = run.comparisons(law, framework, profile)
    return ledger


def differences(plan: Ledger, done: Ledger) -> list[str]:
    """Say, one line each, what was planned and not done, or done otherwise than planned."""
    return [f"{' '.join(key)}: {done.get(key, 0)} of {plan.get(key, 0)} rates compared"
            for key in sorted(plan.keys() | done.keys()) if done.get(key, 0) != plan.get(key, 0)]
