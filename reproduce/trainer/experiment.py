"""What an experiment of the chapter is: its schedule as described, and what each tab's printed code really applies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from frameworks.chapter import EPOCH
from frameworks.schedule import Constant, Hold, Schedule, Sequence, Shift

#: "described": what the text says, the same in every framework. "printed": what the code of that framework's tab does.
VARIANTS = ("described", "printed")


class NotPrinted(ValueError):
    """A training that the book does not print."""


@dataclass(frozen=True)
class Experiment:
    """A training of the chapter.

    per_epoch: the described schedule, whose clock ticks once an epoch. printed: by framework, the rates that the
    optimizer of that tab applies, a clock of updates; empty if the book prints no such training. section: where in the
    chapter.
    """

    name: str
    section: str
    per_epoch: Schedule
    printed: Mapping[str, Schedule] = field(default_factory=dict)

    def schedule(self, variant: str, framework: str) -> Schedule:
        """Return the schedule of a variant, by updates. Raises NotPrinted."""
        if variant == "described":
            return Hold(updates=EPOCH, of=self.per_epoch)
        if not self.printed:
            raise NotPrinted(f"variant printed: the book prints no training of {self.name}")
        return self.printed[framework]


def as_printed(per_epoch: Schedule, first: float) -> dict[str, Schedule]:
    """What the optimizers of the three tabs get from a scheduler that is called with a number.

    Gluon's number is that of the update, from 1. The PyTorch tab sets the rate *after* epoch e to the value for e, so
    that epoch e + 1 trains with it; epoch 0 has the optimizer's own, `first`. TensorFlow's tab calls it as drawn.
    """
    held = Hold(updates=EPOCH, of=per_epoch)
    return {
        "mxnet": Shift(by=1, of=per_epoch),
        "torch": Sequence(parts=[Constant(base_lr=first), held], boundaries=[EPOCH]),
        "tensorflow": held,
    }
