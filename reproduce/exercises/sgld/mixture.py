"""Sample from the posterior of a mixture of two Gaussians, and compare the samples with it.

python -m reproduce.exercises.sgld.mixture --framework torch
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from io import BytesIO
from pathlib import Path

import numpy as np

from frameworks import FRAMEWORKS
from frameworks.arguments import Parser, framework, parse_epochs, parse_seed
from reproduce.exercises.sgld import posterior
from reproduce.trainer.command import EXIT_CODES, print_path, report_errors

#: The most samples of a run, which are kept in memory.
MOST = 10**7


def main(arguments: list[str] | None = None) -> int:
    """Sample with the given arguments; write record, samples and figure; return the exit code."""
    parser = Parser(prog="mixture", description="Sample from a mixture's posterior by noisy SGD.", epilog=EXIT_CODES)
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    parser.add_argument("--chains", type=parse_epochs, default=32, metavar="N", help="independent chains (default: 32)")
    parser.add_argument("--sweeps", type=parse_epochs, default=posterior.SWEEPS, metavar="N",
                        help="sweeps of 100 updates, at most the paper's 10000 (default: 10000)")
    parser.add_argument("--seed", type=parse_seed, default=0, metavar="N", help="of data and noise (default: 0)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="(default: runs/sgld-mixture-FRAMEWORK-seedN)")
    parser.add_argument("--dry-run", action="store_true", help="make one sweep")
    chosen = parser.parse_args(arguments)
    chosen.sweeps = 1 if chosen.dry_run else chosen.sweeps
    chosen.out = chosen.out or Path(
        "runs", f"sgld-mixture-{chosen.framework}-seed{chosen.seed}{'-dry-run' * chosen.dry_run}")
    if chosen.chains * chosen.sweeps > MOST:
        parser.error(f"argument --chains: times --sweeps must be at most {MOST}, got {chosen.chains * chosen.sweeps}")
    return report_errors(lambda: _run(chosen))


def _run(chosen: Namespace) -> int:
    from reproduce.exercises.sgld import figures, measured
    from reproduce.trainer.checkpoint import replace_whole
    from reproduce.trainer.folder import lock_run_folder

    with lock_run_folder(chosen):
        samples = measured.sample(chosen.framework, posterior.SCHEDULE, chosen.seed, chosen.chains, chosen.sweeps)
        record = measured.build_record(chosen, samples, posterior.SCHEDULE)
        np.lib.format.write_array(content := BytesIO(), samples, allow_pickle=False)
        replace_whole(chosen.out / "samples.npy", content.getvalue())
        replace_whole(chosen.out / "record.json", f"{json.dumps(record, indent=1)}\n".encode())
        replace_whole(chosen.out / "figure.svg", figures.draw_mixture(samples, chosen.seed).encode())
    print(f"distance from the posterior {record['distances'][-1]['together']:.3f}")
    print_path("record", chosen.out / "record.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
