"""Try every law on random schedules: python -m parity.gate.laws.run --framework torch [--profile thorough] [--seed N]

Prints one JSON document: for each law how many examples and rates were compared, and the smallest schedule that breaks
it, if there is one. Exit codes: 0 if all hold, 4 if one is broken.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import warnings
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from frameworks import FRAMEWORKS, quiet
from frameworks.arguments import Parser, framework, parse_count, run_main
from frameworks.exit_codes import FAILED
from parity.cases import CASES
from parity.gate.laws import laws
from parity.gate.laws.algebra import far, schedules
from parity.gate.laws.expected import Compared, ViolationError
from parity.gate.laws.subject import Subject
from parity.measuring.measure import disable_mxnet_threads

#: The number of random examples per profile: of `applied`, and of each other law.
PROFILES = {"quick": (200, 25), "thorough": (5000, 250)}
#: The number of examples for torch.compile, which takes seconds per schedule.
COMPILED = {"quick": 2, "thorough": 20}
#: The number of first updates after which each fixed case is resumed.
RESUMED = {"quick": 50, "thorough": 250}
#: The number of updates that a law compares per example, where it is not FEW.
PER_EXAMPLE = {
    "applied": laws.UPDATES, "random_access": 6, "reading": 2 * laws.FEW, "skipping": laws.FEW,
}


def build_strategies(law: str, module: Any) -> tuple[st.SearchStrategy, ...]:
    """Return the strategies of the arguments of a law, without the subject."""
    flags = st.lists(st.booleans(), min_size=laws.FEW, max_size=laws.FEW)
    times = st.one_of(st.sampled_from([2**24 + 1, 10**9, 2**31 + 1]), st.integers(0, 200), st.integers(0, 2**40))
    return {
        "applied": (schedules,),
        "random_access": (schedules | far, st.lists(times, min_size=6, max_size=6)),
        "reading": (schedules, flags),
        "resume": (schedules, st.integers(0, 60)),
        "multipliers": (schedules, st.tuples(*[st.sampled_from([0.0, 0.1, 1 / 3, 1.0, 2.0])] * 3)),
        "dtypes": (schedules, st.sampled_from(module.DTYPES)),
        "adam": (schedules,),
        "momentum": (schedules,),
        "accumulation": (schedules, st.sampled_from([2, 4])),  # other numbers are not exact factors of a gradient
        "skipping": (schedules, flags),
        "runs": (schedules, st.sampled_from(module.RUNS[1:])),
    }[law]


#: The laws in the order in which they are tried, the slowest last.
LAWS: dict[str, Callable[..., Compared]] = {
    name: getattr(laws, name) for name in (
        "applied", "random_access", "reading", "resume", "multipliers", "dtypes", "adam", "momentum", "accumulation",
        "skipping", "runs")}


def count_examples(law: str, framework: str, profile: str) -> int:
    """Return the number of random examples of a law."""
    first, others = PROFILES[profile]
    if law == "runs" and framework == "torch":
        return COMPILED[profile]
    return first if law == "applied" else others


def count_comparisons(law: str, framework: str, profile: str) -> int:
    """Return the number of rates that a law must compare, 11 weights in each update."""
    return count_examples(law, framework, profile) * PER_EXAMPLE.get(law, laws.FEW) * laws.WEIGHTS


def try_law(law: str, subject: Subject, number: int, start: int, *, shrink: bool = True) -> dict[str, Any]:
    """Try a law on `number` examples from a seed; return how many, how many rates, and the example that breaks it.

    `outside` is the number of rates that were not compared because they are outside the law.
    """
    done = {"examples": 0, "comparisons": 0, "outside": 0, "broken": None}

    @seed(start)
    @settings(max_examples=number, phases=[Phase.generate, Phase.shrink][:1 + shrink], database=None, deadline=None,
              suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]  (its metaclass iterates)
              report_multiple_bugs=False, print_blob=False)
    @given(st.tuples(*build_strategies(law, subject.module)))
    def attempt(drawn_values: tuple[Any, ...]) -> None:
        try:
            compared = LAWS[law](subject, *drawn_values)
        except Exception as error:
            done["broken"] = {"schedule": drawn_values[0].model_dump(mode="json"), "with": repr(drawn_values[1:]),
                              "found": _describe(error)}  # the last one is the smallest
            raise
        done["examples"] += 1
        done["comparisons"] += compared.rates
        done["outside"] += compared.outside

    try:
        attempt()
    except Exception:
        if done["broken"] is None:
            raise
    return done


def resume_cases(subject: Subject, updates: int) -> dict[str, Any]:
    """Resume every fixed case after each of its first updates; return how many rates were compared, and failures."""
    results = {}
    for name, case in CASES.items():
        try:
            compared = laws.resume_everywhere(subject, case.schedule, min(updates, case.updates))
            results[name] = {"comparisons": compared.rates, "outside": compared.outside}
        except Exception as error:
            results[name] = {"comparisons": 0, "outside": 0, "broken": _describe(error)}
    return results


def _describe(error: Exception) -> str:
    """Return the message of a law, or name and message of another error."""
    return str(error) if isinstance(error, ViolationError) else f"{type(error).__name__}: {error}"


def main(arguments: list[str] | None = None) -> int:
    """Print the results of every law in one framework."""
    parser = Parser(prog="python -m parity.gate.laws.run", description="Try every law on random schedules.")
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    parser.add_argument("--profile", choices=PROFILES, default="quick", help="how many examples (default: quick)")
    parser.add_argument("--seed", type=parse_count, help="seed of the schedules (default: a new one, which is printed)")
    parser.add_argument("--law", choices=LAWS, help="try only this law (default: all)")
    chosen = parser.parse_args(arguments)
    quiet()
    disable_mxnet_threads()
    warnings.simplefilter("ignore")  # torch warns of steps that are skipped or compiled on purpose
    start = chosen.seed or random.SystemRandom().randrange(1, 2**31)
    with contextlib.redirect_stdout(sys.stderr):
        subject = Subject.from_framework(chosen.framework)
        results = {law: try_law(law, subject, count_examples(law, chosen.framework, chosen.profile), start)
                   for law in ([chosen.law] if chosen.law else LAWS)}
        resumed = {} if chosen.law else resume_cases(subject, RESUMED[chosen.profile])
        subject.elsewhere.close()
    print(json.dumps({"framework": chosen.framework, "profile": chosen.profile, "seed": start, "laws": results,
                      "resumed": resumed}))
    broken = [entry for entry in (*results.values(), *resumed.values()) if entry.get("broken")]
    return FAILED if broken else 0


if __name__ == "__main__":
    sys.exit(run_main(main))
