"""Runs a training on photos: its schedule, epochs, record, checkpoint and figure."""

from __future__ import annotations

import json
import math
import sys
import time
from argparse import Namespace
from contextlib import nullcontext
from importlib import import_module
from itertools import islice
from typing import Any

import numpy as np

from frameworks import backend, quiet, version
from frameworks.schedule import Shift
from frameworks.vision import Settings
from reproduce.exercises.imagenet import batches, checkpoint
from reproduce.exercises.imagenet.figures import draw_run  # a missing library is an error before the training
from reproduce.exercises.imagenet.images import Images, open_images
from reproduce.exercises.imagenet.schedules import build_schedule
from reproduce.trainer.checkpoint import replace_whole
from reproduce.trainer.command import print_path
from reproduce.trainer.data import DataError
from reproduce.trainer.errors import DivergedError
from reproduce.trainer.folder import lock_folder, make_folder
from reproduce.trainer.rates import add_rates
from reproduce.trainer.stopping import StoppedError, Stopping

#: The updates between two looks at the loss, which wait for the device.
LOOK = 50


def train(chosen: Namespace) -> int:
    """Train with the given options and return the exit code. Raises the errors that `report_errors` handles."""
    training, testing = open_images(chosen.data, chosen.data_dir)
    if len(training.labels) < chosen.batch:
        raise DataError(f"{chosen.data}: has {len(training.labels)} training images, fewer than --batch {chosen.batch}")
    quiet()
    backend(chosen.framework)
    vision = import_module(f"frameworks.{chosen.framework}.vision")
    part, parts = vision.find_part()
    out, settings = chosen.out, Settings(chosen.network, len(training.classes), chosen.side, chosen.batch, chosen.seed,
                                         chosen.precision == "mixed", chosen.device, chosen.devices)
    if part == 0:
        has_checkpoint = (out / checkpoint.NAME).exists()
        if not (chosen.resume and has_checkpoint):
            make_folder(out, "continue it: --resume; or " * has_checkpoint, dry_run=chosen.dry_run)
    with lock_folder(out, "another process is training in this folder") if part == 0 else nullcontext():
        return _train(chosen, settings, vision, (training, testing), part, parts)


def _train(chosen: Namespace, settings: Settings, vision: Any, data: tuple[Images, Images], part: int, parts: int,
           ) -> int:
    updates = 1 if chosen.dry_run else len(data[0].labels) // chosen.batch
    schedule = build_schedule(chosen.schedule, updates, chosen.epochs, chosen.batch, chosen.lr)
    record: dict[str, Any] = {
        "framework": chosen.framework, "network": chosen.network, "data": chosen.data, "images": len(data[0].labels),
        "classes": len(data[0].classes), "schedule_name": chosen.schedule, "schedule": schedule.model_dump(mode="json"),
        "batch": chosen.batch, "side": chosen.side, "seed": chosen.seed, "precision": chosen.precision,
        "epochs_planned": chosen.epochs, "dry_run": chosen.dry_run}
    state = None
    if chosen.resume and (chosen.out / checkpoint.NAME).exists():
        state, record = checkpoint.load(chosen.out, record)
    else:
        record |= {"version": version(chosen.framework), "devices": chosen.devices, "applied_rates": [], "epochs": []}
    made = updates * len(record["epochs"])
    trained = vision.VisionTraining(settings, Shift(by=made, of=schedule) if made else schedule)
    if state is not None:
        trained.set_state(state)
    with Stopping() as stopping:
        try:
            for epoch in range(len(record["epochs"]), chosen.epochs):
                _train_epoch(chosen, trained, data, record, epoch, (part, parts), stopping)
                if part == 0:
                    _save(chosen, trained, record)
        except StoppedError as stop:
            print(f"{stop}; continue after epoch {len(record['epochs'])} with --resume", file=sys.stderr)
            return stop.exit_code
    if part == 0:
        replace_whole(chosen.out / "figure.svg", draw_run(record).encode())
        print_path("record", chosen.out / "record.json")
    return 0


def _train_epoch(chosen: Namespace, trained: Any, data: tuple[Images, Images], record: dict[str, Any], epoch: int,
                 place: tuple[int, int], stopping: Stopping) -> None:
    """Train an epoch, evaluate in the first process, and add the results to the record. Raises DivergedError."""
    (training, testing), begin, most = data, time.perf_counter(), 1 if chosen.dry_run else None
    orders = batches.draw_orders(chosen.seed, epoch, len(training.labels), chosen.batch)[:most]
    mine = [order[place[0]::place[1]] for order in orders]
    rates, losses = [], []
    for some in batches.read_training(training, mine, chosen.side, chosen.seed, epoch, chosen.workers):
        rate, loss = trained.update(*some)
        rates.append(rate)
        losses.append(loss)
        if (len(losses) % LOOK == 0 or len(losses) == len(orders)) and not math.isfinite(loss()):
            update = epoch * len(orders) + len(losses) - 1
            raise DivergedError(f"diverged: the loss of update {update} is {loss()}, at rate {rate:.6g}")
        stopping.stop_if_requested()
    if place[0]:
        return
    correct = seen = 0
    for images, labels in islice(batches.read_validation(testing, chosen.side, chosen.batch, chosen.workers), most):
        correct, seen = correct + trained.count_correct(images, labels), seen + len(labels)
        stopping.stop_if_requested()
    add_rates(record, np.array(rates), epoch * len(orders))
    record["epochs"].append({"updates": len(rates), "train_loss": float(np.mean([loss() for loss in losses])),
                             "test_accuracy": correct / seen, "test_images": seen,
                             "seconds": time.perf_counter() - begin})
    last = record["epochs"][-1]
    print(f"epoch {epoch + 1}: rate {rates[-1]:.6g}, train loss {last['train_loss']:.4f}, "
          f"test acc {last['test_accuracy']:.4f}, {last['seconds']:.1f} s", flush=True)


def _save(chosen: Namespace, trained: Any, record: dict[str, Any]) -> None:
    # the record first: a checkpoint without it would not keep a new run from this folder
    replace_whole(chosen.out / "record.json", f"{json.dumps(record, indent=1)}\n".encode())
    if not chosen.dry_run:
        checkpoint.save(trained.read_state(), record, chosen.out)
