"""Trains the chapter's experiments on the device with the commands that users have, in both variants."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np

from frameworks.schedule import lrs
from frameworks.schedule.union import ADAPTER
from reproduce.chapter import EXPERIMENTS
from reproduce.trainer.command import main
from reproduce.trainer.experiment import VARIANTS, Experiment
from reproduce.trainer.manifest import read_record
from reproduce.trainer.rates import expand_rates
from tests.harness.gpu.place import Check, Place, Result


def list_checks(place: Place) -> Iterator[tuple[str, Check]]:
    """Yield a check of each experiment: first those that the book trains, in both variants; in a rehearsal only one."""
    experiments = sorted(EXPERIMENTS, key=lambda experiment: not experiment.printed)
    for experiment in experiments[:1] if place.rehearse else experiments:
        for variant in VARIANTS:
            if variant == "described" or experiment.printed:
                yield f"{experiment.name}, {variant}", partial(_train, place, experiment, variant)
    if place.framework == "torch":
        yield "memory freed", _measure_memory


def _train(place: Place, experiment: Experiment, variant: str, until: float) -> Result:
    """Run the experiment's command; compare the applied rates of its record with its schedule."""
    folder = place.out / "runs" / f"{experiment.name}-{place.framework}-{variant}"
    arguments = ["--framework", place.framework, "--variant", variant, "--device", place.device, "--offline",
                 "--no-figure", "--quiet", "--out", str(folder), *["--dry-run"] * place.rehearse]
    arguments += ["--data-dir", str(place.data_dir)] if place.data_dir else []
    begin = time.perf_counter()
    code = main(experiment, arguments)
    seconds = time.perf_counter() - begin
    if code:
        return {"passed": False, "error": f"exit code {code}"}
    record = read_record(Path(folder, "record.json"))
    what = find_wrong_change(record)
    last = record["epochs"][-1]
    return {"passed": what is None and record["finished"], "device": record["device"],
            "epochs": len(record["epochs"]), "seconds_in_all": round(seconds, 1),
            "train_loss": round(last["train_loss"], 4), "test_accuracy": round(last["test_accuracy"], 4),
            "dead": record["dead"], **({"first": what} if what else {})}


def find_wrong_change(record: dict) -> str | None:
    """Return the first update at which the rate is not the record's schedule's, bit for bit; None if all are."""
    updates = sum(epoch["updates"] for epoch in record["epochs"])
    specified = lrs(ADAPTER.validate_python(record["schedule"]), updates).astype(np.float32).astype(np.float64)
    at, rates = expand_rates(record)
    applied = np.full(updates, np.nan)
    for begin, rate in zip(at, rates):
        applied[begin:] = rate
    wrong = np.flatnonzero(applied != specified)
    return None if not len(wrong) else f"update {wrong[0]}: {applied[wrong[0]]!r}, specified {specified[wrong[0]]!r}"


def _measure_memory(until: float) -> Result:
    graph = import_module("tests.harness.gpu.torch_graph")
    kept = graph.measure_kept_memory(import_module("frameworks.torch").choose_device("auto"))
    return {"passed": not kept, "kept_bytes": kept}
