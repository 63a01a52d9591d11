"""Records the rates that any optimizer of Keras applies: in `fit`, in `train_on_batch`, and in custom loops.

    from frameworks.tensorflow import assert_applied, record
    with record(model) as rates:
        model.fit(inputs, targets)
    assert_applied(rates, schedule)
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.keras_choice import require_keras_3_on_tensorflow
from frameworks.record import Rates
from frameworks.recorded import OTHER, begin
from frameworks.tensorflow.groups import Grouped
from frameworks.tensorflow.measured import check_measurable, measure_rate

#: The rates of this many updates are kept in the graph's variables, from which a thread fetches them every SECONDS: as
#: long as there are no more updates in that time, all are recorded.
KEPT = 8192
SECONDS = 0.2


def record(model: Any, file: str | Path | None = None, *, start: int = 0, measure: bool = False) -> Rates:
    """Record the rates that a model's optimizer applies, from now on until the returned object is closed.

    Each update gives a row: the rate that the optimizer computes for it, inside the graph. With gradient accumulation
    an update, not a batch, has a row; one that a LossScaleOptimizer skips has none. A `tf.function` that calls the
    optimizer must be traced after this call. A callback of `fit` may begin or end a recording.

    model: a compiled model, or an optimizer. One of `build_groups` has a rate for each group that has variables.
    file: path of a file, .csv or .jsonl, to which rows are written during the training (default: None, memory).
    start: number of updates already made (default: 0); with more than 0 the file is continued.
    measure: whether to compute the rate from the weights too, of the first variable, nan if its gradient is 0; only for
        SGD without momentum and weight decay (default: no).

    Raises RecordError if the optimizer is being recorded, if it cannot be measured, or if the file cannot be used.
    Raises TypeError if there is no optimizer.
    """
    require_keras_3_on_tensorflow("record")
    optimizer = _find_optimizer(model)
    if measure:
        check_measurable(optimizer)
    rates = begin(optimizer, file, start)
    ring = _Ring(optimizer, rates, measure=measure)
    rates.attach(ring.begin(), fetch=ring.fetch)
    if isinstance(model, keras.Model):
        _trace_again(model)
        rates.attach(lambda: _end_model(model, optimizer, rates))
    return rates


class _Ring:
    """Keeps the rates of the last updates in variables, which graphs write and Python fetches.

    count: the number of updates. kept: shape (KEPT, rates of an update), the row of update t at t % KEPT.
    """

    def __init__(self, optimizer: Any, rates: Rates, *, measure: bool) -> None:
        self.optimizer, self.rates, self.measure = optimizer, rates, measure
        self.update = optimizer._distributed_tf_update_step
        self.fetched = 0
        self.ended = threading.Event()
        self.count: tf.Variable | None = None
        self.kept: tf.Variable | None = None
        self.groups = 0

    def begin(self) -> Callable[[], None]:
        """Let the optimizer note its rates; return what ends this."""
        self.optimizer._distributed_tf_update_step = self._note
        thread = threading.Thread(target=self._fetch_often, name="record", daemon=True)
        thread.start()

        def end() -> None:
            self.ended.set()
            thread.join()
            del self.optimizer._distributed_tf_update_step

        return end

    def fetch(self) -> None:
        """Add the rows of all updates since the last call."""
        if self.count is None or self.kept is None:
            return
        made = int(self.count.numpy())
        if made == self.fetched:
            return
        rows = self.kept.numpy().astype(np.float64)
        lost = max(0, int(self.count.numpy()) + 1 - KEPT - self.fetched)  # overwritten, perhaps meanwhile
        if lost:
            warnings.warn(f"{lost} updates from update {self.rates.updates} on came too fast: not recorded",
                          RuntimeWarning, stacklevel=3)
        for t in range(self.fetched, made):
            row = rows[t % KEPT].tolist() if t >= self.fetched + lost else [None] * rows.shape[1]
            shown = [None if rate != rate else rate for rate in row[self.groups:]]
            self.rates.add(row[:self.groups], shown)
        self.fetched = made

    def _fetch_often(self) -> None:
        while not self.ended.wait(SECONDS):
            self.rates.fetch()

    def _note(self, strategy: tf.distribute.Strategy, grads_and_vars: Sequence[tuple[Any, Any]],
              learning_rate: Any) -> None:
        """Make the update and note its rates; traced into the graph, once for all replicas."""
        rate = strategy.experimental_local_results(learning_rate)[0]
        rates = self.optimizer.compute_rates() if isinstance(self.optimizer, Grouped) else [rate]
        rates = [tf.cast(each, tf.float32) for each in rates]
        gradient, variable = grads_and_vars[0]
        before = tf.identity(variable) if self.measure else None
        self.update(strategy, grads_and_vars, learning_rate)
        measured = [] if before is None else [measure_rate(before, gradient, tf.identity(variable), rates[0])]
        if self.count is None or self.kept is None:
            self.groups = len(rates)
            with tf.init_scope():
                self.count = tf.Variable(tf.constant(0, tf.int64))
                self.kept = tf.Variable(tf.zeros((KEPT, len(rates) + len(measured))))
        place = tf.math.floormod(self.count.read_value(), KEPT)
        written = self.kept.scatter_update(tf.IndexedSlices(tf.stack([rates + measured]), tf.reshape(place, (1,))))
        with tf.control_dependencies([written] if isinstance(written, tf.Tensor | tf.Variable) else []):
            self.count.assign_add(1)  # counted only when it is written


def _trace_again(model: keras.Model) -> None:
    """Let the model trace its function again, with the recording or without; also in a callback of `fit`."""
    if model.train_function is not None:
        model.make_train_function(force=True)


def _end_model(model: keras.Model, optimizer: Any, rates: Rates) -> None:
    _trace_again(model)
    if _find_optimizer(model) is not optimizer:
        warnings.warn(OTHER.format(rates.updates, type(model.optimizer).__name__), RuntimeWarning, stacklevel=4)


def _find_optimizer(model: Any) -> Any:
    """Return the optimizer that applies the rates: of a model, or inside a LossScaleOptimizer. Raises TypeError."""
    outer = getattr(model, "optimizer", None) if isinstance(model, keras.Model) else model
    optimizer = getattr(outer, "inner_optimizer", outer)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise TypeError(f"model must be a compiled keras.Model or a Keras optimizer, got {type(model).__name__}")
    return optimizer
