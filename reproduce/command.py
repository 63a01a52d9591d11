"""The command line of every experiment.

Exit codes: 0 good, 1 unexpected, 2 usage (also a missing framework or device, an output folder that cannot be used), 3
diverged, 5 data missing or invalid, 130 interrupted after saving.
"""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS, FrameworkMissing, backend, quiet
from frameworks.arguments import Parser, count, device, framework, seed
from frameworks.epoch import DeviceMissing, Epoch
from frameworks.schedule import Hold, Schedule
from reproduce import record as records
from reproduce.data import Data, DataError, load
from reproduce.start import EPOCH, batches, first_weights


def main(experiment: str, per_epoch: Schedule, arguments: list[str] | None = None) -> int:
    """Train with a schedule whose clock ticks once an epoch, and return the exit code."""
    parser = Parser(prog=f"{experiment}.py", description=f"Train LeNet on Fashion-MNIST: {experiment}.",
                    epilog=__doc__.split("\n\n", 1)[1])
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    parser.add_argument("--epochs", type=count, default=30, metavar="N", help="30")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="decides weights and batches; 0")
    parser.add_argument("--device", type=device, default="auto", help="auto (a GPU if there is one), cpu or gpu")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the four files of Fashion-MNIST are")
    parser.add_argument("--out", type=Path, metavar="DIR", help="for record.json; runs/EXPERIMENT-FRAMEWORK-seedN")
    chosen = parser.parse_args(arguments)
    chosen.out = chosen.out or Path("runs") / f"{experiment}-{chosen.framework}-seed{chosen.seed}"
    try:
        return _run(experiment, Hold(updates=EPOCH, of=per_epoch), chosen)
    except (FrameworkMissing, DeviceMissing, OutputError) as error:
        return _said(error, 2)
    except ModuleNotFoundError as error:
        return _said(f"{error.name} is not installed; pip install -r requirements/base.txt", 2)
    except Diverged as error:
        return _said(error, 3)
    except DataError as error:
        return _said(error, 5)
    except KeyboardInterrupt:
        return _said("interrupted before the training began", 130)


class OutputError(RuntimeError):
    """An output folder that cannot be used."""


class Diverged(RuntimeError):
    """A loss that is no number any more."""


def _run(experiment: str, schedule: Schedule, chosen: Namespace) -> int:
    path = chosen.out / "record.json"
    _refuse_taken(path)
    quiet()
    ported = backend(chosen.framework)
    place = str(ported.chosen_device(chosen.device))
    data = load(chosen.data_dir)
    record = records.begun(experiment, schedule, chosen.framework, chosen.seed, chosen.epochs, place)
    try:
        _save(record, path)
        _train(ported, schedule, data, record, chosen, path)
    except KeyboardInterrupt:
        if record["epochs"]:
            return _said(f"interrupted; {len(record['epochs'])} finished epochs are in {path}", 130)
        path.unlink(missing_ok=True)
        return _said("interrupted before the first epoch was finished", 130)
    last = record["epochs"][-1]
    print(f"train loss {last['train_loss']:.3f}, train acc {last['train_accuracy']:.3f}, "
          f"test acc {last['test_accuracy']:.3f}")
    if record["dead"]:
        print(f"this run never learned: its loss stayed at ln 10 = {records.LN_10:.3f}, as happens now and then at "
              "such a rate; another --seed may", file=sys.stderr)
    return 0


def _train(
    ported: ModuleType, schedule: Schedule, data: Data, record: dict[str, Any], chosen: Namespace, path: Path,
) -> None:
    """Train, and save the record after each epoch."""
    from tqdm import tqdm

    orders = (batches(chosen.seed, epoch, len(data.training[0])) for epoch in range(chosen.epochs))
    begin = time.perf_counter()
    what = f"{record['experiment']} in {chosen.framework}"
    with tqdm(total=chosen.epochs * EPOCH, unit=" updates", desc=what) as bar:
        for epoch in ported.train(schedule, first_weights(chosen.seed), data.training, data.testing, orders,
                                  device=chosen.device, progress=bar.update):
            try:
                _check(epoch, len(record["epochs"]))
            except Diverged as error:
                record["diverged"] = str(error)
                _save(record, path)
                raise
            records.add(record, epoch, len(data.testing[0]), time.perf_counter() - begin)
            _save(record, path)
            begin = time.perf_counter()


def _refuse_taken(path: Path) -> None:
    try:
        taken = path.exists()
    except OSError as error:
        raise _unusable(path, error) from None
    if taken:
        raise OutputError(f"{path}: there is a run already; move it away, or choose another folder with --out")


def _save(record: dict[str, Any], path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        records.save(record, path)
    except OSError as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}")


def _check(epoch: Epoch, number: int) -> None:
    bad = np.flatnonzero(~np.isfinite(epoch.losses))
    if len(bad):
        update = int(bad[0])
        before = f"; the loss before was {epoch.losses[update - 1]:.3f}" if update else ""
        raise Diverged(f"diverged: the loss of update {number * EPOCH + update} is {epoch.losses[update]} "
                       f"at rate {epoch.rates[update]:.6g}{before}")


def _said(what: object, code: int) -> int:
    print(what, file=sys.stderr)
    return code
