"""Runs a training on a few made-up images and reports each step, so that tests can interrupt it anywhere.

Only the images and the size of the batches differ from other runs; command, framework and files are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from frameworks.schedule import Cosine, Schedule
from reproduce.trainer import batches, checkpoint, command, experiment
from reproduce.trainer import run as running
from reproduce.trainer.data import Data
from reproduce.trainer.experiment import Experiment, build_printed
from reproduce.trainer.keeper import Keeper

#: Images per batch, updates per epoch.
BATCH, EPOCH = 8, 5
#: Has another rate in each epoch; in Gluon's book variant, at each update.
PER_EPOCH = Cosine(base_lr=0.1, final_lr=0.01, updates=40)
#: Called at each step, with its name and the number of updates made.
Watch = Callable[[str, int], object]


def draw_data(training: int = BATCH * EPOCH - 4, testing: int = 16) -> Data:
    """Return images of ten patterns with noise. training, testing: how many."""
    random = np.random.default_rng(0)
    patterns = random.random((10, 28, 28), np.float32)

    def some(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels = random.integers(0, 10, n)
        return (patterns[labels] + 0.1 * random.random((n, 28, 28), np.float32)).astype(np.float32), labels

    return Data(some(training), some(testing))


def rehearse(arguments: list[str], watch: Watch, data: Data | None = None, per_epoch: Schedule = PER_EPOCH) -> int:
    """Run the command on made-up images and return its exit code. Patches this process permanently.

    watch: called at each step. data: the images (default: made up). per_epoch: the schedule.
    """
    data = data or draw_data()
    running.load = lambda folder, offline: data
    batches.BATCH, experiment.EPOCH = BATCH, -(-len(data.training[0]) // BATCH)
    _watch_steps(watch)
    return command.main(Experiment("cosine", "nowhere", per_epoch, build_printed(per_epoch, 0.3)), arguments)


def _watch_steps(watch: Watch) -> None:
    """Patch the trainer so that each step calls `watch`.

    "made" and "kept": before and after the work that follows an update. "tested": after a test batch. "ended": after an
    epoch with its evaluation. "saving", "writing", "saved": around a checkpoint and each of its files.
    """
    now = [0]

    def step(name: str, function: Callable[..., Any], after: str | None = None) -> Callable[..., Any]:
        @wraps(function)
        def call(*arguments: Any) -> Any:
            if isinstance(arguments[0], Keeper):
                now[0] = arguments[0].update + (name == "made")
            watch(name, now[0])
            result = function(*arguments)
            if after:
                watch(after, now[0])
            return result

        return call

    Keeper.count_update = step("made", Keeper.count_update, "kept")
    Keeper.pause = step("tested", Keeper.pause)
    Keeper.finish_epoch = step("ended", Keeper.finish_epoch)
    checkpoint.save = step("saving", checkpoint.save, "saved")
    checkpoint.replace_whole = step("writing", checkpoint.replace_whole)
