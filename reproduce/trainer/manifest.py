"""Defines a run's manifest and record as strict models, and reads the files."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from frameworks.chapter import EPOCH
from frameworks.schedule.plateau import ReduceOnPlateau
from frameworks.schedule.union import Schedule
from frameworks.strict_json import parse_json, read_json
from frameworks.whole_files import describe_error
from reproduce.trainer.entries import (
    Count,
    CountFromZero,
    EpochRecord,
    Number,
    Point,
    RateEntry,
    RateRun,
    Results,
    Resumed,
    Sha256,
    Strict,
    Word,
    check_order,
)
from reproduce.trainer.errors import OutputError

FORMAT = 1
#: The largest record in bytes; records are far smaller.
MAX_RECORD = 16 << 20
#: The most updates in a record's runs of rates: those of the longest training, 10,000 epochs.
MAX_UPDATES = 10_000 * EPOCH

class RunRecord(Strict):
    """A run: its settings, its results, and what it was trained with."""

    experiment: Word
    variant: Literal["described", "printed"]
    framework: Literal["mxnet", "torch", "tensorflow"]
    command: Word
    versions: dict[Word, Word]
    seed: CountFromZero
    device: Word
    threads: Count
    schedule: Schedule
    data_sha256: dict[Word, Sha256]
    first_weights_sha256: Sha256
    last_weights_sha256: Sha256 | None
    epochs_planned: Count
    finished: bool
    dry_run: bool
    dead: bool
    diverged: Word | None
    resumed: list[Resumed] = Field(default=[])
    final: Results | None = None
    averaged: Results | None = None
    epochs: Annotated[list[EpochRecord], Field(max_length=100_000)]
    applied_rates: list[RateEntry]
    lr: Number | None = None
    schedule_file: Annotated[str, Field(max_length=100)] | None = None
    per: Literal["epoch", "update"] | None = None
    points: Annotated[list[Point], Field(max_length=1_000_000)] | None = None
    plateau: ReduceOnPlateau | None = None
    depth: Annotated[int, Field(ge=5, le=50)] | None = None
    distances: dict[Word, Annotated[list[Number], Field(max_length=100_000)]] | None = None

    @model_validator(mode="after")
    def _check_agreement(self) -> RunRecord:
        """Check that fields agree with each other, and that every epoch has a rate."""
        done, updates = len(self.epochs), sum(epoch.updates for epoch in self.epochs)
        if done > self.epochs_planned or self.finished != (done == self.epochs_planned):
            raise ValueError(f"finished is {self.finished} after {done} of {self.epochs_planned} epochs")
        check_order(self.applied_rates, updates)
        if (self.schedule_file is None) != (self.per is None):
            raise ValueError("schedule_file and per must stand together")
        points = [point.update for point in self.points or ()]
        if any(b <= a for a, b in pairwise(points)):
            raise ValueError("points must have increasing updates")
        last = max((rate.update + rate.updates for rate in self.applied_rates if isinstance(rate, RateRun)), default=0)
        if last > MAX_UPDATES:
            raise ValueError(f"applied_rates must have runs of rates up to update {MAX_UPDATES}, got one up to {last}")
        return self


def read_record(path: Path) -> dict[str, Any]:
    """Return the record of a run in a file. Raises OutputError, FileNotFoundError."""
    try:
        return _record(read_json(path, MAX_RECORD, "record"))
    except FileNotFoundError:
        raise
    except ValidationError as error:
        raise OutputError(f"{path}: not a record of a run: {describe_first_mistake(error)}"[:400]) from None
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: not a record of a run: {describe_error(error).lower()}"[:400]) from None


def describe_first_mistake(error: ValidationError) -> str:
    """Return the first of pydantic's errors, in one line."""
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"]))
    return f"{field + ': ' if field else ''}{first['msg'].lower()}"


def _record(record: Any) -> Any:
    RunRecord.model_validate(record)
    return record


class Entry(Strict):
    """A checkpoint: its file beside the manifest, its updates, the seconds of the epoch so far, the record."""

    file: Annotated[str, Field(pattern=r"^update-\d{9,16}-[0-9a-f]{8}\.safetensors$")]
    bytes: Count
    sha256: Sha256
    update: CountFromZero
    seconds: Annotated[Number, Field(ge=0)]
    record: Annotated[dict[str, Any], AfterValidator(_record)]


class Manifest(Strict):
    """The last checkpoints, newest first; the file also has the SHA-256 of these fields."""

    format: Literal[1]
    checkpoints: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=2)]

    def encode(self) -> bytes:
        """Return the content of the file."""
        data = self.model_dump(mode="json")
        return (json.dumps(data | {"sha256": compute_json_digest(data)}) + "\n").encode()

    @classmethod
    def read(cls, content: bytes) -> Manifest:
        """Read the content of a file. Raises ValueError, such as pydantic's ValidationError."""
        data = parse_json(content)
        if not isinstance(data, dict):
            raise ValueError("must be an object")
        if isinstance(number := data.get("format"), int) and number > FORMAT:
            raise ValueError(f"format {number} is newer than this project's, {FORMAT}: update the project")
        stated = data.pop("sha256", None)
        if stated != (actual := compute_json_digest(data)):
            raise ValueError(f"sha256 of its checkpoints is {actual}, not {stated!r:.80}")
        json.loads(content, parse_float=_check_digits)
        return cls.model_validate_json(json.dumps(data))


def _check_digits(text: str) -> float:
    """Return a number that has its shortest digits, as `encode` writes it; others are not seen in the SHA-256."""
    if repr(number := float(text)) != text:
        raise ValueError(f"{text:.40} must be written as {number!r}")
    return number


def compute_json_digest(data: Any) -> str:
    """Return the SHA-256, in hexadecimal, of data as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
