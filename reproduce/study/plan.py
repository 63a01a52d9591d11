"""Reads plans of runs: TOML files that name experiments, variants, frameworks and seeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from frameworks.schedule import SpecificationError
from frameworks.schedule.fields import MAX_RATE
from frameworks.schedule.files import tomllib
from frameworks.whole_files import read_bounded
from reproduce.chapter import EXPERIMENTS
from reproduce.trainer.manifest import Strict, describe_first_mistake

#: The largest plan in bytes, and the largest seed, which every framework accepts.
MAX_PLAN, LARGEST_SEED = 1 << 16, 2**31 - 1
#: Stands in runs.csv between an experiment and the rate of --lr, as in the names of run folders.
RATE = "-lr"


class PlanError(ValueError):
    """An unusable plan; the message names the file, the field and the rule in one line."""


@dataclass(frozen=True)
class Trial:
    """One run of a plan, with the fields of `Plan`. lr: the rate of --lr, None for the schedule's own."""

    experiment: str
    variant: str
    framework: str
    seed: int
    epochs: int
    average_from: int | None = None
    lr: float | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The values that identify the run in runs.csv, as text; the experiment with its rate, if --lr gives one."""
        rate = "" if self.lr is None else f"{RATE}{self.lr!r}"
        return f"{self.experiment}{rate}", self.variant, self.framework, str(self.seed), str(self.epochs)

    @classmethod
    def from_key(cls, key: tuple[str, ...]) -> Trial:
        """Return the run of a key, without averaged weights."""
        name, variant, framework, seed, epochs = key
        experiment, _, lr = name.partition(RATE)
        return cls(experiment, variant, framework, int(seed), int(epochs), lr=float(lr) if lr else None)

    @property
    def name(self) -> str:
        """The name of the run's folder."""
        experiment, variant, framework, seed, epochs = self.key
        return f"{experiment}-{variant}-{framework}-seed{seed}-epochs{epochs}"

    @property
    def arguments(self) -> list[str]:
        """The arguments of the experiment's command, without --out."""
        chosen = ["--framework", self.framework, "--variant", self.variant, "--seed", str(self.seed),
                  "--epochs", str(self.epochs), "--device", "cpu"]
        chosen += [] if self.lr is None else ["--lr", repr(self.lr)]
        return [*chosen, "--average-from", str(self.average_from)] if self.average_from else chosen


class Seeds(Strict):
    """`count` seeds from `first` on."""

    first: Annotated[int, Field(ge=0, le=LARGEST_SEED)]
    count: Annotated[int, Field(ge=1, le=100_000)]


class Plan(Strict):
    """Every combination of experiment, rate, variant, framework and seed.

    experiments: names of the chapter's experiments.
    variants: described, printed.
    frameworks: mxnet, torch, tensorflow.
    seeds: the first, and their number.
    epochs: of each run, at least 1.
    average_from: the first epoch, counted from 1, whose weights are averaged (default: no average).
    rates: base rates that replace that of each experiment, as --lr does (default: the schedules' own).
    """

    experiments: Annotated[list[str], Field(min_length=1)]
    variants: Annotated[list[Literal["described", "printed"]], Field(min_length=1)]
    frameworks: Annotated[list[Literal["mxnet", "torch", "tensorflow"]], Field(min_length=1)]
    seeds: Seeds
    epochs: Annotated[int, Field(ge=1, le=10_000)]
    average_from: Annotated[int, Field(ge=1)] | None = None
    rates: Annotated[list[Annotated[float, Field(gt=0, le=MAX_RATE)]], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> Plan:
        known = {experiment.name: experiment for experiment in EXPERIMENTS}
        for name in self.experiments:
            if name not in known:
                raise ValueError(f"experiments must be of {', '.join(known)}, got {name!r}")
            if "printed" in self.variants and not known[name].printed:
                raise ValueError(f"the book prints no training of {name}: take it out of a plan with variant printed")
            for rate in self.rates or ():
                try:
                    known[name].replace_rate(rate)
                except SpecificationError as error:
                    raise ValueError(f"rates: {rate!r} with {name}: {'; '.join(error.mistakes)}") from None
        if self.rates and "printed" in self.variants:
            raise ValueError("rates: variant printed has the rates of the book's code only: leave one of them out")
        for field in ("experiments", "variants", "frameworks", "rates"):
            values = getattr(self, field) or []
            if len(set(values)) < len(values):
                raise ValueError(f"{field} must be different, got {', '.join(map(str, values))}")
        if self.average_from and self.average_from > self.epochs:
            raise ValueError(f"average_from must be at most epochs, {self.epochs}, got {self.average_from}")
        if self.seeds.first + self.seeds.count - 1 > LARGEST_SEED:
            raise ValueError(f"seeds must be at most {LARGEST_SEED}, got {self.seeds.first + self.seeds.count - 1}")
        return self

    def list_trials(self) -> list[Trial]:
        """Return the runs, seed after seed, so that every finished seed has all its combinations."""
        return [Trial(experiment, variant, framework, seed, self.epochs, self.average_from, rate)
                for seed in range(self.seeds.first, self.seeds.first + self.seeds.count)
                for experiment in self.experiments for rate in self.rates or [None]
                for variant in self.variants for framework in self.frameworks]


def read_plan(path: Path) -> Plan:
    """Return the plan in a TOML file. Raises PlanError."""
    try:
        data: dict[str, Any] = tomllib.loads(read_bounded(path, MAX_PLAN, "plan").decode("utf-8"))
        return Plan.model_validate(data)
    except ValidationError as error:
        raise PlanError(f"{path}: {describe_first_mistake(error).removeprefix('value error, ')}"[:400]) from None
    except (OSError, ValueError, RecursionError) as error:
        raise PlanError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}"[:400]) from None
