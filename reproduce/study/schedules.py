"""Defines a schedule of a plan that is not one of the chapter's experiments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from frameworks.schedule import SpecificationError
from reproduce.train import build_experiment, validate_schedule
from reproduce.trainer.experiment import Experiment
from reproduce.trainer.manifest import Strict


class PlannedSchedule(Strict):
    """A schedule with a name. In runs.csv, a hash of all that decides a run follows the name.

    name: small letters, digits, "_" and "."; begins with a letter.
    schedule: a specification, as in a file of train.py; also a reduce_on_plateau.
    per: what it counts, "epoch" or "update" (default: "epoch").
    depth: number of layers of a deeper network, in torch only, 5 to 50 (default: the chapter's LeNet).
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,39}$")]
    schedule: dict[str, Any]
    per: Literal["epoch", "update"] = "epoch"
    depth: Annotated[int, Field(ge=5, le=50)] | None = None

    @model_validator(mode="after")
    def _is_valid(self) -> PlannedSchedule:
        try:
            if self.build_experiment().plateau and self.depth:
                raise ValueError(f"{self.name}: depth must not stand together with a reduce_on_plateau")
        except SpecificationError as error:
            raise ValueError("; ".join(error.mistakes)) from None
        return self

    def build_experiment(self) -> Experiment:
        """Return the experiment that trains with this schedule."""
        return build_experiment(Path(f"{self.name}.json"), validate_schedule(self.schedule, self.name), self.per,
                                self.depth)

    def encode(self) -> str:
        """Return the schedule as JSON, from which `model_validate_json` builds it again."""
        return self.model_dump_json(exclude_none=True)
