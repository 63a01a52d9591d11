"""Sample LeNet's weights on Fashion-MNIST; compare averaged predictions with those of the last sample.

python -m reproduce.exercises.sgld.lenet --framework torch --seed 0
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path

from frameworks import FRAMEWORKS, version
from frameworks.arguments import Parser, device, framework, parse_epochs, parse_seed
from reproduce.exercises.sgld import chain
from reproduce.exercises.sgld.calibration import PREDICTIONS, measure_samples
from reproduce.trainer.command import EXIT_CODES, print_path, report_errors
from reproduce.trainer.data import Data, load


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
        schedule, count, samples = chain.sample(chosen, data, epochs, updates)
        measures = measure_samples(samples, count // 2, data.testing[1])
        record = {"framework": chosen.framework, "version": version(chosen.framework), "seed": chosen.seed,
                  "epochs": epochs, "dry_run": chosen.dry_run, "schedule": schedule.model_dump(),
                  "samples": count, "averaged": count - count // 2, **measures}
        replace_whole(chosen.out / "record.json", f"{json.dumps(record, indent=1)}\n".encode())
    for key, name in PREDICTIONS.items():
        print(f"predictions {name}: {', '.join(f'{what} {value:.4f}' for what, value in measures[key].items())}")
    print_path("record", chosen.out / "record.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
