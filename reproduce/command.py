"""The command line of every experiment.

Exit codes: 0 good, 1 unexpected, 2 usage (a missing framework or device, a taken output folder), 3 diverged, 5 data
missing or invalid, 130 interrupted after saving.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

from frameworks import FRAMEWORKS, FrameworkMissing, backend, quiet
from frameworks.arguments import Parser, count, framework, seed
from frameworks.epoch import DeviceMissing, Epoch
from frameworks.schedule import Hold, Schedule
from reproduce import record as records
from reproduce.data import DataError, load
from reproduce.start import EPOCH, batches, first_weights


def main(experiment: str, per_epoch: Schedule, arguments: list[str] | None = None) -> int:
    """Train with a schedule whose clock ticks once an epoch, and return the exit code."""
    parser = Parser(prog=f"{experiment}.py", description=f"Train LeNet on Fashion-MNIST: {experiment}.",
                    epilog=__doc__.split("\n\n", 1)[1])
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    parser.add_argument("--epochs", type=count, default=30, metavar="N", help="30")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="decides weights and batches; 0")
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="auto: a GPU if there is one")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the four files of Fashion-MNIST are")
    parser.add_argument("--out", type=Path, metavar="DIR", help="for record.json; runs/EXPERIMENT-FRAMEWORK-seedN")
    chosen = parser.parse_args(arguments)
    out = chosen.out or Path("runs") / f"{experiment}-{chosen.framework}-seed{chosen.seed}"
    try:
        return _run(experiment, Hold(updates=EPOCH, of=per_epoch), chosen, out)
    except (FrameworkMissing, DeviceMissing, OutputTaken) as error:
        return _said(error, 2)
    except Diverged as error:
        return _said(error, 3)
    except DataError as error:
        return _said(error, 5)
    except KeyboardInterrupt:
        return _said(f"interrupted; the epochs that were finished are in {out / 'record.json'}", 130)


class OutputTaken(RuntimeError):
    """An output folder that cannot be used."""


class Diverged(RuntimeError):
    """A loss that is no number any more."""


def _run(experiment: str, schedule: Schedule, chosen, out: Path) -> int:
    path = _output(out)
    quiet()
    ported = backend(chosen.framework)
    data = load(chosen.data_dir)
    images = len(data.training[0])
    record = records.begun(experiment, schedule, chosen.framework, chosen.seed, chosen.epochs, chosen.device)
    orders = (batches(chosen.seed, epoch, images) for epoch in range(chosen.epochs))
    begin = time.perf_counter()
    with tqdm(total=chosen.epochs * EPOCH, unit=" updates", desc=f"{experiment} in {chosen.framework}") as bar:
        for epoch in ported.train(schedule, first_weights(chosen.seed), data.training, data.testing, orders,
                                  device=chosen.device, progress=bar.update):
            _check(epoch, len(record["epochs"]))
            records.add(record, epoch, len(data.testing[0]), time.perf_counter() - begin)
            records.save(record, path)
            begin = time.perf_counter()
    last = record["epochs"][-1]
    print(f"train loss {last['train_loss']:.3f}, train acc {last['train_accuracy']:.3f}, "
          f"test acc {last['test_accuracy']:.3f}")
    if record["dead"]:
        print(f"this run never learned: its loss stayed at ln 10 = {records.LN_10:.3f}, as happens now and then at "
              "such a rate; another --seed may", file=sys.stderr)
    return 0


def _output(out: Path) -> Path:
    """Make the output folder, before anything that takes long, and return the record's path."""
    path = out / "record.json"
    if path.exists():
        raise OutputTaken(f"{path}: there is a run already; move it away, or choose another folder with --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".tmp").touch()
        path.with_suffix(".tmp").unlink()
    except OSError as error:
        raise OutputTaken(f"{out}: cannot be written to: {(error.strerror or str(error)).lower()}") from None
    return path


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
