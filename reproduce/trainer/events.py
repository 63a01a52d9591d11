"""Writes the numbers of a record as TensorBoard events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reproduce.trainer.rates import expand_rates
from reproduce.trainer.record import MEASURES


def write(record: dict[str, Any], folder: Path) -> None:
    """Write the numbers after each epoch, and the rate at each update where it changed; the step counts updates.

    Raises ModuleNotFoundError without tensorboardX, OSError.
    """
    from tensorboardX import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for update, rate in zip(*(array.tolist() for array in expand_rates(record))):
            writer.add_scalar("rate", rate, update)
        updates = 0
        for epoch in record["epochs"]:
            updates += epoch["updates"]
            for measure in MEASURES:
                writer.add_scalar(measure, epoch[measure], updates)
