"""After each update: counts it, checks that the loss is finite, saves a checkpoint, stops if requested."""

from __future__ import annotations

import math
import time
from argparse import Namespace
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from frameworks.epoch import NOTHING, Epoch
from reproduce.trainer import checkpoint
from reproduce.trainer import record as records
from reproduce.trainer.checkpoint import Checkpoint, replace_whole
from reproduce.trainer.errors import DivergedError
from reproduce.trainer.stopping import Stopping

Weights = dict[str, np.ndarray]


class Keeper:
    """Keeps a run's record and checkpoints; the training loop calls `count_update` and `pause`.

    ported: the framework's back end. net: its network. record: the run's record so far, which is changed.
    chosen: the options. stopping: whether a signal requested a stop. start: the checkpoint to continue from, or None.
    """

    def __init__(self, ported: ModuleType, net: Any, record: dict[str, Any], chosen: Namespace, stopping: Stopping,
                 start: Checkpoint | None) -> None:
        self.ported, self.net, self.record, self.chosen, self.stopping = ported, net, record, chosen, stopping
        self.earlier = start.epoch if start else NOTHING
        self.update = start.update if start else 0
        self._epoch_begin = self.update - len(self.earlier.losses)
        self._seconds = start.seconds if start else 0.0
        self._begin = time.perf_counter()
        self._part: Callable[[], Epoch] = lambda: NOTHING
        self._unseen: tuple[Any, Any] | None = None
        self._looked_at = self.update
        self._last: tuple[int, float, float] | None = None
        if len(self.earlier.losses):
            self._last = self.update - 1, float(self.earlier.losses[-1]), float(self.earlier.rates[-1])

    def count_update(self, loss: Callable[[], float], rate: Any, part: Callable[[], Epoch]) -> None:
        """Count an update; check the loss of the one before, which a GPU has computed by now.

        Raises DivergedError and StoppedError.
        loss: returns the loss of this update. rate: applied at it. part: returns the epoch as this loop has made it.
        """
        self._part = part
        self.look()
        self._unseen, self._looked_at = (loss, rate), self.update
        self.update += 1
        if (self.update - self._epoch_begin) % records.POINTS == 0:
            self.look()
            records.add_point(self.record, self.update - 1, self.build_partial_epoch())
        self._stop_on_signal()
        every = self.chosen.checkpoint_every
        if every and self.update % every == 0:
            self.look()
            self._save(self.build_partial_epoch())

    def pause(self) -> None:
        """Save and stop if requested; called between two test batches. Raises DivergedError and StoppedError."""
        self._stop_on_signal()

    def _stop_on_signal(self) -> None:
        if self.stopping.asked is not None:
            self.look()
            self._save(self.build_partial_epoch())
            self.stopping.stop_if_requested()

    def build_partial_epoch(self) -> Epoch:
        """Return the unfinished epoch, with its part before the last start."""
        return self._part().prepend(self.earlier)

    def look(self) -> None:
        """Check that the last loss and rate are finite. Raises DivergedError after saving the record."""
        if self._unseen is None:
            return
        (fetch, rate), self._unseen = self._unseen, None
        loss, rate = float(fetch()), float(rate)
        if not (math.isfinite(loss) and math.isfinite(rate)):
            what, value = ("rate", rate) if math.isfinite(loss) else ("loss", loss)
            self._raise_divergence(f"the {what} of update {self._looked_at} is {value}")
        self._last = self._looked_at, loss, rate

    def finish_epoch(self, epoch: Epoch, order: list[np.ndarray], test_images: int,
                     results: Callable[[Weights], dict[str, dict[str, float]]] = lambda weights: {}) -> Epoch:
        """Add an epoch to the record, save record and checkpoint, and return the whole epoch. Raises Diverged.

        order: the images of each batch. test_images: their number. results: called with the weights if they are finite;
        returns the results that `record.add` adds (default: none).
        """
        self.look()
        weights = self.ported.read_weights(self.net)
        if not all(np.isfinite(weight).all() for weight in weights.values()):
            self._raise_divergence("the weights are not finite any more")
        whole, sets = epoch.prepend(self.earlier), results(weights)
        losses = [whole.test_loss, *(result[name] for result in sets.values() for name in ("train_loss", "test_loss"))]
        if not all(map(math.isfinite, losses)):
            self._raise_divergence("the loss of the weights is not finite any more")
        records.add(self.record, whole, order, test_images, self._measure_elapsed(), weights, sets)
        self.earlier, self._part, self._epoch_begin = NOTHING, lambda: NOTHING, self.update
        self._seconds, self._begin = 0.0, time.perf_counter()
        self._save(NOTHING)
        self.save_record()
        return whole

    def save_start(self) -> None:
        """Write the checkpoint that the training continues from into this run's folder. Raises OutputError."""
        self._save(self.build_partial_epoch())

    def save_record(self) -> None:
        """Write record.json. Raises OutputError."""
        replace_whole(self.chosen.out / "record.json", records.format_record(self.record).encode())

    def _measure_elapsed(self) -> float:
        return self._seconds + time.perf_counter() - self._begin

    def _save(self, epoch: Epoch) -> None:
        if self.record["dry_run"]:
            return
        weights = self.ported.read_weights(self.net)
        if all(np.isfinite(weight).all() for weight in weights.values()):  # else the last good checkpoint is kept
            checkpoint.save(Checkpoint(self.update, weights, epoch, self.record, self._measure_elapsed()),
                            self.chosen.out)

    def _raise_divergence(self, what: str) -> None:
        if self._last:
            update, loss, rate = self._last
            what += f", after update {update} at rate {rate:.6g}; the last finite loss was {loss:.3f}"
        self.record["diverged"] = f"diverged: {what}"
        self.save_record()
        raise DivergedError(self.record["diverged"])
