"""Trains with any schedule of the specification, or with a reduce_on_plateau, from a file.

python reproduce/train.py --schedule SPEC.json --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

import json
import re
from typing import Any

from frameworks.arguments import build_choice_type
from frameworks.exit_codes import USAGE
from frameworks.schedule import Constant, ReduceOnPlateau, Schedule, SpecificationError
from frameworks.schedule.fields import MAX_DEPTH
from frameworks.schedule.files import loads, parse_text, read_text, validate_data
from frameworks.schedule.mistakes import describe_mistake
from frameworks.schedule.plateau_files import KIND, loads_plateau
from frameworks.schedule.union import ADAPTER
from reproduce.trainer.command import build_parser, leave, print_error, run_chosen
from reproduce.trainer.experiment import COUNTED, Experiment
from reproduce.trainer.manifest import compute_json_digest

#: The most characters of a file's name in the names of folders, and the others that it keeps.
LONGEST, KEPT = 60, r"[^A-Za-z0-9._-]"
EXTRA = "--out has runs/NAME-HASH-FRAMEWORK-seedN as default: the file's name, and the hash of its schedule."


def main(arguments: list[str] | None = None) -> int:
    """Train with the schedule of a file, and return the exit code."""
    parser = build_parser("train.py", f"Train LeNet on Fashion-MNIST with any schedule. {EXTRA}")
    parser.add_argument("--schedule", type=Path, required=True, metavar="SPEC.json",
                        help="the file of the schedule, .json or .toml")
    parser.add_argument("--per", type=build_choice_type(COUNTED), default="update",
                        help="what the schedule counts: update, a rate for each; or epoch, a rate held over each "
                             "(default: update; a reduce_on_plateau always gets the train loss of each epoch)")
    chosen = parser.parse_args(arguments)
    try:
        experiment = build_experiment(chosen.schedule, read_schedule(chosen.schedule), chosen.per)
    except SpecificationError as error:
        return print_error(error, USAGE)
    return run_chosen(parser, experiment, chosen)


def read_schedule(path: Path) -> Schedule | ReduceOnPlateau:
    """Return the schedule in a file. Raises SpecificationError."""
    name, text, format = read_text(path)
    data = parse_text(text, format, name=name)
    return (loads_plateau if isinstance(data, dict) and data.get("kind") == KIND else loads)(text, format, name=name)


def validate_schedule(data: dict[str, Any], name: str) -> Schedule | ReduceOnPlateau:
    """Return the schedule of parsed data. name: begins each line of an error. Raises SpecificationError."""
    if data.get("kind") == KIND:
        return loads_plateau(json.dumps(data, default=str), name=name)
    return validate_data(data, name, ADAPTER.validate_python, describe_mistake)


def build_experiment(path: Path, schedule: Schedule | ReduceOnPlateau, per: str,
                     depth: int | None = None) -> Experiment:
    """Return the experiment of a schedule; its name has the hash of the schedule, so that no other run has its folder.

    path: of the schedule's file.
    per: what the schedule counts; a reduce_on_plateau always counts epochs.
    depth: number of layers of a deeper network (default: the chapter's LeNet).

    Raises SpecificationError.
    """
    stem = re.sub(KEPT, "_", path.stem)[:LONGEST]
    plateau = schedule if isinstance(schedule, ReduceOnPlateau) else None
    decides = ["epoch" if plateau else per, schedule.model_dump(mode="json"), *[depth] * (depth is not None)]
    named = {"name": f"{stem}-{compute_json_digest(decides)[:8]}", "section": "", "file": stem + path.suffix.lower(),
             "depth": depth}
    if isinstance(schedule, ReduceOnPlateau):
        return Experiment(schedule=Constant(base_lr=schedule.base_lr), plateau=schedule, **named)
    most = MAX_DEPTH - (2 if per == "epoch" else 1)  # it is held, and shifted when a run is continued
    if schedule.depth > most:
        raise SpecificationError([f"{path}: must be nested at most {most} deep to train per {per}, "
                                  f"got {schedule.depth}"])
    return Experiment(schedule=schedule, per=per, **named)


if __name__ == "__main__":
    leave(main())
