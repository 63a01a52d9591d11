"""Sample LeNet's weights on Fashion-MNIST; compare averaged predictions with those of the last sample.

python -m reproduce.exercises.sgld.lenet --framework torch --seed 0
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import numpy as np

from frameworks import FRAMEWORKS, backend, quiet, version
from frameworks.arguments import Parser, device, framework, parse_epochs, parse_seed
from frameworks.schedule import PowerLaw
from frameworks.weights import SHAPES, draw_first_weights
from reproduce.exercises.sgld.calibration import PREDICTIONS, measure_samples
from reproduce.trainer.batches import draw_batches
from reproduce.trainer.command import EXIT_CODES, print_path, report_errors
from reproduce.trainer.data import Data, load
from reproduce.trainer.errors import DivergedError

#: The first rate as that of plain SGD on the mean loss, the factor from the first to the last rate, and the power.
RATE, FACTOR, POWER = 0.1, 10, 0.55
#: Updates between two samples: five in an epoch.
BETWEEN = 47


def build_schedule(images: int, updates: int) -> PowerLaw:
    """Return the rates of the sum over all images, which is that of the mean divided by half their number."""
    return PowerLaw(base_lr=2 * RATE / images, power=POWER, timescale=updates / (FACTOR ** (1 / POWER) - 1))


def sample(chosen: Namespace, data: Data, epochs: int, updates: int | None = None,
           ) -> tuple[PowerLaw, list[np.ndarray], list[float]]:
    """Return the schedule; of each sample the probabilities of the test images, and the rate of its last update.

    updates: of each epoch (default: all). Raises DivergedError.
    """
    quiet()
    ported = backend(chosen.framework)
    langevin, place = import_module(f"frameworks.{chosen.framework}.langevin"), ported.choose_device(chosen.device)
    images = len(data.training[0])
    batches = [batch for epoch in range(epochs) for batch in draw_batches(chosen.seed, epoch, images)[:updates]]
    schedule, net = build_schedule(images, len(batches)), ported.build_lenet(draw_first_weights(chosen.seed), place)

    def draw(first: int) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
        for update, batch in enumerate(batches[first:first + BETWEEN], first):
            random = np.random.default_rng((chosen.seed, 1, update))
            yield batch, [random.standard_normal(shape, np.float32) for shape in SHAPES.values()]

    samples, rates = [], []
    for _ in langevin.sample_lenet(net, schedule, data.training, map(draw, range(0, len(batches), BETWEEN)), place):
        samples.append(langevin.predict(net, data.testing[0], place))
        if not np.isfinite(samples[-1]).all():
            raise DivergedError(f"diverged: the probabilities of sample {len(samples)} are not finite")
        rates.append(schedule.lr(min(BETWEEN * len(samples), len(batches)) - 1))
    return schedule, samples, rates


def main(arguments: list[str] | None = None) -> int:
    """Sample with the given arguments, write the record, and return the exit code."""
    parser = Parser(prog="lenet", description="Sample the weights of LeNet by SGD with noise.", epilog=EXIT_CODES)
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    parser.add_argument("--epochs", type=parse_epochs, default=30, metavar="N", help="number of epochs (default: 30)")
    parser.add_argument("--seed", type=parse_seed, default=0, metavar="N", help="of weights and noise (default: 0)")
    parser.add_argument("--device", type=device, default="auto", help="auto, cpu or gpu (default: auto)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of Fashion-MNIST (default: usual ones)")
    parser.add_argument("--offline", action="store_true", help="download nothing, not even missing data")
    parser.add_argument("--out", type=Path, metavar="DIR", help="(default: runs/sgld-lenet-FRAMEWORK-seedN)")
    parser.add_argument("--dry-run", action="store_true", help="make one update, predict 1,000 test images")
    chosen = parser.parse_args(arguments)
    chosen.out = chosen.out or Path(
        "runs", f"sgld-lenet-{chosen.framework}-seed{chosen.seed}{'-dry-run' * chosen.dry_run}")
    return report_errors(lambda: _run(chosen))


def _run(chosen: Namespace) -> int:
    from reproduce.trainer.checkpoint import replace_whole
    from reproduce.trainer.folder import lock_run_folder

    data, epochs, updates = load(chosen.data_dir, offline=chosen.offline), chosen.epochs, None
    if chosen.dry_run:
        data, epochs, updates = Data(data.training, (data.testing[0][:1000], data.testing[1][:1000])), 1, 1
    with lock_run_folder(chosen):
        schedule, samples, rates = sample(chosen, data, epochs, updates)
        kept = len(samples) // 2
        measures = measure_samples(samples[kept:], rates[kept:], data.testing[1])
        record = {"framework": chosen.framework, "version": version(chosen.framework), "seed": chosen.seed,
                  "epochs": epochs, "dry_run": chosen.dry_run, "schedule": schedule.model_dump(),
                  "samples": len(samples), "averaged": len(samples) - kept, **measures}
        replace_whole(chosen.out / "record.json", f"{json.dumps(record, indent=1)}\n".encode())
    for key, name in PREDICTIONS.items():
        print(f"predictions {name}: {', '.join(f'{what} {value:.4f}' for what, value in measures[key].items())}")
    print_path("record", chosen.out / "record.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
