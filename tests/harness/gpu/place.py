"""Describes where a step runs, and runs its checks within their time."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The result of a check: "passed", True, False or None for a measurement alone, and what was found.
Result = dict[str, Any]
#: A check gets the time, of time.monotonic, by which it should end: it leaves out what it would begin later.
Check = Callable[[float], Result]


@dataclass(frozen=True)
class Place:
    """Where a step runs.

    framework: its name.
    rehearse: whether it runs on the CPU, shorter.
    end: the time, of time.monotonic, after which no other check begins.
    out: the folder of the results.
    data_dir: the folder of Fashion-MNIST (default: None, search the usual folders).
    """

    framework: str
    rehearse: bool
    end: float
    out: Path
    data_dir: Path | None = None

    @property
    def device(self) -> str:
        """The device's name in this project: "cpu" or "gpu"."""
        return "cpu" if self.rehearse else "gpu"


def run_checks(checks: Iterable[tuple[str, Check]], place: Place) -> Iterator[Result]:
    """Yield the result of each check, with its name and its seconds; an exception is a failed check.

    Each may use an equal share of the rest of the time. A check that would begin too late is yielded as not reached.
    """
    listed = list(checks)
    for index, (name, check) in enumerate(listed):
        begin = time.monotonic()
        if begin > place.end:
            yield {"check": name, "reached": False}
            continue
        try:
            result = check(begin + (place.end - begin) / (len(listed) - index))
        except Exception as error:  # of a framework: the checks after it still count
            traceback.print_exc()
            result = {"passed": False, "error": f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"}
        yield {"check": name, "reached": True, "seconds": round(time.monotonic() - begin, 3), **result}
