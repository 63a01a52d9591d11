"""What checkpoints cost: an epoch with them against one without, in turn, in one process. python -m tests.harness.cost

Prints a line of JSON. An epoch with them is as reproduce/trainer/run.py trains it: it looks at each loss, listens for
signals after each update and test batch, and saves a checkpoint and the record in the end. Its `share` is the time that
these calls took, of the whole epoch; `ratio` compares whole epochs, the median of pairs, and has the machine's noise in
it.
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
from frameworks.arguments import Parser, count, framework
from frameworks.memory import keep_freed_memory
from frameworks.schedule import Constant
from frameworks.weights import first_weights
from reproduce.trainer import record as records
from reproduce.trainer.batches import batches
from reproduce.trainer.command import answered
from reproduce.trainer.data import load
from reproduce.trainer.keeper import Keeper
from reproduce.trainer.stopping import Stopping
from tests.harness.promises import Promise, check

RATE = Constant(base_lr=0.1)
MOST = 0.02


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = Parser(prog="tests.harness.cost",
                    description="Time an epoch with checkpoints against one without, in turn, in one process.")
    parser.add_argument("--framework", type=framework, required=True)
    parser.add_argument("--pairs", type=count, default=3, metavar="N", help="3; of epochs, after one to warm up")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the four files of Fashion-MNIST are")
    chosen = parser.parse_args(arguments)
    return answered(lambda: _measured(chosen))


class _Timed:
    """Calls, and the seconds that they took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*arguments)
            finally:
                self.seconds += time.perf_counter() - begin

        return timed


def _measured(chosen: Namespace) -> int:
    quiet()
    keep_freed_memory()
    ported, data = backend(chosen.framework), load(chosen.data_dir)
    place, epochs = ported.chosen_device("cpu"), chosen.pairs + 1
    orders = [batches(0, epoch, len(data.training[0])) for epoch in range(epochs)]
    nets = [ported.lenet(first_weights(0), place) for _ in range(2)]
    timed = _Timed()
    with tempfile.TemporaryDirectory() as folder, Stopping() as stopping:
        record = records.begun("cost", "described", chosen.framework, 0, epochs, RATE, str(place), first_weights(0))
        keeper = Keeper(ported, nets[1], record, Namespace(out=Path(folder), checkpoint_every=None), stopping, None)
        # the loss of the update before is waited for also without checkpoints, on a CPU by the next update
        plain = ported.train(nets[0], RATE, data.training, data.testing, orders, place,
                             progress=lambda loss, *others: loss())
        kept = ported.train(nets[1], RATE, data.training, data.testing, orders, place,
                            progress=lambda loss, *others: (loss(), timed(keeper.progress)(loss, *others)),
                            pause=timed(keeper.pause))
        pairs, shares = [], []
        for order in orders:
            begin = time.perf_counter()
            next(plain)
            middle, timed.seconds = time.perf_counter(), 0.0
            timed(keeper.finished)(next(kept), order, len(data.testing[0]))
            end = time.perf_counter()
            pairs.append((end - middle) / (middle - begin))
            shares.append(timed.seconds / (end - middle))
    share, ratio = statistics.median(shares[1:]), statistics.median(pairs[1:])
    print(json.dumps({"command": f"python -m tests.harness.cost --framework {chosen.framework} --pairs {chosen.pairs}",
                      "framework": chosen.framework, "versions": {chosen.framework: version(chosen.framework)},
                      "share": round(share, 5),
                      "shares": [round(one, 5) for one in shares[1:]], "ratio": round(ratio, 4),
                      "ratios": [round(one, 4) for one in pairs[1:]]}))
    return check([Promise(f"what checkpoints take of an epoch, {chosen.framework}", 100 * share, 100 * MOST, " %")])


if __name__ == "__main__":
    sys.exit(main())
