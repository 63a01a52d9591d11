"""Compares the time of an epoch with the usual loop, in turn, each in separate processes; --hourly: and runs an hour.

python -m tests.harness.training_benchmark

Exit codes: 0 good, 2 usage, 4 an epoch is not as many times faster as promised, 5 data missing.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from frameworks import FRAMEWORKS, backend, quiet
from frameworks.arguments import Parser, build_choice_type, framework, parse_count
from frameworks.memory import keep_freed_memory
from frameworks.schedule import InverseSquareRoot
from frameworks.weights import draw_first_weights
from reproduce.trainer.batches import draw_batches
from reproduce.trainer.command import report_errors
from reproduce.trainer.data import FILES, download, find_folder, load, read
from tests.harness import bare, usual
from tests.harness.promises import Promise, check
from tests.harness.throughput import measure_runs_an_hour

#: Floating-point operations of an epoch with its test pass: 2.264e6 for each training sample.
WORK = 144e9
#: The least factor by which an epoch is faster than the usual loop: 2.2, 2.7 and 1.5 were measured, on a machine whose
#: speed varies by a quarter from minute to minute.
LEAST = {"mxnet": 1.6, "torch": 2.0, "tensorflow": 1.1}
#: The side of the matrices whose product measures the peak.
SIDE = 2048


def main(arguments: list[str] | None = None) -> int:
    """Print a table, or the seconds of one loop as JSON; return the exit code."""
    parser = Parser(prog="tests.harness.training_benchmark",
                    description="Compare the time of an epoch with the usual loop, in turn.")
    parser.add_argument("--framework", type=framework, help="only this framework (default: all)")
    parser.add_argument("--rounds", type=parse_count, default=3, metavar="N",
                        help="measurements of each loop, in turn (default: 3)")
    parser.add_argument("--hourly", action="store_true",
                        help="also measure how many runs of 30 epochs an hour are made two at a time, each with one "
                             "thread; takes some minutes (default: no)")
    parser.add_argument("--loop", type=build_choice_type(("ours", "usual")), help="only this loop, once, as JSON")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the four files of Fashion-MNIST")
    parser.add_argument("--prepared", type=Path, help="(internal)")
    chosen = parser.parse_args(arguments)
    if chosen.loop and not chosen.framework:
        parser.error("--loop needs --framework")
    if chosen.loop == "usual" and not chosen.prepared:
        parser.error("--loop usual needs --prepared, a folder as tests/harness/usual.py describes it")
    return report_errors(lambda: _measure_one(chosen) if chosen.loop else _print_table(chosen))


def _measure_one(chosen: Namespace) -> int:
    quiet()
    json.dump(_measure_ours(chosen) if chosen.loop == "ours" else _measure_usual(chosen), sys.stdout)
    return 0


def _measure_usual(chosen: Namespace) -> dict[str, Any]:
    return {"seconds": min(list(getattr(usual, chosen.framework)(chosen.prepared, 3))[1:])}


def _measure_ours(chosen: Namespace) -> dict[str, Any]:
    """Return the shorter of two epochs, after one to warm up; and the same of the bare passes."""
    keep_freed_memory()
    ported, data = backend(chosen.framework), load(chosen.data_dir)
    device = ported.choose_device("cpu")
    net = ported.build_lenet(draw_first_weights(0), device)
    orders = [draw_batches(0, epoch, len(data.training[0])) for epoch in range(3)]
    epochs = ported.train(net, InverseSquareRoot(base_lr=usual.RATE), data.training, data.testing, orders, device)
    seconds = [_measure_seconds(lambda: next(epochs)) for _ in orders]
    passes = getattr(bare, chosen.framework)(net, *data.training)
    return {"seconds": min(seconds[1:]), "bare": min([_measure_seconds(passes) for _ in orders][1:])}


def _measure_seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _print_table(chosen: Namespace) -> int:
    frameworks = [chosen.framework] if chosen.framework else FRAMEWORKS
    peak = _measure_peak()
    print(f"{peak / 1e9:.0f} GFLOP/s: a float32 product of two {SIDE} x {SIDE} matrices, the best of 10\n")
    print("| epoch, also tested | usual loop, s | ours, s | times faster | promised | not the network's | of peak |")
    print("|---------------------|---------------|---------|--------------|----------|-------------------|---------|")
    promises = []
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), chosen.data_dir)
        for name in frameworks:
            rounds = [(_run(name, "usual", folder, chosen), _run(name, "ours", folder, chosen))
                      for _ in range(chosen.rounds)]
            theirs, ours = (statistics.median(run["seconds"] for run in loop) for loop in zip(*rounds, strict=True))
            rest = statistics.median(1 - other["bare"] / other["seconds"] for _, other in rounds)
            print(f"| {name:19} | {theirs:13.2f} | {ours:7.2f} | {theirs / ours:12.2f} | {LEAST[name]:8} | "
                  f"{rest:16.0%}  | {WORK / ours / peak:7.0%} |", flush=True)
            promises.append(Promise(f"times faster than the usual loop, {name}", theirs / ours, LEAST[name],
                                    at_least=True))
        if chosen.hourly:
            _print_runs_an_hour(frameworks, Path(folder), chosen.data_dir)
    return check(promises)


def _print_runs_an_hour(frameworks: Sequence[str], folder: Path, data: Path | None) -> None:
    """Print a table of runs. folder: of the usual loop's data. data: as --data-dir."""
    options = ["--offline", *([f"--data-dir={data.resolve()}"] if data else [])]
    print("\n| runs of 30 epochs an hour, two at a time | usual loop | ours | times as many |")
    print("|-----------------------------------------|------------|------|---------------|")
    for name in frameworks:
        theirs, ours = (measure_runs_an_hour(name, loop, folder, options) for loop in ("usual", "ours"))
        print(f"| {name:39} | {theirs:10.1f} | {ours:4.0f} | {ours / theirs:13.2f} |", flush=True)


def _run(name: str, loop: str, folder: str, chosen: Namespace) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.harness.training_benchmark", "--framework", name, "--loop", loop,
               "--prepared", folder]
    command += ["--data-dir", str(chosen.data_dir.resolve())] if chosen.data_dir else []
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[1:])}: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def prepare(folder: Path, data: Path | None) -> None:
    """Write the files where torchvision and Gluon expect them."""
    import gzip

    folder_of_data = data or find_folder() or download()
    (folder / "FashionMNIST" / "raw").mkdir(parents=True)
    (folder / "gluon").mkdir()
    for file in FILES:
        payload = file.header + read(file, folder_of_data).tobytes()
        (folder / "FashionMNIST" / "raw" / file.name).write_bytes(payload)
        with gzip.open(folder / "gluon" / f"{file.name}.gz", "wb", compresslevel=1) as stream:
            stream.write(payload)


def _measure_peak() -> float:
    """Return the floating-point operations per second of NumPy's matrix product, two per multiplication."""
    random = np.random.default_rng(0)
    left, right = (random.random((SIDE, SIDE), np.float32) for _ in range(2))
    return 2 * SIDE**3 / min(_measure_seconds(lambda: left @ right) for _ in range(10))


if __name__ == "__main__":
    sys.exit(main())
