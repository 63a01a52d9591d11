"""Tries round trips on random schedules and constructors: python -m tests.harness.roundtrip --framework torch

Sources are the algebra of schedules, and the constructors of MXNet, GluonCV, PyTorch and Keras. Each process imports
one framework only:

    algebra, mxnet, ...   read as a specification, written as self-contained code, run in the framework: 0 ULP
    class                 the framework's constructors, run there: the rates that were read, except for rounding
    native                the built-in code of schedules that have it: run, and read back as the rates that it applies

For optax only the first line: no constructors of optax are read.

Prints one JSON document: for each trip, how many examples and rates were compared, and the smallest failing example.
Exit codes: 0 if all trips hold, 4 if one fails.
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

from frameworks import FrameworkMissingError, quiet
from frameworks.arguments import Parser, build_choice_type, parse_count, run_main
from frameworks.exit_codes import FAILED
from parity.gate.laws.algebra import schedules
from parity.gate.laws.expected import Compared
from parity.measuring.measure import disable_mxnet_threads
from parity.port.measured import MEASURED
from parity.port.write.native import NATIVE
from tests.harness.roundtrip.constructors import BY_SOURCE, build_constructors, written
from tests.harness.roundtrip.trips import check_built_in, check_class, check_exact, read_schedule

#: Examples of each pair of a source and the framework.
PROFILES = {"quick": 24, "thorough": 500}


def build_trips(framework: str) -> dict[str, tuple[st.SearchStrategy, Callable[[Any], Compared]]]:
    """Return the trips of one framework by name: the strategy of examples, and the check of one example."""
    result = {"algebra": (schedules, lambda schedule: check_exact(schedule, framework))}
    for source in BY_SOURCE:
        result[source] = (build_constructors(source), lambda case: check_exact(read_schedule(case), framework))
    if framework == "optax":
        return result
    result["class"] = (build_constructors(framework), check_class)
    spelled = (written | build_constructors(framework).map(read_schedule)).filter(
        lambda schedule: NATIVE[framework](schedule) is not None)
    result["native"] = (spelled, lambda schedule: check_built_in(schedule, framework))
    return result


def try_trip(strategy: st.SearchStrategy, trip: Callable[[Any], Compared], number: int, start: int) -> dict[str, Any]:
    """Try a trip on `number` examples from seed `start`; return the counts and the smallest failing example."""
    done: dict[str, Any] = {"examples": 0, "comparisons": 0, "outside": 0, "broken": None}

    @seed(start)
    @settings(max_examples=number, phases=[Phase.generate, Phase.shrink], database=None, deadline=None,
              suppress_health_check=list(HealthCheck), report_multiple_bugs=False, print_blob=False)
    @given(strategy)
    def attempt(example: Any) -> None:
        try:
            compared = trip(example)
        except FrameworkMissingError:
            raise
        except Exception as error:
            done["broken"] = {"of": repr(example), "found": f"{type(error).__name__}: {error}"}
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


def main() -> int:
    """Print the results of one framework; return the exit code."""
    names = ("algebra", *BY_SOURCE, "class", "native")
    parser = Parser(prog="python -m tests.harness.roundtrip",
                    description="Try round trips on random schedules and constructors.")
    parser.add_argument("--framework", type=build_choice_type(MEASURED), required=True, help=", ".join(MEASURED))
    parser.add_argument("--profile", choices=PROFILES, default="quick",
                        help="number of examples: quick 24, thorough 500 (default: quick)")
    parser.add_argument("--seed", type=parse_count, help="seed of the examples (default: random, printed)")
    parser.add_argument("--trip", choices=names, help="only this trip (default: all)")
    chosen = parser.parse_args()
    if chosen.trip in ("class", "native") and chosen.framework == "optax":
        parser.error(f"argument --trip: optax has no constructors that are read, so no {chosen.trip!r}")
    quiet()
    disable_mxnet_threads()
    warnings.simplefilter("ignore")  # torch warns about the order of steps
    start = chosen.seed or random.SystemRandom().randrange(1, 2**31)
    with contextlib.redirect_stdout(sys.stderr):
        results = {name: try_trip(*trip, PROFILES[chosen.profile], start) for name,
                   trip in build_trips(chosen.framework).items()
                 if chosen.trip in (None, name)}
    print(json.dumps({"framework": chosen.framework, "profile": chosen.profile, "seed": start, "trips": results},
                     indent=1))
    return FAILED if any(result["broken"] for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(run_main(main))
