"""Repeats a training in several processes and compares the bits: python -m tests.harness.twice

Prints a line of JSON: by framework and threads, how many different weights resulted. Exit codes: 0 the same everywhere,
1 different, 2 usage.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from frameworks import FRAMEWORKS, backend, quiet, version
from frameworks.arguments import Parser, framework, parse_count
from frameworks.chapter import BATCH
from frameworks.schedule import Cosine
from frameworks.weights import compute_digest, draw_first_weights
from reproduce.trainer.batches import draw_batches
from reproduce.trainer.command import report_errors
from tests.harness.rehearsal import draw_data

#: Updates per epoch, epochs.
EPOCH, EPOCHS = 8, 2
THREADS = (1, 2)


def main(arguments: list[str] | None = None) -> int:
    """Compare several processes, or train once; return the exit code."""
    parser = Parser(prog="tests.harness.twice",
                    description="Repeat a training in several processes, and compare the bits.")
    parser.add_argument("--framework", type=framework, help="only this framework (default: all)")
    parser.add_argument("--processes", type=parse_count, default=2, metavar="N",
                        help="processes to compare (default: 2)")
    parser.add_argument("--once", type=parse_count, metavar="THREADS",
                        help="train in this process with THREADS threads")
    parser.add_argument("--seed-of-weights", type=parse_count, default=1, metavar="N",
                        help="seed of the initial weights (default: 1)")
    chosen = parser.parse_args(arguments)
    if chosen.once and not chosen.framework:
        parser.error("--once needs --framework")
    return report_errors(lambda: _train_once(chosen) if chosen.once else _compare(chosen))


def _train_once(chosen: Namespace) -> int:
    """Train once and print the digests. TensorFlow has one thread per processor, the others OMP_NUM_THREADS."""
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, processors[:chosen.once])
    os.environ["OMP_NUM_THREADS"] = str(min(chosen.once, len(processors)))
    quiet()
    ported, data = backend(chosen.framework), draw_data(EPOCH * BATCH, 1000)
    device = ported.choose_device("cpu")
    net = ported.build_lenet(draw_first_weights(chosen.seed_of_weights), device)
    orders = [draw_batches(0, epoch, len(data.training[0])) for epoch in range(EPOCHS)]
    schedule = Cosine(base_lr=0.1, final_lr=0.01, updates=EPOCH * EPOCHS)
    losses = [epoch.losses for epoch in ported.train(net, schedule, data.training, data.testing, orders, device)]
    print(json.dumps({"weights": compute_digest(ported.read_weights(net).values()), "losses": compute_digest(losses),
                      "version": version(chosen.framework), "processors": len(os.sched_getaffinity(0))}))
    return 0


def _compare(chosen: Namespace) -> int:
    begin, results = time.monotonic(), []
    for name in [chosen.framework] if chosen.framework else FRAMEWORKS:
        for threads in THREADS:
            runs = [_run(name, threads) for _ in range(chosen.processes)]
            results.append({"framework": name, "version": runs[0]["version"], "threads": runs[0]["processors"],
                          "processes": len(runs), "different_weights": len({run["weights"] for run in runs}),
                          "different_losses": len({run["losses"] for run in runs})})
    given = f" --framework {chosen.framework}" if chosen.framework else ""
    print(json.dumps({"command": f"python -m tests.harness.twice{given} --processes {chosen.processes}",
                      "updates": EPOCH * EPOCHS, "found": results, "seconds": round(time.monotonic() - begin, 1)}))
    return 0 if all(result["different_weights"] == result["different_losses"] == 1 for result in results) else 1


def _run(name: str, threads: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.harness.twice", "--framework", name, "--once", str(threads)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[1:])}: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())
