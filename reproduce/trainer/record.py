"""Builds the record of a run as JSON: its settings, its results, and what it was trained with."""

from __future__ import annotations

import json
import math
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np

from frameworks import version
from frameworks.epoch import Epoch, Evaluation
from frameworks.schedule import Schedule
from frameworks.strict_json import read_json
from frameworks.weights import compute_digest
from reproduce.trainer.data import FILES
from reproduce.trainer.manifest import MAX_RECORD, RunRecord
from reproduce.trainer.rates import add_rates

#: The loss, in nats, of a network that gives ten classes the same probability.
LN_10 = math.log(10)
#: The measures of each epoch.
MEASURES = ("train_loss", "train_accuracy", "test_accuracy")
#: The updates of an epoch between two points of its curves, as the chapter's loop draws them.
POINTS = 50


def build_record(
    experiment: str, variant: str, framework: str, seed: int, epochs: int, schedule: Schedule, device: str,
    weights: dict[str, np.ndarray], **origin: Any,
) -> dict[str, Any]:
    """Return the record of a run before its first epoch.

    weights: the network's, before the first update. origin: its lr, schedule_file and per (default: None).
    """
    record = dict.fromkeys(RunRecord.model_fields) | build_machine_entries(framework, device) | {
        "experiment": experiment,
        "variant": variant,
        "framework": framework,
        "seed": seed,
        "schedule": schedule.model_dump(mode="json"),
        "data_sha256": {file.name: file.payload for file in FILES},
        "first_weights_sha256": compute_digest(weights.values()),
        "epochs_planned": epochs,
        "finished": False,
        "dry_run": False,
        "dead": False,
        "resumed": [],
        "epochs": [],
        "applied_rates": [],
        "points": [],
    } | origin
    return record | {"command": build_command(record)}


def continue_record(before: dict[str, Any], update: int, chosen: Any, device: str) -> dict[str, Any]:
    """Return the record of a run continued after an update, perhaps in another framework or for more epochs."""
    now = build_machine_entries(chosen.framework, device)
    record = {**before, "framework": chosen.framework, **now, "epochs_planned": chosen.epochs, "diverged": None,
              "finished": len(before["epochs"]) == chosen.epochs, "final": None, "averaged": None,
              "epochs": list(before["epochs"]),
              "applied_rates": list(before["applied_rates"]),
              "points": None if before.get("points") is None else list(before["points"]),
              "resumed": [*before.get("resumed", []), {"update": update, "framework": before["framework"],
                                                       **{key: before[key] for key in now}}]}
    return record | {"command": build_command(record)}


def build_machine_entries(framework: str, device: str) -> dict[str, Any]:
    """Return the entries of a record that depend on the machine and the framework."""
    versions = {"python": platform.python_version(), "numpy": np.__version__, framework: version(framework)}
    return {"versions": versions, "device": device, "threads": count_threads(framework)}


def build_command(record: dict[str, Any]) -> str:
    """Return the command that repeats the run of a record."""
    file, lr = record.get("schedule_file"), record.get("lr")
    script = f"{record['experiment']}.py" if file is None else f"train.py --schedule {file} --per {record['per']}"
    rate = "" if lr is None else f" --lr {lr!r}"
    return (f"python reproduce/{script} --framework {record['framework']} --variant {record['variant']}{rate} "
            f"--epochs {record['epochs_planned']} --seed {record['seed']} --device {shorten_device(record['device'])}")


def shorten_device(device: str) -> str:
    """Return "cpu" or "gpu" for a framework's name of its device, such as "cuda", "gpu(0)", "/CPU:0"."""
    return "cpu" if "cpu" in device.lower() else "gpu"


def list_processors() -> list[int]:
    """Return the numbers of the processors that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def count_threads(framework: str) -> int:
    """Return how many threads compute: one for each processor of this process, at most OMP_NUM_THREADS.

    TensorFlow ignores OMP_NUM_THREADS.
    """
    available = len(list_processors())
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(available, int(limit)) if framework != "tensorflow" and limit.isdigit() and int(limit) else available


def add(
    record: dict[str, Any], epoch: Epoch, batches: list[np.ndarray], test_images: int, seconds: float,
    weights: dict[str, np.ndarray], results: dict[str, dict[str, float]] | None = None,
) -> None:
    """Add an epoch to a record.

    results: after the last epoch, "final" and perhaps "averaged", from `build_results` (default: none).
    `applied_rates` gets the changes of the rate, see rates.py.
    A run is `dead` if the median loss of its last epoch is that of guessing.
    """
    first = sum(done["updates"] for done in record["epochs"])
    add_rates(record, epoch.rates, first)
    record["epochs"].append({
        "updates": len(epoch.losses),
        "rate": float(epoch.rates[0]),
        "train_loss": epoch.train_loss,
        "train_accuracy": epoch.train_correct / int(epoch.sizes.sum()),
        "test_accuracy": epoch.test_correct / test_images,
        "test_loss": epoch.test_loss,
        "seconds": round(seconds, 3),
        "batches_sha256": compute_digest(batches),
        "weights_sha256": compute_digest(weights.values()),
    })
    record["last_weights_sha256"] = record["epochs"][-1]["weights_sha256"]
    record |= results or {}
    record["dead"] = is_guessing(float(np.median(epoch.losses)))
    record["finished"] = len(record["epochs"]) == record["epochs_planned"]


def add_point(record: dict[str, Any], update: int, part: Epoch) -> None:
    """Add a point of the curves: loss and accuracy over an epoch's images so far. A record from before has no points.

    update: the last one of the part, from 0.
    """
    if record["points"] is not None:
        record["points"].append({"update": update, "train_loss": part.train_loss,
                                 "train_accuracy": part.train_correct / int(part.sizes.sum())})


def build_results(training: Evaluation, images: int, testing: Evaluation, test_images: int) -> dict[str, float]:
    """Return the loss (nats) and the accuracy of one set of weights on the training and on the test images."""
    return {"train_loss": training.loss, "train_accuracy": training.correct / images,
            "test_loss": testing.loss, "test_accuracy": testing.correct / test_images}


def is_guessing(loss: float) -> bool:
    """Return whether a loss is that of guessing: ln 10, to .01."""
    return abs(loss - LN_10) < 0.01


def read_entry(path: Path, key: str) -> Any:
    """Return one entry of a record's file, None if the file is not a record. Raises OSError."""
    try:
        return read_json(path, MAX_RECORD, "record")[key]
    except (ValueError, KeyError, TypeError):
        return None


def format_record(record: dict[str, Any]) -> str:
    """Return the record as JSON, with a line for each item of a list."""
    lines = []
    for key, value in record.items():
        listed = isinstance(value, list) and value
        text = "[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]" if listed else json.dumps(value)
        lines.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
