"""Reads plans of runs: TOML files that name experiments or schedules, variants, frameworks and seeds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from frameworks.schedule import SpecificationError
from frameworks.schedule.fields import MAX_RATE
from frameworks.schedule.files import tomllib
from frameworks.whole_files import read_bounded
from reproduce.chapter import EXPERIMENTS
from reproduce.study.schedules import PlannedSchedule
from reproduce.trainer.manifest import Strict, describe_first_mistake

#: The largest plan in bytes, and the largest seed, which every framework accepts.
MAX_PLAN, LARGEST_SEED = 1 << 16, 2**31 - 1
#: Stands in runs.csv between an experiment and the rate of --lr, as in the names of run folders.
RATE = "-lr"


class PlanError(ValueError):
    """An unusable plan; the message names the file, the field and the rule in one line."""


@dataclass(frozen=True)
class Trial:
    """One run of a plan, with the fields of `Plan`.

    lr: the rate of --lr, None for the schedule's.
    source: a `PlannedSchedule` as JSON, None for an experiment of the chapter.
    """

    experiment: str
    variant: str
    framework: str
    seed: int
    epochs: int
    average_from: int | None = None
    lr: float | None = None
    source: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The values that identify the run in runs.csv, as text; the experiment with its rate, if --lr gives one."""
        rate = "" if self.lr is None else f"{RATE}{self.lr!r}"
        return f"{self.experiment}{rate}", self.variant, self.framework, str(self.seed), str(self.epochs)

    @classmethod
    def from_key(cls, key: tuple[str, ...], source: str | None = None) -> Trial:
        """Return the run of a key, without averaged weights. source: of its schedule, if it is not of the chapter."""
        name, variant, framework, seed, epochs = key
        experiment, _, lr = name.partition(RATE)
        return cls(experiment, variant, framework, int(seed), int(epochs), None, float(lr) if lr else None, source)

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
    """Every combination of experiment with rate, or schedule, and variant, framework and seed.

    experiments: names of the chapter's experiments (default: none).
    schedules: schedules that are not of the chapter, see `PlannedSchedule` (default: none).
    variants: described, printed.
    frameworks: mxnet, torch, tensorflow.
    seeds: the first, and their number.
    epochs: of each run, at least 1.
    average_from: the first epoch, counted from 1, whose weights are averaged (default: no average).
    rates: base rates that replace that of each experiment, as --lr does (default: the schedules' own).
    """

    experiments: list[str] = []
    schedules: list[PlannedSchedule] = []
    variants: Annotated[list[Literal["described", "printed"]], Field(min_length=1)]
    frameworks: Annotated[list[Literal["mxnet", "torch", "tensorflow"]], Field(min_length=1)]
    seeds: Seeds
    epochs: Annotated[int, Field(ge=1, le=10_000)]
    average_from: Annotated[int, Field(ge=1)] | None = None
    rates: Annotated[list[Annotated[float, Field(gt=0, le=MAX_RATE)]], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> Plan:
        known = {experiment.name: experiment for experiment in EXPERIMENTS}
        if not (self.experiments or self.schedules):
            raise ValueError("experiments: must name at least one, unless there are schedules")
        if self.schedules and "printed" in self.variants:
            raise ValueError("schedules: have the variant described only, got printed too")
        deep = [schedule.name for schedule in self.schedules if schedule.depth]
        if deep and self.frameworks != ["torch"]:
            raise ValueError(f"frameworks: must be torch alone with depth, as in {deep[0]}, "
                             f"got {', '.join(self.frameworks)}")
        if deep and self.average_from:
            raise ValueError(f"average_from: must not stand together with depth, as in {deep[0]}")
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
        for field in ("experiments", "schedules", "variants", "frameworks", "rates"):
            values = [getattr(value, "name", value) for value in getattr(self, field) or []]
            if len(set(values)) < len(values):
                raise ValueError(f"{field} must be different, got {', '.join(map(str, values))}")
        if self.average_from and self.average_from > self.epochs:
            raise ValueError(f"average_from must be at most epochs, {self.epochs}, got {self.average_from}")
        if self.seeds.first + self.seeds.count - 1 > LARGEST_SEED:
            raise ValueError(f"seeds must be at most {LARGEST_SEED}, got {self.seeds.first + self.seeds.count - 1}")
        return self

    def list_trials(self) -> list[Trial]:
        """Return the runs, seed after seed, so that every finished seed has all its combinations."""
        kinds = [(experiment, rate, None) for experiment in self.experiments for rate in self.rates or [None]]
        kinds += [(schedule.build_experiment().name, None, schedule.encode()) for schedule in self.schedules]
        return [Trial(experiment, variant, framework, seed, self.epochs, self.average_from, rate, source)
                for seed in range(self.seeds.first, self.seeds.first + self.seeds.count)
                for experiment, rate, source in kinds for variant in self.variants for framework in self.frameworks]

    def replace(self, **fields: Any) -> Plan:
        """Return the plan with other values of some fields. Raises PlanError."""
        return _validate(Plan, self.model_dump() | fields, "the changed plan")


class PlanOfPlans(Strict):
    """Several plans, one after the other. plans: in a file, the names of files in the same folder."""

    plans: Annotated[list[Plan], Field(min_length=1)]

    @property
    def frameworks(self) -> list[str]:
        """The frameworks of all plans."""
        return list(dict.fromkeys(name for plan in self.plans for name in plan.frameworks))

    def list_trials(self) -> list[Trial]:
        """Return the runs of all plans, each once."""
        return list({trial.key: trial for plan in self.plans for trial in plan.list_trials()}.values())


def read_plan(path: Path) -> Plan | PlanOfPlans:
    """Return the plan, or the plans, of a TOML file. Raises PlanError."""
    if "plans" not in (data := _read(path)):
        return read_single_plan(path)
    names: list[Any] = data["plans"] if isinstance(data["plans"], list) else [None]
    if not all(isinstance(name, str) and re.fullmatch(r"[\w.-]+\.toml", name) for name in names):
        raise PlanError(f"{path}: plans must be names of .toml files in its folder, got {data['plans']!r}"[:400])
    plans = [read_single_plan(path.with_name(name)) for name in names]
    averages = {(trial.key, trial.average_from) for plan in plans for trial in plan.list_trials()}
    if len(averages) > len({key for key, _ in averages}):
        raise PlanError(f"{path}: plans must have one average_from for a run that stands in more than one of them")
    return _validate(PlanOfPlans, data | {"plans": plans}, path)


def read_single_plan(path: Path) -> Plan:
    """Return the plan of a TOML file. Raises PlanError, also for a file that names other plans."""
    if "plans" in (data := _read(path)):
        raise PlanError(f"{path}: plans: only a plan that no other one names may name plans")
    return _validate(Plan, data, path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_bounded(path, MAX_PLAN, "plan").decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PlanError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}"[:400]) from None


def _validate(kind: Any, data: dict[str, Any], source: object) -> Any:
    """Return a model of the data. source: begins the line of an error. Raises PlanError."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise PlanError(f"{source}: {describe_first_mistake(error).removeprefix('value error, ')}"[:400]) from None
