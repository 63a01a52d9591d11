"""Times whole epochs on the device, without waiting within one, beside the usual loop; checks their applied rates."""

from __future__ import annotations

import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from frameworks import backend
from frameworks.chapter import BATCH
from frameworks.epoch import Epoch
from frameworks.schedule import Cosine, Schedule, Warmup
from frameworks.weights import draw_first_weights
from reproduce.trainer.batches import draw_batches
from reproduce.trainer.data import load
from tests.harness import usual
from tests.harness.gpu.place import Check, Place, Result
from tests.harness.training_benchmark import prepare

#: Its rate changes at every update of the first epochs.
SCHEDULE = Warmup(updates=100, then=Cosine(base_lr=0.3, final_lr=0.01, updates=1000))
#: The images and epochs of a rehearsal; epochs on a GPU. The first of them compiles and is not timed.
FEW_IMAGES, FEW_EPOCHS, EPOCHS = 3 * BATCH + 96, 2, 4


def list_checks(place: Place) -> Iterator[tuple[str, Check]]:
    """Yield the usual loop, this project's loop, and that without waiting."""
    ported: Any = backend(place.framework)
    device = ported.choose_device(place.device)
    resident = import_module(f"tests.harness.gpu.{place.framework}_epochs")
    read = cache(partial(_read, place))
    done: dict[str, float] = {}

    def compare(name: str, train: Callable[..., Iterator[Epoch]], until: float) -> Result:
        result = time_epochs(ported, train, device, read(), FEW_EPOCHS if place.rehearse else EPOCHS)
        done[name] = result["seconds_an_epoch"]
        if "usual loop" in done:
            result["times_faster"] = round(done["usual loop"] / done[name], 2)
        return result

    def time_usual(until: float) -> Result:
        with tempfile.TemporaryDirectory() as folder:
            prepare(Path(folder), place.data_dir)
            most = FEW_IMAGES if place.rehearse else None
            done["usual loop"] = min(list(getattr(usual, place.framework)(Path(folder), 2, device, most))[1:])
        return {"passed": None, "seconds_an_epoch": round(done["usual loop"], 4)}

    yield "usual loop", time_usual
    yield "this project's loop", partial(compare, "this project's loop", ported.train)
    yield "resident loop", partial(compare, "resident loop", resident.train)
    if place.framework == "tensorflow" and not place.rehearse:  # on a CPU, XLA takes long to compile convolutions
        yield "resident loop, XLA", partial(compare, "resident loop, XLA", partial(resident.train, jit=True))
    if place.framework == "torch":
        from tests.harness.gpu.torch_graph import measure_kept_memory

        yield "memory freed", lambda until: {"passed": not (kept := measure_kept_memory(device)), "kept_bytes": kept}


def _read(place: Place) -> Namespace:
    """Return training and test data; in a rehearsal few images."""
    data = load(place.data_dir, offline=True)
    most = FEW_IMAGES if place.rehearse else None
    return Namespace(training=tuple(part[:most] for part in data.training),
                     testing=tuple(part[:most] for part in data.testing))


def time_epochs(ported: Any, train: Callable[..., Iterator[Epoch]], device: Any, data: Any, number: int) -> Result:
    """Train some epochs; return the seconds of the shortest after the first, and whether all rates are specified."""
    net = ported.build_lenet(draw_first_weights(0), device)
    orders = [draw_batches(0, epoch, len(data.training[0])) for epoch in range(number)]
    trained, epochs, seconds = train(net, SCHEDULE, data.training, data.testing, orders, device), [], []
    for _ in orders:
        begin = time.perf_counter()
        epochs.append(next(trained))
        seconds.append(time.perf_counter() - begin)
    trained.close()  # it holds the data on the device
    what = find_wrong_rate(epochs, SCHEDULE)
    return {"passed": what is None and bool(np.isfinite(epochs[-1].losses).all()), "updates": sum(
        len(epoch.rates) for epoch in epochs), "seconds_an_epoch": round(min(seconds[1:]), 4),
        "seconds_of_the_first": round(seconds[0], 2), "train_loss": round(epochs[-1].train_loss, 4),
        "test_accuracy": round(epochs[-1].test_correct / len(data.testing[0]), 4), **({"first": what} if what else {})}


def find_wrong_rate(epochs: list[Epoch], schedule: Schedule) -> str | None:
    """Return the first update of some epochs whose rate is not the specified one, bit for bit; None if all are."""
    rates = np.concatenate([epoch.rates for epoch in epochs])
    for update, rate in enumerate(rates):
        if np.float64(np.float32(schedule.lr(update))) != rate:
            return f"update {update}: applied {rate!r}, specified {np.float32(schedule.lr(update))!r}"
    return None
