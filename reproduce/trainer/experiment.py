"""Defines an experiment: its schedule, and for the chapter's the rates that each tab's code really applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from frameworks.chapter import EPOCH
from frameworks.schedule import Constant, Hold, ReduceOnPlateau, Schedule, Sequence, Shift
from frameworks.schedule.files import validate_data
from frameworks.schedule.mistakes import describe_mistake
from frameworks.schedule.model import SpecificationError
from frameworks.schedule.union import ADAPTER

#: "described": the book's text, the same in every framework. "printed": the code of the framework's tab.
VARIANTS = ("described", "printed")
#: What a schedule counts: epochs, and it is held over each, or updates.
COUNTED = ("epoch", "update")
#: The SHA-256 of the first weights of the book's five Gluon trainings, in the book's order: see `build_printed_lenet`.
BOOK_DRAWS = (
    "2438eb2b143f1031299b662a8ce0b3a2a17fa3ff4100b268accc37f8016e53b8",
    "9be72121e4713b23e6caa7e6e654d621449e2fee5593479dd8fe1cfd3c0c6097",
    "53df64bd4a0f4de1db12c0252a3452757f2512ba619fd21f45110d28d692a5fb",
    "49e5b5e4aa11a3d33b55391d491445cf01c48f98ffed613570b6eb3f5aa56e0d",
    "fbac790c03f4846631491e2b333e09fb36539b063036f9c0e5daf38c1a599e86",
)


class NotPrintedError(ValueError):
    """A training that the book does not print."""


@dataclass(frozen=True)
class Experiment:
    """A training of the chapter, or with a schedule from a file.

    name: of the experiment and its script.
    section: of the chapter.
    schedule: of the text variant.
    printed: by framework, the rates that the optimizer of its tab applies, counted in updates (default: the book prints
        no such training).
    draw: the number of this training in Gluon's tab, from 1, which decides its first weights (default: 1).
    per: what `schedule` counts, see COUNTED (default: "epoch").
    lr: the number of --lr, which `schedule` has (default: None, not given).
    file: the name of the schedule's file (default: None, an experiment of the chapter).
    plateau: sets the rate of each epoch from the train losses before it; `schedule` is then its first rate (default:
        None, the schedule decides).
    depth: number of layers of a deeper network, in torch only (default: None, the chapter's LeNet).
    """

    name: str
    section: str
    schedule: Schedule
    printed: Mapping[str, Schedule] = field(default_factory=dict)
    draw: int = 1
    per: str = "epoch"
    lr: float | None = None
    file: str | None = None
    plateau: ReduceOnPlateau | None = None
    depth: int | None = None

    def build_schedule(self, variant: str, framework: str) -> Schedule:
        """Return the schedule of a variant, counted in updates. Raises NotPrintedError, SpecificationError."""
        if variant == "described":
            return Hold(updates=EPOCH, of=self.schedule) if self.per == "epoch" else self.schedule
        if not self.printed:
            raise NotPrintedError(f"variant printed: the book prints no training of {self.name}")
        return self.printed[framework]

    def find_book_draw(self, variant: str, framework: str) -> str | None:
        """Return the SHA-256 of the first weights if the seed does not decide them: in Gluon's book variant."""
        return BOOK_DRAWS[self.draw - 1] if (variant, framework) == ("printed", "mxnet") else None

    def has_first_weights(self, variant: str, framework: str, digest: str) -> bool:
        """Return whether a run may begin with weights of this SHA-256: in Gluon's book variant only with the book's."""
        return self.find_book_draw(variant, framework) in (None, digest)

    def replace_rate(self, lr: float) -> Experiment:
        """Return the experiment with another base rate. Raises SpecificationError, also without one single base_lr."""
        data, name = self.schedule.model_dump(mode="json", exclude_none=True), self.file or self.name
        if self.plateau:
            raise SpecificationError([f"{name}: must be a function of t, not a reduce_on_plateau; change the file"])
        places = list(_find_base_rates(data, ""))
        if len(places) != 1:
            where = f"its base rates are {', '.join(path for path, _ in places)}" if places else "it has no base_lr"
            raise SpecificationError([f"{name}: must be the schedule's only base rate, but {where}"])
        places[0][1]["base_lr"] = lr
        return replace(self, lr=lr, schedule=validate_data(data, name, ADAPTER.validate_python, describe_mistake))


def _find_base_rates(data: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the path of each base_lr in a schedule's data, and the object that has it."""
    if isinstance(data, dict):
        if "base_lr" in data:
            yield f"{path}base_lr", data
        for name, value in data.items():
            yield from _find_base_rates(value, f"{path}{name}.")
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _find_base_rates(value, f"{path.removesuffix('.')}[{number}].")


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
