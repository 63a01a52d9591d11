"""Measures what a recording costs, in one framework: python -m tests.harness.record_cost --framework torch

Prints a line of JSON. `percent`: the CPU time that `record` with a file adds to an update of the chapter's LeNet, of a
batch of 256, on one thread: the median over updates with and without it, made in turn. For PyTorch also
`microseconds`, added to an update of a single weight, and `mebibytes`: how much the peak memory of the process grows
from 100,000 to 1,000,000 recorded updates.

Exit codes: 0 good, 2 usage.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from frameworks import backend, quiet
from frameworks.arguments import Parser, framework, run_main
from frameworks.chapter import BATCH
from frameworks.schedule import Cosine
from frameworks.weights import draw_first_weights
from parity.measuring.measure import disable_mxnet_threads

SCHEDULE = Cosine(base_lr=0.1, final_lr=0.001, updates=10_000)
#: Updates of LeNet and of a single weight that are timed together, and how often.
UPDATES, TINY_UPDATES, TIMES = 10, 2_000, 30
#: Recorded updates before the peak memory is read first and last.
FEW, MANY = 100_000, 1_000_000


def main() -> int:
    """Measure, and print the results."""
    parser = Parser(prog="python -m tests.harness.record_cost", description="Measure what a recording costs.")
    parser.add_argument("--framework", type=framework, required=True)
    chosen = parser.parse_args()
    quiet()
    os.environ |= {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    disable_mxnet_threads()
    ported, build = backend(chosen.framework), {"mxnet": _build_mxnet, "torch": _build_torch,
                                                "tensorflow": _build_tensorflow}[chosen.framework]
    costs = {}
    with tempfile.TemporaryDirectory() as folder:
        if chosen.framework == "torch":  # memory first: the peak is of all that the process has done
            costs["mebibytes"] = _measure_growth(ported, Path(folder) / "many.csv")
            bare, recorded = _measure_in_turn(ported, _build_tiny, Path(folder) / "tiny.csv", TINY_UPDATES)
            costs["microseconds"] = 1e6 * statistics.median(recorded - bare)
        bare, recorded = _measure_in_turn(ported, build, Path(folder) / "lenet.csv", UPDATES)
        costs["percent"] = 100 * statistics.median(recorded / bare - 1)
    print(json.dumps(costs))
    return 0


def _measure_in_turn(ported: Any, build: Callable[[Any], tuple[Any, Callable[[], object]]], file: Path,
                     updates: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the CPU seconds of updates without a recording, and of those made at the same time with one."""
    trainings = [build(ported) for _ in range(2)]
    times = np.empty((2, 1 + TIMES))
    with ported.record(trainings[1][0], file):
        for turn in range(1 + TIMES):
            for training in (0, 1) if turn % 2 else (1, 0):
                times[training, turn] = _time(trainings[training][1], updates)
    return times[0, 1:], times[1, 1:]  # without the first, in which graphs are traced


def _time(update: Callable[[], object], updates: int) -> float:
    begin = time.process_time()
    for _ in range(updates):
        update()
    return (time.process_time() - begin) / updates


def _measure_growth(ported: Any, file: Path | None) -> float:
    """Return how much the peak memory grows from FEW to MANY recorded updates, in MiB."""
    optimizer, update = _build_tiny(ported)
    peaks = []
    with ported.record(optimizer, file):
        for updates in (FEW, MANY - FEW):
            for _ in range(updates):
                update()
            peaks.append(_read_peak())
    return (peaks[1] - peaks[0]) / 1024


def _read_peak() -> int:
    """Return the peak memory of this process in KiB; that of getrusage may be of the process that started this one."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0])


def _draw_batch() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    return draw.random((BATCH, 1, 28, 28), np.float32), draw.integers(0, 10, BATCH)


def _build_torch(ported: Any) -> tuple[Any, Callable[[], object]]:
    import torch

    torch.set_num_threads(1)
    images, labels = map(torch.from_numpy, _draw_batch())
    net = ported.build_lenet(draw_first_weights(0), torch.device("cpu"))
    optimizer = torch.optim.SGD(net.parameters())
    scheduler = ported.build(SCHEDULE, optimizer)

    def update() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(images), labels).backward()
        optimizer.step()
        scheduler.step()

    return optimizer, update


def _build_tiny(_: Any) -> tuple[Any, Callable[[], object]]:
    import torch

    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.ones(1)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    return optimizer, optimizer.step


def _build_mxnet(ported: Any) -> tuple[Any, Callable[[], object]]:
    import mxnet as mx

    images, labels = map(mx.nd.array, _draw_batch())
    net, loss_of = ported.build_lenet(draw_first_weights(0), mx.cpu()), mx.gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": ported.build(SCHEDULE)})

    def update() -> None:
        with mx.autograd.record():
            loss = loss_of(net(images), labels)
        loss.backward()
        trainer.step(BATCH)

    return trainer, update


def _build_tensorflow(ported: Any) -> tuple[Any, Callable[[], object]]:
    import keras
    import tensorflow as tf

    images, labels = map(tf.constant, _draw_batch())
    images = tf.reshape(images, (BATCH, 28, 28, 1))
    net = ported.build_lenet(draw_first_weights(0), "/CPU:0")
    optimizer = keras.optimizers.SGD(ported.build(SCHEDULE))
    optimizer.build(net.trainable_variables)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def update() -> None:
        with tf.GradientTape() as tape:
            loss = loss_of(labels, net(images, training=True))
        optimizer.apply(tape.gradient(loss, net.trainable_variables), net.trainable_variables)

    return optimizer, update


if __name__ == "__main__":
    sys.exit(run_main(main))
