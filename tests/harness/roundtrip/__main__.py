"""Try round trips on random schedules and constructors: python -m tests.harness.roundtrip --framework torch [--seed N]

For each source (the algebra, and the constructors of MXNet, GluonCV, PyTorch and Keras) and one framework, in whose
process nothing of another framework is imported:

    algebra, mxnet, ...   read as a specification, written exactly for the framework, run there: 0 ULP
    class                 the framework's own constructors, run there: what was read, but for the class's own rounding
    native                the native spelling of schedules that have one: applied, and read back as what it applies

Of optax, only the first line: it has no constructors that are read.

Prints one JSON document: for each how many examples and rates were compared, and the smallest that breaks it, if one
does. Exit codes: 0 if all hold, 4 if one is broken.
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

from frameworks import FrameworkMissing, quiet
from frameworks.arguments import Parser, count, exit_code, one_of
from frameworks.exit_codes import FAILED
from parity.gate.laws.algebra import schedules
from parity.gate.laws.expected import Compared
from parity.measuring.measure import tiny_updates
from parity.port import SOURCES
from parity.port.measured import MEASURED
from parity.port.write.native import NATIVE
from tests.harness.roundtrip.constructors import constructors, written
from tests.harness.roundtrip.trips import class_applies, exact_applies, native_applies, specified

#: Examples of each pair of a source and the framework.
PROFILES = {"quick": 24, "thorough": 500}


def trips(framework: str) -> dict[str, tuple[st.SearchStrategy, Callable[[Any], Compared]]]:
    """Return what is tried in one framework, each with what it is tried on."""
    found = {"algebra": (schedules, lambda schedule: exact_applies(schedule, framework))}
    for source in SOURCES:
        found[source] = (constructors(source), lambda one: exact_applies(specified(one), framework))
    if framework == "optax":
        return found
    found["class"] = (constructors(framework), class_applies)
    spelled = (written | constructors(framework).map(specified)).filter(lambda one: NATIVE[framework](one) is not None)
    found["native"] = (spelled, lambda schedule: native_applies(schedule, framework))
    return found


def tried(strategy: st.SearchStrategy, trip: Callable[[Any], Compared], number: int, start: int) -> dict[str, Any]:
    """Try a trip on `number` examples from a seed; say how many, how many rates, and what breaks it."""
    done: dict[str, Any] = {"examples": 0, "comparisons": 0, "outside": 0, "broken": None}

    @seed(start)
    @settings(max_examples=number, phases=[Phase.generate, Phase.shrink], database=None, deadline=None,
              suppress_health_check=list(HealthCheck), report_multiple_bugs=False, print_blob=False)
    @given(strategy)
    def attempt(one: Any) -> None:
        try:
            compared = trip(one)
        except FrameworkMissing:
            raise
        except Exception as error:
            done["broken"] = {"of": repr(one), "found": f"{type(error).__name__}: {error}"}
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
    """Print what holds in one framework."""
    names = ("algebra", *SOURCES, "class", "native")
    parser = Parser(prog="python -m tests.harness.roundtrip",
                    description="Try round trips on random schedules and constructors.")
    parser.add_argument("--framework", type=one_of(MEASURED), required=True, help=", ".join(MEASURED))
    parser.add_argument("--profile", choices=PROFILES, default="quick", help="how many examples (default: quick)")
    parser.add_argument("--seed", type=count, help="of the random examples (default: another each time, printed)")
    parser.add_argument("--trip", choices=names, help="only this one")
    chosen = parser.parse_args()
    if chosen.trip in ("class", "native") and chosen.framework == "optax":
        parser.error(f"argument --trip: optax has no constructors that are read, so no {chosen.trip!r}")
    quiet()
    tiny_updates()
    warnings.simplefilter("ignore")  # torch's, about the order of steps
    start = chosen.seed or random.SystemRandom().randrange(1, 2**31)
    with contextlib.redirect_stdout(sys.stderr):
        found = {name: tried(*trip, PROFILES[chosen.profile], start) for name, trip in trips(chosen.framework).items()
                 if chosen.trip in (None, name)}
    print(json.dumps({"framework": chosen.framework, "profile": chosen.profile, "seed": start, "trips": found},
                     indent=1))
    return FAILED if any(one["broken"] for one in found.values()) else 0


if __name__ == "__main__":
    sys.exit(exit_code(main))
