"""One run: the training of an experiment in a framework, its record and its figure."""

from __future__ import annotations

import itertools
import math
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from frameworks import backend, quiet
from frameworks.epoch import TEST_BATCH, Epoch
from frameworks.memory import keep_freed_memory
from frameworks.schedule import Schedule
from reproduce import record as records
from reproduce.data import load
from reproduce.errors import Diverged, OutputError, unwritable
from reproduce.experiment import Experiment
from reproduce.start import BATCH, batches, first_weights, fixed_batches

#: Who makes the batches once and shuffles those.
FIXED_BATCHES = {("printed", "tensorflow")}


def train(experiment: Experiment, chosen: Namespace) -> int:
    """Train as the arguments say; raises what the command answers."""
    schedule = experiment.schedule(chosen.variant, chosen.framework)
    path = chosen.out / "record.json"
    _refuse_taken(path, chosen.dry_run)
    if chosen.tensorboard:
        import_module("tensorboardX")  # it may be missing: known before the training, not after it; so
    import_module("reproduce.figures")
    quiet()
    keep_freed_memory()
    ported = backend(chosen.framework)
    place = ported.chosen_device(chosen.device)
    data = load(chosen.data_dir)
    if chosen.variant == "printed":
        net = ported.printed(chosen.seed, place)
    else:
        net = ported.lenet(first_weights(chosen.seed), place)
    record = records.begun(experiment.name, chosen.variant, chosen.framework, chosen.seed,
                           1 if chosen.dry_run else chosen.epochs, schedule, str(place), ported.weights_of(net))
    if chosen.dry_run:
        record |= {"dry_run": True, "command": f"{record['command']} --dry-run"}
    testing = tuple(array[:TEST_BATCH] for array in data.testing) if chosen.dry_run else data.testing
    try:
        _save(record, path)
        _train(ported, net, schedule, (data.training, testing), place, record, chosen)
        draw(record, chosen.out, chosen.tensorboard)
    except KeyboardInterrupt:
        if record["epochs"]:
            print(f"interrupted; {len(record['epochs'])} finished epochs are in {path}", file=sys.stderr)
            return 130
        path.unlink(missing_ok=True)
        print("interrupted before the first epoch was finished", file=sys.stderr)
        return 130
    return _closed(record)


def _train(
    ported: ModuleType, net: Any, schedule: Schedule, data: tuple[Any, Any], place: Any, record: dict[str, Any],
    chosen: Namespace,
) -> None:
    """Train, and save the record after each epoch."""
    from tqdm import tqdm

    path, testing = chosen.out / "record.json", data[1]
    images = len(data[0][0])
    orders, given = itertools.tee(_orders(chosen, images))
    updates = 1 if chosen.dry_run else chosen.epochs * math.ceil(images / BATCH)
    if not chosen.quiet:
        print(f"first weights SHA-256 {record['first_weights_sha256']}")
    begin, before = time.perf_counter(), None
    what = f"{record['experiment']} in {chosen.framework}"
    with tqdm(total=updates, unit=" updates", desc=what, disable=chosen.quiet) as bar:
        epochs = ported.train(net, schedule, *data, given, place, progress=bar.update)
        for order, epoch in zip(orders, epochs):
            try:
                weights = ported.weights_of(net)
                before = _check(epoch, weights, sum(done["updates"] for done in record["epochs"]), before)
            except Diverged as error:
                record["diverged"] = str(error)
                _save(record, path)
                raise
            records.add(record, epoch, order, len(testing[0]), time.perf_counter() - begin, weights)
            _save(record, path)
            if not chosen.quiet:
                _report(record, bar)
            begin = time.perf_counter()


def _orders(chosen: Namespace, images: int) -> Iterator[list[np.ndarray]]:
    fixed = (chosen.variant, chosen.framework) in FIXED_BATCHES
    for epoch in range(1 if chosen.dry_run else chosen.epochs):
        order = (fixed_batches if fixed else batches)(chosen.seed, epoch, images)
        yield order[:1] if chosen.dry_run else order


def _report(record: dict[str, Any], bar: Any) -> None:
    last = record["epochs"][-1]
    bar.write(f"epoch {len(record['epochs'])}: rate {last['rate']:.6g}, train loss {last['train_loss']:.3f}, "
              f"train acc {last['train_accuracy']:.3f}, test acc {last['test_accuracy']:.3f}, "
              f"batches SHA-256 {last['batches_sha256']}")


def _closed(record: dict[str, Any]) -> int:
    """Print the chapter's closing line."""
    last = record["epochs"][-1]
    print(f"train loss {last['train_loss']:.3f}, train acc {last['train_accuracy']:.3f}, "
          f"test acc {last['test_accuracy']:.3f}")
    if record["dead"] and not record["dry_run"]:
        print(f"this run never learned: its loss stayed at ln 10 = {records.LN_10:.3f}, as happens now and then at "
              "such a rate; another --seed may", file=sys.stderr)
    return 0


def draw(record: dict[str, Any], out: Path, events: bool = False) -> None:
    """Draw a run's figure into its folder, and write its events if asked to. Raises OutputError."""
    from reproduce.figures import draw_run

    try:
        for kind in ("svg", "png"):
            draw_run(record, out / f"figure.{kind}")
        if events:
            import_module("reproduce.events").write(record, out)
    except OSError as error:
        raise unwritable(out, error) from None


def _refuse_taken(path: Path, dry_run: bool) -> None:
    try:
        taken = path.exists() and not (dry_run and records.is_dry_run(path))
    except OSError as error:
        raise unwritable(path, error) from None
    if taken:
        raise OutputError(f"{path}: there is a run already; move it away, or choose another folder with --out")


def _save(record: dict[str, Any], path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        records.save(record, path)
    except OSError as error:
        raise unwritable(path, error) from None


def _check(
    epoch: Epoch, weights: dict[str, np.ndarray], first: int, before: tuple[float, float] | None,
) -> tuple[float, float]:
    """Return the last loss and rate of an epoch, for the next one's `before`. Raises Diverged."""
    bad = np.flatnonzero(~np.isfinite(epoch.losses))
    if len(bad):
        update = int(bad[0])
        message = f"diverged: the loss of update {first + update} is {epoch.losses[update]}"
    elif not all(np.isfinite(weight).all() for weight in weights.values()):
        update = len(epoch.losses)
        message = "diverged: the weights are no numbers any more"
    else:
        return epoch.losses[-1], epoch.rates[-1]
    if update:
        before = epoch.losses[update - 1], epoch.rates[update - 1]
    if before:
        message += (f", after update {first + update - 1} at rate {before[1]:.6g}; "
                    f"the last finite loss was {before[0]:.3f}")
    raise Diverged(message)
