"""The record of a run: what was trained with what, and what came out, as JSON."""

from __future__ import annotations

import json
import math
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np

from frameworks import version
from frameworks.epoch import Epoch
from frameworks.observation import bits
from frameworks.schedule import Schedule

#: The loss of a network that finds ten classes equally likely.
LN_10 = math.log(10)


def begun(experiment: str, schedule: Schedule, framework: str, seed: int, epochs: int, device: str) -> dict[str, Any]:
    """Return the record of a run that has made no epoch yet."""
    return {
        "experiment": experiment,
        "framework": framework,
        "versions": {"python": platform.python_version(), "numpy": np.__version__, framework: version(framework)},
        "seed": seed,
        "device": device,
        "schedule": schedule.model_dump(mode="json"),
        "epochs_planned": epochs,
        "finished": False,
        "dead": False,
        "diverged": None,
        "epochs": [],
        "applied_rates": [],
    }


def add(record: dict[str, Any], epoch: Epoch, test_images: int, seconds: float) -> None:
    """Add an epoch. `applied_rates` has each update at which the rate changed, with the rate from there on.

    A run is `dead` if the losses of the last epoch, in the median, are those of guessing.
    """
    first = sum(done["updates"] for done in record["epochs"])
    for update, rate in enumerate(epoch.rates.tolist(), first):
        if not record["applied_rates"] or record["applied_rates"][-1]["bits"] != bits(rate):
            record["applied_rates"].append({"update": update, "rate": rate, "bits": bits(rate)})
    record["epochs"].append({
        "updates": len(epoch.losses),
        "train_loss": epoch.train_loss,
        "train_accuracy": epoch.train_correct / int(epoch.sizes.sum()),
        "test_accuracy": epoch.test_correct / test_images,
        "seconds": round(seconds, 3),
    })
    record["dead"] = abs(float(np.median(epoch.losses)) - LN_10) < 0.01
    record["finished"] = len(record["epochs"]) == record["epochs_planned"]


def save(record: dict[str, Any], path: Path) -> None:
    """Write the record; what was there is replaced whole or not at all. Raises OSError."""
    temporary = path.with_suffix(".tmp")
    try:
        temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
