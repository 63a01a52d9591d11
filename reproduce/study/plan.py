"""Reads plans of runs: TOML files that name experiments, variants, frameworks and seeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from frameworks.schedule.files import tomllib
from frameworks.whole_files import read_bounded
from reproduce.chapter import EXPERIMENTS
from reproduce.trainer.manifest import Strict, describe_first_mistake

#: The largest plan in bytes, and the largest seed, which every framework accepts.
MAX_PLAN, LARGEST_SEED = 1 << 16, 2**31 - 1


class PlanError(ValueError):
    """An unusable plan; the message names the file, the field and the rule in one line."""


@dataclass(frozen=True)
class Trial:
    """One run of a plan, with the fields of `Plan`. average_from: None for no averaged weights."""

    experiment: str
    variant: str
    framework: str
    seed: int
    epochs: int
    average_from: int | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The values that identify the run in runs.csv, as text."""
        return self.experiment, self.variant, self.framework, str(self.seed), str(self.epochs)

    @property
    def name(self) -> str:
        """The name of the run's folder."""
        return f"{self.experiment}-{self.variant}-{self.framework}-seed{self.seed}-epochs{self.epochs}"

    @property
    def arguments(self) -> list[str]:
        """The arguments of the experiment's command, without --out."""
        chosen = ["--framework", self.framework, "--variant", self.variant, "--seed", str(self.seed),
                  "--epochs", str(self.epochs), "--device", "cpu"]
        return [*chosen, "--average-from", str(self.average_from)] if self.average_from else chosen


class Seeds(Strict):
    """`count` seeds from `first` on."""

    first: Annotated[int, Field(ge=0, le=LARGEST_SEED)]
    count: Annotated[int, Field(ge=1, le=100_000)]


class Plan(Strict):
    """Every combination of experiment, variant, framework and seed.

    experiments: names of the chapter's experiments.
    variants: described, printed.
    frameworks: mxnet, torch, tensorflow.
    seeds: the first, and their number.
    epochs: of each run, at least 1.
    average_from: the first epoch, counted from 1, whose weights are averaged (default: no average).
    """

    experiments: Annotated[list[str], Field(min_length=1)]
    variants: Annotated[list[Literal["described", "printed"]], Field(min_length=1)]
    frameworks: Annotated[list[Literal["mxnet", "torch", "tensorflow"]], Field(min_length=1)]
    seeds: Seeds
    epochs: Annotated[int, Field(ge=1, le=10_000)]
    average_from: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> Plan:
        known = {experiment.name: experiment for experiment in EXPERIMENTS}
        for name in self.experiments:
            if name not in known:
                raise ValueError(f"experiments must be of {', '.join(known)}, got {name!r}")
            if "printed" in self.variants and not known[name].printed:
                raise ValueError(f"the book prints no training of {name}: take it out of a plan with variant printed")
        if "printed" in self.variants and "mxnet" in self.frameworks:
            raise ValueError("variant printed in mxnet needs the book's draws of the first weights, which are not "
                             "implemented: leave mxnet out")
        for field in ("experiments", "variants", "frameworks"):
            values = getattr(self, field)
            if len(set(values)) < len(values):
                raise ValueError(f"{field} must be different, got {', '.join(values)}")
        if self.average_from and self.average_from > self.epochs:
            raise ValueError(f"average_from must be at most epochs, {self.epochs}, got {self.average_from}")
        if self.seeds.first + self.seeds.count - 1 > LARGEST_SEED:
            raise ValueError(f"seeds must be at most {LARGEST_SEED}, got {self.seeds.first + self.seeds.count - 1}")
        return self

    def list_trials(self) -> list[Trial]:
        """Return the runs, seed after seed, so that every finished seed has all its combinations."""
        return [Trial(experiment, variant, framework, seed, self.epochs, self.average_from)
                for seed in range(self.seeds.first, self.seeds.first + self.seeds.count)
                for experiment in self.experiments for variant in self.variants for framework in self.frameworks]


def read_plan(path: Path) -> Plan:
    """Return the plan in a TOML file. Raises PlanError."""
    try:
        data: dict[str, Any] = tomllib.loads(read_bounded(path, MAX_PLAN, "plan").decode("utf-8"))
        return Plan.model_validate(data)
    except ValidationError as error:
        raise PlanError(f"{path}: {describe_first_mistake(error).removeprefix('value error, ')}"[:400]) from None
    except (OSError, ValueError, RecursionError) as error:
        raise PlanError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}"[:400]) from None
