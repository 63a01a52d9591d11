"""Reads transformers' TrainingArguments: the schedule that the Trainer builds and steps after every update.

Source: transformers 5.24 and 4.57, training_args.py and trainer.py.
"""

from __future__ import annotations

import inspect
import math
from dataclasses import replace
from typing import Any

from frameworks.schedule import Schedule
from frameworks.strict_json import parse_json
from parity.port.read import transformers
from parity.port.read.arguments import Context, check_number, check_one_of, check_whole, suggest_name
from parity.port.read.literal import Name, PortError

REFUSED = transformers.REFUSED
#: The fields that decide the rates.
FIELDS = ("learning_rate", "lr_scheduler_type", "lr_scheduler_kwargs", "warmup_ratio", "warmup_steps", "max_steps",
          "num_train_epochs")
#: The beginnings of fields that may decide rates.
_BEGINNINGS = ("lr", "learn", "warm", "max_step", "num_train", "scheduler", "epochs")
_RATE = 5e-5


def read_training_arguments(c: Context, output_dir: Any = None, *, learning_rate: Any = None,
                            lr_scheduler_type: Any = "linear", lr_scheduler_kwargs: Any = None, warmup_ratio: Any = 0.0,
                            warmup_steps: Any = 0, max_steps: Any = -1, num_train_epochs: Any = None,
                            **others: Any) -> Schedule:
    """Read the schedule of lr_scheduler_type; fields that do not decide rates are ignored."""
    _check_others(c, others)
    refused = {"reduce_lr_on_plateau": "get_reduce_on_plateau_schedule", "greedy": "get_greedy_schedule"}
    if lr_scheduler_type in refused:
        reason = transformers.REFUSED[refused[lr_scheduler_type]]
        raise PortError(f"lr_scheduler_type={lr_scheduler_type!r} cannot be ported: {reason}")
    name = check_one_of("lr_scheduler_type", lr_scheduler_type, tuple(transformers.NAMES))
    parameters = inspect.signature(transformers.READERS[transformers.NAMES[name]]).parameters
    length = _Length(c, max_steps, num_train_epochs)
    warm = _count_warmup(c, warmup_steps, warmup_ratio, length)
    if warm and "num_warmup_steps" not in parameters:
        c.traps.append(f"lr_scheduler_type={lr_scheduler_type!r} ignores the warm-up; 'constant_with_warmup' has one.")
    total = length.count() if "num_training_steps" in parameters else None
    return transformers.read_by_name(replace(c, lr=_read_rate(c, learning_rate)), name, Name("optimizer"), warm, total,
                                _read_options(lr_scheduler_kwargs))


class _Length:
    """The number of updates of the training, computed where a schedule or a warm-up needs it."""

    def __init__(self, c: Context, max_steps: Any, epochs: Any) -> None:
        self.c, self.steps, self.written = c, check_whole("max_steps", max_steps, None), epochs is not None
        self.epochs = check_number("num_train_epochs", epochs) if self.written else 3.0

    def count(self) -> int:
        """Return max_steps, else --total-updates, else the epochs, rounded up to updates. Raises PortError."""
        if self.steps == 0:
            raise PortError("max_steps must be above 0, or -1 for num_train_epochs, got 0: the Trainer makes no update")
        if self.steps > 0:
            if self.c.total not in (None, self.steps):
                raise PortError(f"max_steps is {self.steps}, but --total-updates is {self.c.total}")
            if self.written:
                self.c.traps.append("max_steps overrides num_train_epochs.")
            return self.steps
        if self.c.total is not None:
            return self.c.total
        if self.c.updates_per_epoch is None:
            raise PortError(f"it uses the length of the training, {self.epochs:g} epochs: give --updates-per-epoch, "
                            "the batches of an epoch / gradient_accumulation_steps, rounded up; or --total-updates")
        if not self.written:
            self.c.traps.append(f"num_train_epochs is not given: the default is {self.epochs:g}.")
        return max(math.ceil(self.epochs * self.c.updates_per_epoch), 1)


def _count_warmup(c: Context, steps: Any, ratio: Any, length: _Length) -> int:
    """Return the updates of the warm-up: warmup_steps if above 0, else the share warmup_ratio, rounded up."""
    count, share = check_number("warmup_steps", steps), check_number("warmup_ratio", ratio, 0, 1)
    if share:
        c.traps.append("transformers 5.24 does not accept warmup_ratio: there, a warmup_steps below 1 is the share.")
        if count:
            c.traps.append("warmup_steps is above 0, so warmup_ratio has no effect.")
    if count >= 1:
        return int(count)
    if count:
        c.traps.append("A warmup_steps below 1 is a share of the training, rounded up, since transformers 5; "
                       "transformers 4 uses it as a part of an update.")
    total = length.count() if count or share else 0
    return math.ceil(total * (count or share))


def _read_rate(c: Context, written: Any) -> float:
    if written is None:
        if c.lr is None:
            c.traps.append(f"learning_rate is not given: the default is {_RATE:g}.")
        return _RATE if c.lr is None else check_number("lr", c.lr)
    rate = check_number("learning_rate", written)
    if c.lr not in (None, rate):
        raise PortError(f"learning_rate is {rate:g}, but --lr is {c.lr:g}")
    return rate


def _read_options(written: Any) -> dict[str, Any]:
    """Return lr_scheduler_kwargs, which may be the text of a JSON object."""
    try:
        options = parse_json(written) if isinstance(written, str) else written or {}
    except ValueError as error:
        raise PortError(f"lr_scheduler_kwargs must be a dict, or the text of one in JSON: {error}") from None
    if not isinstance(options, dict):
        raise PortError(f"lr_scheduler_kwargs must be a dict, got {written!r}")
    return options


def _check_others(c: Context, others: dict[str, Any]) -> None:
    """Raise PortError for a field that looks as if it decides rates; note what may replace the schedule."""
    for name in others:
        if name.startswith(_BEGINNINGS):
            hint = suggest_name(name, FIELDS) or f": supported are {', '.join(FIELDS)}"
            raise PortError(f"TrainingArguments has no argument {name} that decides rates{hint}")
    if others.get("deepspeed"):
        c.traps.append("A scheduler in the deepspeed configuration replaces lr_scheduler_type.")


_TYPED = {"num_training_steps": "the length of the training", "num_warmup_steps": "warmup_steps",
          "scheduler_specific_kwargs": "lr_scheduler_kwargs"}
TYPED = {"TrainingArguments": _TYPED, "Seq2SeqTrainingArguments": _TYPED}
READERS = {**transformers.READERS, "TrainingArguments": read_training_arguments,
           "Seq2SeqTrainingArguments": read_training_arguments}
