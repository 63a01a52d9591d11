"""Runs one training of an experiment in a framework; writes its checkpoints, record and figure."""

from __future__ import annotations

import math
import sys
from argparse import Namespace
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from frameworks import backend, quiet
from frameworks.chapter import BATCH
from frameworks.epoch import TEST_BATCH, Epoch, Evaluation
from frameworks.memory import keep_freed_memory
from frameworks.schedule import Constant, ReduceOnPlateau, Schedule, Shift
from frameworks.weights import compute_digest, draw_first_weights
from reproduce.trainer import averaging
from reproduce.trainer import record as records
from reproduce.trainer.batches import draw_batches, draw_fixed_batches
from reproduce.trainer.command import print_path
from reproduce.trainer.data import load
from reproduce.trainer.errors import build_write_error
from reproduce.trainer.experiment import Experiment
from reproduce.trainer.folder import lock_run_folder
from reproduce.trainer.keeper import Keeper, Weights
from reproduce.trainer.resume import find_checkpoint
from reproduce.trainer.stopping import StoppedError, Stopping
from reproduce.trainer.unbroken import ignore_write_errors

#: Variants and frameworks that make the batches once and shuffle those.
FIXED_BATCHES = {("printed", "tensorflow")}


def train(experiment: Experiment, chosen: Namespace) -> int:
    """Train with the given options and return the exit code. Raises the errors that `command.report_errors` handles."""
    schedule = experiment.build_schedule(chosen.variant, chosen.framework)
    for name in (*["reproduce.trainer.figures"] * (not chosen.no_figure), *["tensorboardX"] * chosen.tensorboard):
        import_module(name)  # a missing library is an error before the training, not after it
    with lock_run_folder(chosen), ignore_write_errors():
        return _train(experiment, schedule, chosen)


def _train(experiment: Experiment, schedule: Schedule, chosen: Namespace) -> int:
    start = find_checkpoint(experiment.name, schedule, chosen,
                            experiment.find_book_draw(chosen.variant, chosen.framework))
    quiet()
    keep_freed_memory()
    ported = backend(chosen.framework)
    device = ported.choose_device(chosen.device)
    data = load(chosen.data_dir, offline=chosen.offline)
    if chosen.variant == "printed":
        net = ported.build_printed_lenet(experiment.draw if chosen.framework == "mxnet" else chosen.seed, device)
    else:
        net = ported.build_lenet(draw_first_weights(chosen.seed), device)
    if start is not None:
        if chosen.average_from:
            averaging.check(chosen.average_from, len(start.record["epochs"]), chosen.out)
        ported.set_weights(net, start.weights)
        record = start.record
        if chosen.epochs != record["epochs_planned"] or not record["finished"]:
            record = records.continue_record(record, start.update, chosen, str(device))
    else:
        origin = {} if experiment.file is None else {"schedule_file": experiment.file, "per": experiment.per}
        origin |= {"plateau": experiment.plateau.model_dump(mode="json")} if experiment.plateau else {}
        record = records.build_record(experiment.name, chosen.variant, chosen.framework, chosen.seed,
                                      1 if chosen.dry_run else chosen.epochs, schedule, str(device),
                                      ported.read_weights(net), lr=experiment.lr, **origin)
    if chosen.dry_run:
        record |= {"dry_run": True, "command": f"{record['command']} --dry-run"}
    testing = tuple(array[:TEST_BATCH] for array in data.testing) if chosen.dry_run else data.testing
    with Stopping() as stopping:
        keeper = Keeper(ported, net, record, chosen, stopping, start)
        try:
            if start is not None:
                keeper.save_start()  # before the record: a run that continues another one has its first checkpoint
            keeper.save_record()
            _train_epochs(keeper, experiment.plateau or schedule, (data.training, testing), device)
            stopping.stop_if_requested()
            draw(record, chosen.out, chosen.tensorboard, figure=not chosen.no_figure)
            stopping.stop_if_requested()
        except StoppedError as stop:
            hint = "" if chosen.dry_run else "; continue with --resume auto"
            print(f"{stop} after update {keeper.update}{hint}", file=sys.stderr)
            return stop.exit_code
    return _close(record, chosen)


def _train_epochs(keeper: Keeper, schedule: Schedule | ReduceOnPlateau, data: tuple[Any, Any], device: Any) -> None:
    """Train, and save the record and a checkpoint after each epoch. A ReduceOnPlateau gets the train losses."""
    from tqdm import tqdm

    chosen, record, testing = keeper.chosen, keeper.record, data[1]
    images, done = len(data[0][0]), len(record["epochs"])
    if not chosen.quiet:
        print(f"first weights SHA-256 {record['first_weights_sha256']}")
    if done == record["epochs_planned"]:
        return
    made = len(keeper.earlier.losses)
    updates = 1 if chosen.dry_run else chosen.epochs * math.ceil(images / BATCH)
    what = f"{record['experiment']} in {chosen.framework}"
    with tqdm(total=updates, initial=keeper.update, unit=" updates", desc=what, disable=chosen.quiet) as bar:
        def progress(*update: Any) -> None:
            keeper.count_update(*update)
            bar.update()

        given = (order[made:] if epoch == done else order for epoch, order in _draw_orders(chosen, images, done))
        train = partial(keeper.ported.train, keeper.net, testing=testing, training=data[0], device=device,
                        progress=progress, pause=keeper.pause)
        if isinstance(schedule, ReduceOnPlateau):  # plain SGD has no state: a new optimizer continues
            trained = (whole for order in given for whole in train(epochs=[order], schedule=Constant(
                base_lr=schedule.lr(epoch["train_loss"] for epoch in record["epochs"]))))
        else:  # the rate needs no state: it is a function of the update
            rest = Shift(by=keeper.update, of=schedule) if keeper.update else schedule
            trained = train(schedule=rest, epochs=given)
        for (_, order), epoch in zip(_draw_orders(chosen, images, done), trained, strict=True):
            keeper.finish_epoch(epoch, order, len(testing[0]), partial(_compute_results, keeper, data, epoch, device))
            if not chosen.quiet:
                _report(record, bar)


def _compute_results(keeper: Keeper, data: tuple[Any, Any], epoch: Epoch, device: Any, weights: Weights,
                     ) -> dict[str, dict[str, float]]:
    """Return the results of the final weights, and of their mean over the last epochs if chosen; before that {}."""
    chosen, net, ported = keeper.chosen, keeper.net, keeper.ported
    training, testing = (tuple(array[:TEST_BATCH] for array in part) if chosen.dry_run else part for part in data)
    number, first = len(keeper.record["epochs"]) + 1, chosen.average_from
    if first and number >= first:
        averaging.save(weights, number, chosen.out)
    if number < keeper.record["epochs_planned"]:
        return {}

    sizes = len(training[0]), len(testing[0])
    trained = ported.evaluate(net, training, device, keeper.pause)
    tested = Evaluation(epoch.test_loss, epoch.test_correct)
    results = {"final": records.build_results(trained, sizes[0], tested, sizes[1])}
    if first and number >= first:  # no pause: a checkpoint would save these weights
        hashes = [before["weights_sha256"] for before in keeper.record["epochs"][first - 1:]]
        ported.set_weights(net, averaging.compute_mean(first, [*hashes, compute_digest(weights.values())], chosen.out))
        trained, tested = (ported.evaluate(net, part, device) for part in (training, testing))
        results["averaged"] = records.build_results(trained, sizes[0], tested, sizes[1]) | {"from_epoch": first}
        ported.set_weights(net, weights)
    return results


def _draw_orders(chosen: Namespace, images: int, first: int) -> Iterator[tuple[int, list[np.ndarray]]]:
    fixed = (chosen.variant, chosen.framework) in FIXED_BATCHES
    for epoch in range(first, 1 if chosen.dry_run else chosen.epochs):
        order = (draw_fixed_batches if fixed else draw_batches)(chosen.seed, epoch, images)
        yield epoch, order[:1] if chosen.dry_run else order


def _report(record: dict[str, Any], bar: Any) -> None:
    last = record["epochs"][-1]
    bar.write(f"epoch {len(record['epochs'])}: rate {last['rate']:.6g}, train loss {last['train_loss']:.3f}, "
              f"train acc {last['train_accuracy']:.3f}, test acc {last['test_accuracy']:.3f}, "
              f"batches SHA-256 {last['batches_sha256']}")


def _close(record: dict[str, Any], chosen: Namespace) -> int:
    """Print the chapter's closing line and the paths of the files; return the exit code."""
    last = record["epochs"][-1]
    print(f"train loss {last['train_loss']:.3f}, train acc {last['train_accuracy']:.3f}, "
          f"test acc {last['test_accuracy']:.3f}")
    if record["dead"] and not record["dry_run"]:
        print(f"this run ended without learning: the loss of its last epoch is ln 10 = {records.LN_10:.3f}, as happens "
              "now and then at such a rate; another --seed may", file=sys.stderr)
    if not chosen.quiet:
        print_path("record", chosen.out / "record.json")
        if not chosen.no_figure:
            print_path("figure", chosen.out / "figure.svg")
    return 0


def draw(record: dict[str, Any], out: Path, events: bool = False, figure: bool = True) -> None:
    """Draw a run's figure into its folder and write its events. Raises OutputError.

    events: write events (default: no). figure: draw the figure (default: yes).
    """
    if figure:
        from reproduce.trainer.figures import draw_run

        for kind in ("svg", "png"):
            draw_run(record, out / f"figure.{kind}")
    if events:
        try:
            import_module("reproduce.trainer.events").write(record, out)
        except OSError as error:
            raise build_write_error(out, error) from None
