"""Checks the promises of `build` in Keras for a training without a stop."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from frameworks.schedule import Hold
from frameworks.tensorflow import build, build_plateau, replace_schedule, set_rate
from tests.harness.promised import DROPS, SCHEDULES, WARM, compute_rates, promise
from tests.harness.promised.keras_training import COLUMNS, build_model, build_optimizer, compile_model, split, train
from tests.plateau.test_plateau_native import TORCHS

GRAPHS = [column for column in COLUMNS if split(column)[1] != "eager"]


def begin(column, updates):
    """Return a model after some updates with the schedule WARM."""
    model = build_model(build_optimizer(WARM, column), column)
    train(model, updates)
    return model


@promise("tensorflow", "update t, the first is t = 0", "applies lr(t); `optimizer.learning_rate` is the rate of the "
         "next update", COLUMNS)
def check_each(column):
    for schedule in SCHEDULES:
        model = build_model(build_optimizer(schedule, column), column)
        applied = []
        for _ in range(3):
            reported = float(model.optimizer.learning_rate)
            applied += train(model, 4)
            assert reported == applied[-4]
        assert applied == compute_rates(schedule, 0, 12)


@promise("tensorflow", "compiled again with the same optimizer", "continues with lr(t)", COLUMNS)
def check_same_optimizer(column):
    model = build_model(build_optimizer(WARM, column), column)
    assert train(model, 4) == compute_rates(WARM, 0, 4)
    compile_model(model, model.optimizer, column)
    assert train(model, 4) == compute_rates(WARM, 4, 8)


@promise("tensorflow", "compiled again with a new optimizer", "begins again with lr(0): Keras' count is the "
         "optimizer's", COLUMNS)
def check_new_optimizer(column):
    model = begin(column, 4)
    compile_model(model, build_optimizer(DROPS, column), column)
    assert train(model, 4) == compute_rates(DROPS, 0, 4)


@promise("tensorflow", "`replace_schedule(model, schedule)` in a training", "the new schedule's lr(t) at once", COLUMNS)
def check_replaced(column):
    model = begin(column, 4)
    replace_schedule(model, DROPS)
    assert train(model, 6) == compute_rates(DROPS, 4, 10)


@promise("tensorflow", "`model.optimizer.learning_rate = build(schedule)` in a training, eager", "the new schedule's "
         "lr(t) at once", [column for column in COLUMNS if column not in GRAPHS])
def check_assigned_eagerly(column):
    model = begin(column, 4)
    model.optimizer.learning_rate = build(DROPS)
    assert train(model, 6) == compute_rates(DROPS, 4, 10)


@promise("tensorflow", "the same, compiled", "the old schedule's lr(t): Keras keeps the traced step, and reports the "
         "new rate. Use `replace_schedule`", GRAPHS)
def check_assigned(column):
    model = begin(column, 4)
    model.optimizer.learning_rate = build(DROPS)
    assert train(model, 6) == compute_rates(WARM, 4, 10)


@promise("tensorflow", "the rate is set by hand or by a callback: `set_rate`, `LearningRateScheduler`, `build_plateau`",
         "TypeError; lr(t) still holds", COLUMNS)
def check_by_hand(column):
    model = begin(column, 2)
    with pytest.raises(TypeError, match="not settable"):
        set_rate(model.optimizer, 0.5)
    with pytest.raises(TypeError, match="not settable"):
        model.fit(np.ones((1, 1)), np.ones((1, 1)), verbose=0,
                  callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.5)])
    with pytest.raises(TypeError, match="not settable"):
        build_plateau(TORCHS.plateau, model.optimizer)
    assert train(model, 3) == compute_rates(WARM, 2, 5)


@promise("tensorflow", "the rate was a number before, and a model was trained", "`replace_schedule` applies lr(t) of "
         "the optimizer's count", COLUMNS)
def check_number_before(column):
    model = build_model(build_optimizer(WARM, column), column)
    plain = type(model.optimizer).from_config({**model.optimizer.get_config(), "learning_rate": 0.25})
    compile_model(model, plain, column)
    assert train(model, 2) == [0.25, 0.25]
    replace_schedule(model, WARM)
    assert train(model, 4) == compute_rates(WARM, 2, 6)


@promise("tensorflow", "an update is skipped by LossScaleOptimizer", "the next update applies the same lr(t)", COLUMNS)
def check_skipped(column):
    scaled = keras.optimizers.LossScaleOptimizer(build_optimizer(WARM, column), initial_scale=2.0)
    model = build_model(scaled, column)
    assert train(model, 3) == compute_rates(WARM, 0, 3)
    assert train(model, 1, value=float("inf")) == [0.0]
    assert train(model, 3) == compute_rates(WARM, 3, 6)
    replace_schedule(model, DROPS)
    assert train(model, 3) == compute_rates(DROPS, 6, 9)


@promise("tensorflow", "`gradient_accumulation_steps=n`", "Keras counts batches: an update applies the rate of its "
         "last batch. `Hold(updates=n, of=schedule)` applies lr(t) at update t", COLUMNS)
def check_accumulated(column):
    for schedule, rates in ((WARM, compute_rates(WARM, 1, 12)[::2]),
                            (Hold(updates=2, of=WARM), compute_rates(WARM, 0, 6))):
        model = build_model(build_optimizer(schedule, column, gradient_accumulation_steps=2), column)
        assert [rate for rate in train(model, 12) if rate][-5:] == [rate for rate in rates if rate][-5:]


@promise("tensorflow", "a layer is added, and the model compiled with the same optimizer", "an error from Keras: the "
         "variables of an optimizer are fixed", COLUMNS)
def check_added(column):
    model = begin(column, 2)
    longer = keras.Sequential([model, keras.layers.Dense(1, use_bias=False)])
    compile_model(longer, model.optimizer, column)
    with pytest.raises((ValueError, KeyError), match=r"(?i)unknown variable"):
        longer.fit(np.ones((1, 1)), np.ones((1, 1)), verbose=0)


@promise("tensorflow", "float16 and float64 weights", "lr(t), a float32, rounded with the update", COLUMNS)
def check_types(column):
    for dtype in ("float64", "float16"):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, name="only", dtype=dtype)])
        compile_model(model, build_optimizer(WARM, column), column)
        assert train(model, 6) == np.array(compute_rates(WARM, 0, 6), dtype).tolist()
