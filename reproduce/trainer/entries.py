"""Defines the entries of a run's record as strict models, which refuse any other content of a file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: Finite, and small enough to be drawn: no float32 is larger.
Number = Annotated[float, Field(ge=-1e39, le=1e39, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=2**53)]
CountFromZero = Annotated[int, Field(ge=0, le=2**53)]
Word = Annotated[str, Field(max_length=1000)]


class Strict(BaseModel):
    """A model that converts no types and accepts no other fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class EpochRecord(Strict):
    """An epoch: its updates, the rate of the first, mean losses (nats), shares of images, seconds, batches, weights."""

    updates: Count
    rate: Number
    train_loss: Number
    train_accuracy: Share
    test_accuracy: Share
    test_loss: Number | None = None
    seconds: Annotated[Number, Field(ge=0)]
    batches_sha256: Sha256
    weights_sha256: Sha256 | None = None


class Results(Strict):
    """Results of one set of weights: losses in nats, shares of images.

    from_epoch: the first epoch of averaged weights, from 1.
    """

    train_loss: Number
    train_accuracy: Share
    test_loss: Number
    test_accuracy: Share
    from_epoch: Count | None = None


class Rate(Strict):
    """A change of the rate: the first update with it, counted from 0, the rate, its float32 bits."""

    update: CountFromZero
    rate: Number
    bits: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class RateRun(Strict):
    """Updates whose applied rates are those of the record's schedule, to the last bit: the first, and how many."""

    update: CountFromZero
    updates: Count
    of: Literal["schedule"]


#: An entry of `applied_rates`, see rates.py.
RateEntry = Annotated[
    Annotated[Rate, Tag("change")] | Annotated[RateRun, Tag("run")],
    Discriminator(lambda entry: "run" if isinstance(entry, dict) and "updates" in entry else "change")]


def check_order(entries: list[Rate | RateRun], updates: int) -> None:
    """Check that rates increase from update 0 and end within a number of updates. Raises ValueError."""
    begins = [entry.update for entry in entries]
    ends = [entry.update + getattr(entry, "updates", 1) for entry in entries]
    if begins[:1] != [0][:updates] or any(begin < end for begin, end in zip([*begins[1:], updates], ends)):
        raise ValueError(f"applied_rates must increase from update 0 to one of the {updates} updates")


class Point(Strict):
    """A point of the curves, after an update, counted from 0: mean loss and share over the epoch's images so far."""

    update: CountFromZero
    train_loss: Number
    train_accuracy: Share


class Resumed(Strict):
    """A continuation of a run: after which update, and the framework and device that trained it before."""

    update: CountFromZero
    framework: Literal["mxnet", "torch", "tensorflow"]
    versions: dict[Word, Word]
    device: Word
    threads: Count
