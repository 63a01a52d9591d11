"""All that has to run for the guide, asked of one process per framework; and what it answered."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from frameworks.observation import from_bits
from frameworks.schedule import Schedule, lrs
from parity.measuring.compare import ulps
from parity.measuring.questions import NotMeasured, ask
from parity.pages.guide.examples import updates_of


class GuideError(RuntimeError):
    """Why the guide cannot be made, in a sentence."""


@dataclass(frozen=True)
class Run:
    """A code, the schedule that it is meant to apply, and how many updates of it are made."""

    framework: str
    schedule: Schedule
    code: str

    @cached_property
    def key(self) -> tuple[str, str, str]:
        """What makes two runs the same."""
        return self.framework, self.schedule.model_dump_json(), self.code


@dataclass(frozen=True)
class Off:
    """How far applied rates are from the specified ones. ulp: the most; first: the first update, None if none is."""

    ulp: int
    first: int | None
    largest: float
    applied: np.ndarray
    each: np.ndarray

    @classmethod
    def of(cls, schedule: Schedule, applied: np.ndarray) -> Off:
        """Compare float32 rates with a schedule."""
        specified = lrs(schedule, len(applied)).astype(np.float32)
        each = ulps(applied, schedule)
        apart = np.abs(applied.astype(np.float64) - specified.astype(np.float64))
        return cls(int(np.abs(each).max()), int(np.argmax(each != 0)) if each.any() else None, float(apart.max()),
                   applied, each)

    def said(self) -> str:
        """Say it in a few words."""
        if self.first is None:
            return "exact"
        if self.ulp > 999:  # near to 0 a small difference is many ULP, and far apart nobody counts them
            return f"up to {self.largest:.2g} off, first at update {self.first}"
        return f"up to {self.ulp} ULP off, first at update {self.first}"


@dataclass
class Measured:
    """Answers by run and by code, and the versions that gave them."""

    off: dict[tuple[str, str, str], Off] = field(default_factory=dict)
    messages: dict[tuple[str, str], str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, run: Run) -> Off:
        return self.off[run.key]


def measure(runs: list[Run], messages: list[tuple[str, str]]) -> Measured:
    """Run all codes, and all (framework, code) that say something. Raises GuideError."""
    found = Measured()
    for framework in dict.fromkeys([*(run.framework for run in runs), *(name for name, _ in messages)]):
        mine = list({run.key: run for run in runs if run.framework == framework}.values())
        codes = [code for name, code in messages if name == framework]
        if framework == "python":
            found.messages |= {(framework, code): _alone(code) for code in codes}
            continue
        answer = _asked(framework, mine, codes)
        found.versions[framework] = answer["version"]
        found.messages |= {(framework, code): said for code, said in zip(codes, answer["messages"], strict=True)}
        for run, digits in zip(mine, answer["bits"], strict=True):
            found.off[run.key] = Off.of(run.schedule, from_bits(digits))
    return found


def _asked(framework: str, runs: list[Run], codes: list[str]) -> dict:
    question = {"messages": codes, "rates": [
        {"schedule": run.schedule.model_dump(mode="json"), "updates": updates_of(run.schedule), "code": run.code}
        for run in runs]}
    try:
        return ask("parity.pages.guide.run", framework, question, OMP_NUM_THREADS="1")
    except NotMeasured as error:
        raise GuideError(f"{framework}: {error}") from None


def _alone(code: str) -> str:
    """Run a code in a Python that has imported nothing, and return its last words."""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return process.stderr.strip() or process.stdout.strip()
