"""Compares one of many batched runs with the same run alone, and measures how many runs an hour one device makes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from frameworks import backend
from frameworks.chapter import BATCH, EPOCH
from frameworks.weights import draw_first_weights
from parity.gate.training import compare
from parity.gate.training.compare import compute_distance, find_first_difference
from parity.gate.training.passes import build_schedules
from parity.gate.training.sample import sample
from reproduce.trainer.batches import draw_batches
from tests.harness.gpu.place import Check, Place, Result
from tests.harness.gpu.torch_batched import Batched
from tests.harness.gpu.torch_graph import measure_kept_memory

#: The images of a batch of the comparison, and how many batches.
SMALL, UPDATES = 8, 8
#: Runs at once whose speed is measured; the updates that are timed; and those of a rehearsal.
RUNS, TIMED, FEW_RUNS, FEW_TIMED = (32, 128, 256), 40, (2,), 1
#: The epochs of a run of the chapter, for runs an hour.
EPOCHS = 30


def list_checks(place: Place) -> Iterator[tuple[str, Check]]:
    """Yield the comparison with single runs, and the speed for some numbers of runs."""
    device = backend("torch").choose_device(place.device)
    yield "each of 4 runs is the same run alone, float64", partial(_compare, device)
    for runs in FEW_RUNS if place.rehearse else RUNS:
        updates = FEW_TIMED if place.rehearse else TIMED
        yield f"speed of {runs} runs at once", partial(time_if_it_fits, device, runs, updates)
    yield "memory freed", lambda until: {"passed": not (kept := measure_kept_memory(device)), "kept_bytes": kept}


def _compare(device: torch.device, until: float) -> Result:
    """Train four runs at once, of two schedules and four seeds, and each alone with the back end's loop."""
    ported, data = backend("torch"), sample("float64")
    schedules = [build_schedules()[name] for name in ("warmup", "square_root") * 2]
    weights = [{name: weight.astype(np.float64) for name, weight in draw_first_weights(seed).items()}
               for seed in range(len(schedules))]
    orders = [np.concatenate(draw_batches(seed, 0, len(data[1])))[:SMALL * UPDATES] for seed in range(len(schedules))]
    batched = Batched(weights, schedules, data, device)
    (together,) = batched.train([np.stack(orders)], SMALL)
    losses_apart, weights_apart, wrong = 0.0, 0.0, []
    for run, (first, schedule, order) in enumerate(zip(weights, schedules, orders)):
        net = ported.build_lenet(first, device)
        batches = np.split(order, UPDATES)
        (alone,) = ported.train(net, schedule, data, tuple(part[:1] for part in data), [batches], device)
        mine, single = together.losses[:, run].tolist(), alone.losses.tolist()
        losses_apart = max(losses_apart, *(abs(a - b) / a for a, b in zip(single, mine, strict=True)))
        weights_apart = max(weights_apart, *map(
            compute_distance, ported.read_weights(net).values(), batched.read_weights(run)))
        if find_first_difference(single, mine) is not None or not np.array_equal(alone.rates, together.rates[:, run]):
            wrong.append(run)
    return {"passed": not wrong and weights_apart <= compare.WEIGHTS, "updates": UPDATES, "losses_apart": losses_apart,
            "weights_apart": weights_apart, "wrong_runs": wrong}


def time_if_it_fits(device: torch.device, runs: int, updates: int, until: float) -> Result:
    """Return the result of `_time`; on a card with too little memory for the runs, that it has too little."""
    try:
        return _time(device, runs, updates, until)
    except torch.cuda.OutOfMemoryError:
        return {"passed": None, "why": f"the card has too little memory for {runs} runs at once"}


def _time(device: torch.device, runs: int, updates: int, until: float) -> Result:
    """Return the seconds of an update of some runs at once, and how many runs of 30 epochs an hour that would be.

    Random images take as long as others. The evaluation on the test images is not in the time.
    """
    random = np.random.default_rng(0)
    images = random.random((2 * BATCH, 28, 28), np.float32), random.integers(0, 10, 2 * BATCH)
    weights = [draw_first_weights(seed) for seed in range(runs)]
    names = list(build_schedules())
    schedules = [build_schedules()[names[run % len(names)]] for run in range(runs)]
    batched = Batched(weights, schedules, images, device)
    order = np.stack([random.integers(0, 2 * BATCH, updates * BATCH) for _ in range(runs)])
    trained, taken = batched.train([order, order], BATCH), []
    for _ in range(2):  # the first one captures the graph; each ends with its results on the host
        begin = time.perf_counter()
        next(trained)
        taken.append(time.perf_counter() - begin)
    trained.close()
    first, seconds = taken[0], taken[1] / updates
    most = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0
    return {"passed": None, "seconds_an_update": round(seconds, 5), "seconds_of_the_first": round(first, 2),
            "runs_an_hour": round(3600 / (seconds * EPOCHS * EPOCH) * runs, 1), "largest_memory_MiB": most >> 20}
