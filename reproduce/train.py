"""Trains with any schedule of the specification, from a file.

python reproduce/train.py --schedule SPEC.json --framework mxnet
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

import re

from frameworks.arguments import build_choice_type
from frameworks.exit_codes import USAGE
from frameworks.schedule import Schedule, SpecificationError, read
from frameworks.schedule.fields import MAX_DEPTH
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
                             "(default: update)")
    chosen = parser.parse_args(arguments)
    try:
        experiment = build_experiment(chosen.schedule, read(chosen.schedule), chosen.per)
    except SpecificationError as error:
        return print_error(error, USAGE)
    return run_chosen(parser, experiment, chosen)


def build_experiment(path: Path, schedule: Schedule, per: str) -> Experiment:
    """Return the experiment of a schedule; its name has the hash of the schedule, so that no other run has its folder.

    path: of the schedule's file. per: what the schedule counts. Raises SpecificationError.
    """
    most = MAX_DEPTH - (2 if per == "epoch" else 1)  # it is held, and shifted when a run is continued
    if schedule.depth > most:
        raise SpecificationError([f"{path}: must be nested at most {most} deep to train per {per}, "
                                  f"got {schedule.depth}"])
    stem = re.sub(KEPT, "_", path.stem)[:LONGEST]
    digest = compute_json_digest([per, schedule.model_dump(mode="json")])[:8]
    return Experiment(f"{stem}-{digest}", "", schedule, per=per, file=stem + path.suffix.lower())


if __name__ == "__main__":
    leave(main())
