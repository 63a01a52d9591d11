"""Writes random schedules for another library, as `port` does, and compares with the library itself.

    python -m tests.harness.written timm --number 2000 --seed 0

Runs what was written with the library, which must be installed, and reads it back. A code without a note must apply the
rates of the schedule. A code with a note must apply the rates that are read back. Prints how many schedules were
written, not expressible, and wrong. Exit code 4 if one is wrong.
"""

from __future__ import annotations

import re
import sys
from collections import Counter

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from frameworks.arguments import Parser, build_choice_type, parse_count, parse_seed
from frameworks.exit_codes import FAILED
from frameworks.schedule import Schedule, lrs
from parity.gate.laws.algebra import schedules
from parity.port import PortError, Reading, read_text
from parity.port.read import MULTIPLYING
from parity.port.write.native import NATIVE
from parity.port.write.native.spelling import Spelling
from tests.harness.roundtrip.constructors import written
from tests.harness.roundtrip.trips import count_updates
from tests.harness.written_rates import RUN

#: Texts before the constructor, and in notes before the last update that a class applies.
_LINE = re.compile(r"^(?:(?:lr_)?scheduler|schedule|learning_rate) = (.*?)(?:  # .*)?$", re.M)
_END = re.compile(r"(?:ends after|more than|ValueError after update) (\d[\d,]*)")


def read_back(code: str, library: str) -> Reading:
    """Return what `port` reads in code that it wrote. Raises PortError."""
    if library in ("deepspeed", "torchtitan"):
        return read_text(code, library, config=True)
    line = _LINE.search(code)
    rate = re.search(r"(?:parameters\(\), |type='SGD', |^)(?:lr=|LR = )([\d.e+-]+)", code, re.M)
    total = re.search(r"^TOTAL = (\d+)", code, re.M)
    return read_text(line[1] if line else code.strip(), library,
                     lr=float(rate[1]) if rate and library in MULTIPLYING else None,
                     total=int(total[1]) if total else 10**9 if library == "mmengine" else None)


def count_compared(schedule: Schedule, spelling: Spelling) -> int:
    """Return over how many updates a spelling is compared: 2.5 horizons, or until its class ends."""
    end = _END.search(spelling.note)
    return min(count_updates(schedule), int(end[1].replace(",", "")) if end else 10**9)


def compare_written(schedule: Schedule, library: str) -> str:
    """Return "not expressible", "written" or "written with a note". Raises ValueError for a wrong rate."""
    spelling = NATIVE[library](schedule)
    if spelling is None:
        return "not expressible"
    until = count_compared(schedule, spelling)
    rates, exact = np.array(RUN[library](spelling.code, until)), lrs(schedule, until)
    try:
        again = lrs(read_back(spelling.code, library).schedule, until)
        _check_near(library, rates, again, f"the code is read back as another schedule:\n{spelling.code}")
    except PortError as error:
        if library != "mmengine" or "overlap" not in str(error):  # ranges that share an update are not read
            raise
    if not spelling.note or _END.search(spelling.note) or (library == "mlx" and "no highest" not in spelling.note):
        _check_near(library, rates, exact, f"{schedule!r} is written as\n{spelling.code}")
    return f"written with a note ({re.sub(r'[0-9,]+', 'N', spelling.note)})" if spelling.note else "written"


def _check_near(library: str, rates: np.ndarray, exact: np.ndarray, what: str) -> None:
    """Raise ValueError for a rate that differs by more than the rounding of a class that uses its last rate."""
    until = len(exact)
    rounding = (32 + until) * 2.0**-24 if library == "mlx" else (16 * until + until**2) * 2.0**-53
    off = np.abs(rates - exact) > rounding * max(float(exact.max()), 1e-3)
    if off.any():
        t = int(np.argmax(off))
        raise ValueError(f"update {t}: the library has {rates[t]!r}, not {exact[t]!r}: {what}")


def compare_random(library: str, number: int, start: int) -> tuple[Counter[str], list[str]]:
    """Return the counts of `number` random schedules, and a line for each wrong one. start: the seed."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []

    @seed(start)
    @settings(max_examples=number, phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))
    @given(schedules | written)
    def attempt(schedule: Schedule) -> None:
        try:
            counts[compare_written(schedule, library)] += 1
        except Exception as error:
            counts["wrong"] += 1
            wrong.append(f"{type(error).__name__}: {error}: {schedule!r}")

    attempt()
    return counts, wrong


def main() -> int:
    """Run the command and return its exit code."""
    parser = Parser(
        prog="python -m tests.harness.written",
        epilog="exit codes: 0 all rates agree, 2 wrong arguments, 4 a rate differs",
        description="Write random schedules for an installed library as `port` does, and compare with its rates.")
    parser.add_argument("library", type=build_choice_type(tuple(RUN)), help=f"one of {', '.join(RUN)}")
    parser.add_argument("--number", type=parse_count, default=2000, help="number of schedules (default: 2000)")
    parser.add_argument("--seed", type=parse_seed, default=0, help="seed of the random numbers (default: 0)")
    chosen = parser.parse_args()
    counts, wrong = compare_random(chosen.library, chosen.number, chosen.seed)
    for line in dict.fromkeys(wrong):
        print(line)
    print(f"{chosen.library}: " + ", ".join(f"{number:,} {name}" for name, number in sorted(counts.items())))
    return FAILED if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
