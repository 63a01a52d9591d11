"""Measures what checkpoints cost: epochs with and without them, in turn, in one process. python -m tests.harness.cost

Prints a line of JSON. An epoch with checkpoints is that of reproduce/trainer/run.py: it checks each loss, handles
signals after each update and test batch, and saves a checkpoint and the record at its end. `share`: the part of the
epoch that these calls take. `ratio`: the median over pairs of whole epochs, which includes the machine's noise.

Exit codes: 0 good, 2 usage, 4 the share is more than 2 %, 5 data missing.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from frameworks import backend, quiet, version
from frameworks.arguments import Parser, framework, parse_count
from frameworks.memory import keep_freed_memory
from frameworks.schedule import Constant
from frameworks.weights import draw_first_weights
from reproduce.trainer import record as records
from reproduce.trainer.batches import draw_batches
from reproduce.trainer.command import report_errors
from reproduce.trainer.data import load
from reproduce.trainer.keeper import Keeper
from reproduce.trainer.stopping import Stopping
from tests.harness.promises import Promise, check

RATE = Constant(base_lr=0.1)
#: The largest share that is accepted.
MOST = 0.02


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the results, and return the exit code."""
    parser = Parser(prog="tests.harness.cost",
                    description="Time an epoch with checkpoints against one without, in turn, in one process.")
    parser.add_argument("--framework", type=framework, required=True)
    parser.add_argument("--pairs", type=parse_count, default=3, metavar="N",
                        help="pairs of epochs, after one to warm up (default: 3)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the four files of Fashion-MNIST")
    chosen = parser.parse_args(arguments)
    return report_errors(lambda: _measure(chosen))


class _Timed:
    """Wraps functions and adds up the seconds of their calls."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*arguments)
            finally:
                self.seconds += time.perf_counter() - begin

        return call


def _measure(chosen: Namespace) -> int:
    quiet()
    keep_freed_memory()
    ported, data = backend(chosen.framework), load(chosen.data_dir)
    device, epochs = ported.choose_device("cpu"), chosen.pairs + 1
    orders = [draw_batches(0, epoch, len(data.training[0])) for epoch in range(epochs)]
    nets = [ported.build_lenet(draw_first_weights(0), device) for _ in range(2)]
    timed = _Timed()
    with tempfile.TemporaryDirectory() as folder, Stopping() as stopping:
        record = records.build_record("cost", "described", chosen.framework, 0, epochs, RATE, str(device),
                                      draw_first_weights(0))
        keeper = Keeper(ported, nets[1], record, Namespace(out=Path(folder), checkpoint_every=None), stopping, None)
        # without checkpoints the training also waits for the loss of the update before, on a CPU at the next update
        plain = ported.train(nets[0], RATE, data.training, data.testing, orders, device,
                             progress=lambda loss, *others: loss())
        kept = ported.train(nets[1], RATE, data.training, data.testing, orders, device,
                            progress=lambda loss, *others: (loss(), timed(keeper.count_update)(loss, *others)),
                            pause=timed(keeper.pause))
        pairs, shares = [], []
        for order in orders:
            begin = time.perf_counter()
            next(plain)
            middle, timed.seconds = time.perf_counter(), 0.0
            timed(keeper.finish_epoch)(next(kept), order, len(data.testing[0]))
            end = time.perf_counter()
            pairs.append((end - middle) / (middle - begin))
            shares.append(timed.seconds / (end - middle))
    share, ratio = statistics.median(shares[1:]), statistics.median(pairs[1:])
    print(json.dumps({"command": f"python -m tests.harness.cost --framework {chosen.framework} --pairs {chosen.pairs}",
                      "framework": chosen.framework, "versions": {chosen.framework: version(chosen.framework)},
                      "share": round(share, 5),
                      "shares": [round(value, 5) for value in shares[1:]], "ratio": round(ratio, 4),
                      "ratios": [round(value, 4) for value in pairs[1:]]}))
    return check([Promise(f"what checkpoints take of an epoch, {chosen.framework}", 100 * share, 100 * MOST, " %")])


if __name__ == "__main__":
    sys.exit(main())
