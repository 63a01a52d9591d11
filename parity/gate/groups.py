"""Train the probe's network in parameter groups: python -m parity.gate.groups --framework torch

Prints one JSON document. It has the weights after each update of every case: run in every way, resumed in the middle,
and with each mistake. It also has the results of random groups.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from frameworks import FRAMEWORKS, backend, quiet
from frameworks.arguments import Parser, framework, parse_count, run_main
from frameworks.schedule import Clamp, Schedule
from frameworks.schedule.groups import Group, ParameterGroups
from parity.cases.groups import BIAS, CASES, HEAD, RESUMED_AT, UPDATES
from parity.gate.groups_rules import compare, probe
from parity.gate.laws.algebra import schedules
from parity.gate.laws.expected import compute_allowed
from parity.mistakes.groups import GROUPS, as_it_is, list_wrong_builds

#: The number of random groups, and of the updates of each.
EXAMPLES, FEW = 12, 8


def measure_weights(watched: Callable, groups: ParameterGroups, updates: int = UPDATES, resumed_at: int | None = None,
                    *, load: bool = True) -> np.ndarray:
    """Return the weights after each update: float32, shape (updates, 3, 2 * updates)."""
    now, rows = watched(groups, 2 * updates), []
    for t in range(updates):
        if t == resumed_at:
            with tempfile.TemporaryDirectory() as folder:
                now.save(Path(folder))
                now = watched(groups, 2 * updates)
                if load:
                    now.load(Path(folder))
        before, gradients = probe(t, updates)
        rows.append(now.update(np.stack([before] * 3), np.stack([gradients] * 3)))
    return np.stack(rows)


def _clamp_schedules(low: float, high: float) -> st.SearchStrategy:
    return schedules.map(lambda schedule: Clamp(min_lr=low, max_lr=high, of=schedule))


@st.composite
def random_groups(draw: st.DrawFn) -> ParameterGroups:
    """Draw groups of the probe's network, without very small values, whose products are rounded to 0."""
    rates, momenta = _clamp_schedules(1e-6, 10), st.none() | _clamp_schedules(0.1, 0.95)
    decays = st.none() | _clamp_schedules(0.0, 1.0)

    def group(name: str, match: list[str]) -> Group:
        by = draw(st.none() | st.sampled_from([0.0, 0.1, 1 / 3, 2.0]))
        separate = draw(rates) if by is None and draw(st.booleans()) else None
        return Group(name=name, match=match, lr_mult=by, schedule=separate, momentum=draw(momenta),
                     weight_decay=draw(decays))

    names = draw(st.sets(st.sampled_from(["bias", "head"])))
    groups = [group(name, match) for name, match in (("bias", BIAS), ("head", HEAD)) if name in names]
    return ParameterGroups(schedule=draw(rates), momentum=draw(momenta), weight_decay=draw(decays), groups=groups)


def list_schedules(groups: ParameterGroups) -> list[Schedule]:
    """Return every schedule in some groups."""
    schedules = (schedule for group in groups.resolve_groups()
                 for schedule in (group.schedule, group.momentum, group.weight_decay))
    return [schedule for schedule in schedules if schedule is not None]


def try_groups(watched: Callable, name: str, examples: int = EXAMPLES) -> dict:
    """Try random groups, the same in every framework; return how many, and the first difference.

    Groups with a value that needs the tolerance, or is below the smallest float32, are not compared.
    """
    done = {"examples": 0, "outside": 0, "wrong": None}

    @settings(max_examples=examples, phases=[Phase.generate], database=None, deadline=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # pyright: ignore[reportArgumentType]  (its metaclass iterates)
    @given(random_groups())
    def attempt(groups: ParameterGroups) -> None:
        done["examples"] += 1
        if any(len(compute_allowed(schedule, t)) != 1 for schedule in list_schedules(groups) for t in range(FEW)):
            done["outside"] += 1
            return
        difference = compare(groups, name, measure_weights(watched, groups, FEW))
        if difference is not None and done["wrong"] is None:
            done["wrong"] = f"{groups.model_dump_json(exclude_none=True)}: {difference}"

    attempt()
    return done


def document(name: str, examples: int) -> dict:
    """Return all measurements of one framework."""
    backend(name)
    module = importlib.import_module(f"frameworks.{name}.group_probe")
    watched, everything = module.WatchedGroups, CASES["everything"]
    eager = functools.partial(watched, run="eager")  # a graph for each case would take seconds
    wrong = list_wrong_builds(name)
    results = {"random": try_groups(eager, name, examples),
             "random_broken": try_groups(functools.partial(eager, build=wrong["multiplier_ignored"][0]), name),
             "cases": {case: measure_weights(eager, groups) for case, groups in CASES.items()},
             "runs": {run: measure_weights(functools.partial(watched, run=run), everything) for run in module.RUNS},
             "resumed": measure_weights(watched, everything, resumed_at=RESUMED_AT),
             "broken": {"not_loaded": measure_weights(eager, everything, resumed_at=RESUMED_AT, load=False)}}
    for broken, (build, case) in wrong.items():
        results["broken"][broken] = measure_weights(functools.partial(eager, build=build), CASES[case])
    if name != "tensorflow":
        with as_it_is(name):
            results["broken"]["zero_as_it_is"] = measure_weights(eager, CASES[GROUPS["zero_as_it_is"].where])
    return results


def main(arguments: list[str] | None = None) -> int:
    """Print the measurements of one framework."""
    parser = Parser(prog="python -m parity.gate.groups",
                    description="Train the probe's network in parameter groups.")
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    parser.add_argument("--examples", type=parse_count, default=EXAMPLES, help=f"random groups (default: {EXAMPLES})")
    chosen = parser.parse_args(arguments)
    quiet()
    with contextlib.redirect_stdout(sys.stderr):
        results = document(chosen.framework, chosen.examples)
    print(json.dumps(results, default=lambda weights: weights.astype("<f4").tobytes().hex()))
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
