"""Defines an experiment: the schedule of the book's text, and the rates that each tab's code really applies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from frameworks.chapter import EPOCH
from frameworks.schedule import Constant, Hold, Schedule, Sequence, Shift

#: "described": the book's text, the same in every framework. "printed": the code of the framework's tab.
VARIANTS = ("described", "printed")


class NotPrintedError(ValueError):
    """A training that the book does not print."""


@dataclass(frozen=True)
class Experiment:
    """A training of the chapter.

    name: of the experiment and its script.
    section: of the chapter.
    per_epoch: the schedule of the text variant, counted in epochs.
    printed: by framework, the rates that the optimizer of its tab applies, counted in updates (default: the book prints
        no such training).
    """

    name: str
    section: str
    per_epoch: Schedule
    printed: Mapping[str, Schedule] = field(default_factory=dict)

    def build_schedule(self, variant: str, framework: str) -> Schedule:
        """Return the schedule of a variant, counted in updates. Raises NotPrintedError."""
        if variant == "described":
            return Hold(updates=EPOCH, of=self.per_epoch)
        if not self.printed:
            raise NotPrintedError(f"variant printed: the book prints no training of {self.name}")
        return self.printed[framework]


def build_printed(per_epoch: Schedule, first: float) -> dict[str, Schedule]:
    """Return the rates that the optimizers of the three tabs get from a scheduler called with a number.

    Gluon passes the number of the update, from 1. The PyTorch tab sets the rate *after* epoch e to the value for e, so
    that epoch e + 1 trains with it; epoch 0 has the optimizer's initial rate, `first`. TensorFlow's tab passes e.
    """
    held = Hold(updates=EPOCH, of=per_epoch)
    return {
        "mxnet": Shift(by=1, of=per_epoch),
        "torch": Sequence(parts=[Constant(base_lr=first), held], boundaries=[EPOCH]),
        "tensorflow": held,
    }
