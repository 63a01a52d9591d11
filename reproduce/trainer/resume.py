"""Finds the checkpoint that a run continues from, in the same or another framework."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from frameworks.schedule import Schedule
from frameworks.schedule.union import ADAPTER
from reproduce.trainer.checkpoint import Checkpoint, has_checkpoints, load
from reproduce.trainer.errors import CheckpointError


def find_checkpoint(experiment: str, schedule: Schedule, chosen: Namespace, draw: str | None = None,
                    ) -> Checkpoint | None:
    """Return the checkpoint to continue from, None for a new run.

    --resume auto: the newest in this run's folder, if there is one; a path: the newest in another run's folder. Raises
    CheckpointError if it is damaged, or of another run or schedule.

    draw: the SHA-256 of the first weights (default: any; the seed decides them).
    """
    if chosen.resume is None or (chosen.resume == "auto" and not has_checkpoints(chosen.out)):
        return None
    where = chosen.out if chosen.resume == "auto" else Path(chosen.resume)
    loaded, wrong = load(where)
    for line in wrong:
        print(f"{line}; continuing from the checkpoint before it", file=sys.stderr)
    expected = {"experiment": experiment, "variant": chosen.variant, "seed": chosen.seed}
    if chosen.variant == "printed":  # its network and batches are those of one framework
        expected["framework"] = chosen.framework
    if draw is not None:
        expected["first_weights_sha256"] = draw
    _check_same_run(loaded, expected, schedule, chosen, where)
    if not chosen.quiet:
        other = loaded.record["framework"]
        there = f" of the run in {other}" if other != chosen.framework else ""
        print(f"continuing after update {loaded.update}{there}")
    return loaded


def _check_same_run(loaded: Checkpoint, expected: dict[str, Any], schedule: Schedule, chosen: Namespace, where: Path,
                    ) -> None:
    record = loaded.record
    for key, value in expected.items():
        if record[key] != value:
            raise CheckpointError(f"{where}: {key} of the checkpoint is {record[key]!r}, expected {value!r}")
    saved = ADAPTER.validate_python(record["schedule"])
    if saved != schedule:
        at = loaded.update
        raise CheckpointError(
            f"{where}: the checkpoint is of another schedule: at update {at} its rate is {saved.lr(at):.9g}, "
            f"expected {schedule.lr(at):.9g}")
    if len(record["epochs"]) > chosen.epochs or (len(record["epochs"]) == chosen.epochs and len(loaded.epoch.losses)):
        raise CheckpointError(f"{where}: the checkpoint has {len(record['epochs'])} epochs, expected {chosen.epochs}")
