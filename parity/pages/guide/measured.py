"""Runs everything that the guide prints, in one process for each framework, and holds the results."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from frameworks.observation import parse_bits
from frameworks.schedule import Schedule, lrs
from parity.measuring.compare import compute_ulps
from parity.measuring.questions import NotMeasuredError, ask
from parity.pages.guide.examples import count_updates


class GuideError(RuntimeError):
    """The guide cannot be made; its text is the reason."""


@dataclass(frozen=True)
class Run:
    """A code of one framework, and the schedule that it should apply."""

    framework: str
    schedule: Schedule
    code: str

    @cached_property
    def key(self) -> tuple[str, str, str]:
        """Identity: runs with equal keys are one run."""
        return self.framework, self.schedule.model_dump_json(), self.code


@dataclass(frozen=True)
class Off:
    """The distance of applied rates from the specified ones.

    ulp: the largest difference in ULP. first: the first update that differs, None if none does. largest: the largest
    difference of two rates. applied: the rates, float32. each: the difference of each update in ULP, with its sign.
    """

    ulp: int
    first: int | None
    largest: float
    applied: np.ndarray
    each: np.ndarray

    @classmethod
    def from_rates(cls, schedule: Schedule, applied: np.ndarray) -> Off:
        """Compare float32 rates with a schedule."""
        specified = lrs(schedule, len(applied)).astype(np.float32)
        each = compute_ulps(applied, schedule)
        apart = np.abs(applied.astype(np.float64) - specified.astype(np.float64))
        return cls(int(np.abs(each).max()), int(np.argmax(each != 0)) if each.any() else None, float(apart.max()),
                   applied, each)

    def describe(self) -> str:
        """Describe the distance in a few words."""
        if self.first is None:
            return "exact"
        if self.ulp > 999:  # near 0 a small difference is many ULP, and far apart their number means nothing
            return f"up to {self.largest:.2g} off, first at update {self.first}"
        return f"up to {self.ulp} ULP off, first at update {self.first}"


@dataclass
class Measured:
    """Results: off by run, messages by (framework, code), versions by framework."""

    off: dict[tuple[str, str, str], Off] = field(default_factory=dict)
    messages: dict[tuple[str, str], str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, run: Run) -> Off:
        return self.off[run.key]


def measure(runs: list[Run], messages: list[tuple[str, str]]) -> Measured:
    """Run all codes, and each (framework, code) that causes a message. Raises GuideError."""
    results = Measured()
    for framework in dict.fromkeys([*(run.framework for run in runs), *(name for name, _ in messages)]):
        mine = list({run.key: run for run in runs if run.framework == framework}.values())
        codes = [code for name, code in messages if name == framework]
        if framework == "python":
            results.messages |= {(framework, code): _run_alone(code) for code in codes}
            continue
        answer = _ask_framework(framework, mine, codes)
        results.versions[framework] = answer["version"]
        results.messages |= {(framework, code): text for code, text in zip(codes, answer["messages"], strict=True)}
        for run, digits in zip(mine, answer["bits"], strict=True):
            results.off[run.key] = Off.from_rates(run.schedule, parse_bits(digits))
    return results


def _ask_framework(framework: str, runs: list[Run], codes: list[str]) -> dict:
    question = {"messages": codes, "rates": [
        {"schedule": run.schedule.model_dump(mode="json"), "updates": count_updates(run.schedule), "code": run.code}
        for run in runs]}
    try:
        return ask("parity.pages.guide.run", framework, question, OMP_NUM_THREADS="1")
    except NotMeasuredError as error:
        raise GuideError(f"{framework}: {error}") from None


def _run_alone(code: str) -> str:
    """Run a code in a Python process that has imported nothing, and return its stderr, or else its stdout."""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return process.stderr.strip() or process.stdout.strip()
