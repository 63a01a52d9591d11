"""Go on from a checkpoint: of the same run, in the same or in another framework."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from frameworks.schedule import Schedule
from frameworks.schedule.union import ADAPTER
from reproduce.trainer.checkpoint import Checkpoint, exists, load
from reproduce.trainer.errors import CheckpointError


def resumed(experiment: str, schedule: Schedule, chosen: Namespace) -> Checkpoint | None:
    """Return the checkpoint that the arguments say to go on from; None for a run from the beginning.

    --resume auto: the newest of this run's own folder, if there is one; a path: that of another run's folder. Raises
    CheckpointError for one that is damaged, or of another run or schedule.
    """
    if chosen.resume is None or (chosen.resume == "auto" and not exists(chosen.out)):
        return None
    where = chosen.out if chosen.resume == "auto" else Path(chosen.resume)
    found, wrong = load(where)
    for line in wrong:
        print(f"{line}; going on from the checkpoint before it", file=sys.stderr)
    _same_run(found, experiment, schedule, chosen, where)
    if not chosen.quiet:
        other = found.record["framework"]
        there = f" of the run in {other}" if other != chosen.framework else ""
        print(f"going on after update {found.update}{there}")
    return found


def _same_run(found: Checkpoint, experiment: str, schedule: Schedule, chosen: Namespace, where: Path) -> None:
    record = found.record
    asked = {"experiment": experiment, "variant": chosen.variant, "seed": chosen.seed}
    if chosen.variant == "printed":  # its network and its batches are those of one framework
        asked["framework"] = chosen.framework
    for key, value in asked.items():
        if record[key] != value:
            raise CheckpointError(f"{where}: {key} of the checkpoint is {record[key]!r}, asked for {value!r}")
    then = ADAPTER.validate_python(record["schedule"])
    if then != schedule:
        at = found.update
        raise CheckpointError(
            f"{where}: the checkpoint is of another schedule: at update {at} its rate is {then.lr(at):.9g}, "
            f"asked for {schedule.lr(at):.9g}")
    if len(record["epochs"]) > chosen.epochs or (len(record["epochs"]) == chosen.epochs and len(found.epoch.losses)):
        raise CheckpointError(f"{where}: the checkpoint has {len(record['epochs'])} epochs, asked for {chosen.epochs}")
