"""Tests recordings that a callback of Keras' `fit` begins or ends."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks.keras_api import keras
from frameworks.schedule import Cosine
from frameworks.tensorflow import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
INPUTS = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
#: For each event that begins a recording of 2 epochs of 10 updates, the first recorded update.
FIRST = {"on_train_begin": 0, "on_epoch_begin": 0, "on_train_batch_begin": 0, "on_train_batch_end": 1,
         "on_epoch_end": 10}


class Recording(keras.callbacks.Callback):
    """Begins a recording once, and ends it once."""

    rates, ended = None, False

    def begin(self, *_, **logs):
        self.rates = record(self.model) if self.rates is None else self.rates

    def end(self, *_, **logs):
        if not self.ended:
            self.ended = True
            self.rates.close()


def build_callback(begin, end):
    return type("Built", (Recording,), {begin: Recording.begin, end: Recording.end})()


@pytest.mark.parametrize("begin", FIRST)
@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}, {"jit_compile": True}], ids=str)
def test_a_callback_begins_a_recording(begin, options):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(build(SCHEDULE)), loss="mse", **options)
    callback = build_callback(begin, "on_train_end")
    model.fit(INPUTS, INPUTS[:, :2], batch_size=4, epochs=2, verbose=0, callbacks=[callback])
    model.fit(INPUTS, INPUTS[:, :2], batch_size=4, verbose=0)
    specified = [SCHEDULE.lr(t) for t in range(FIRST[begin], 20)]
    assert callback.rates.read_rates().tolist() == np.float32(specified).tolist()


def test_a_callback_ends_a_recording():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(build(SCHEDULE)), loss="mse")
    callback = build_callback("on_train_begin", "on_epoch_end")
    model.fit(INPUTS, INPUTS[:, :2], batch_size=4, epochs=2, verbose=0, callbacks=[callback])
    assert len(callback.rates) == 10
    assert_applied(callback.rates, SCHEDULE)
