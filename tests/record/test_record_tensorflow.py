"""Tests that a recording has the rates that optimizers of Keras applied."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from frameworks.keras_api import keras
from frameworks.record_rows import RecordError, iterate_rows
from frameworks.schedule import Cosine, Hold
from frameworks.schedule.group_files import loads_groups
from frameworks.tensorflow import assert_applied, build, build_groups, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
INPUTS = np.random.default_rng(0).normal(size=(160, 3)).astype(np.float32)
TARGETS = INPUTS[:, :2]
OPTIMIZERS = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "Adafactor"]


def build_model(optimizer=None, **compiled):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(optimizer or keras.optimizers.SGD(build(SCHEDULE)), loss="mse", **compiled)
    return model


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_any_optimizer_is_recorded(name):
    model = build_model(getattr(keras.optimizers, name)(build(SCHEDULE)))
    with record(model) as rates:
        model.fit(INPUTS[:40], TARGETS[:40], batch_size=4, verbose=0)
    assert len(rates) == 10
    assert_applied(rates, SCHEDULE)


@pytest.mark.parametrize("compiled", [
    {}, {"run_eagerly": True}, {"jit_compile": True}, {"steps_per_execution": 5}], ids=str)
def test_fit_in_each_way_also_if_it_was_traced_before(compiled):
    model = build_model(**compiled)
    model.fit(INPUTS[:8], TARGETS[:8], batch_size=4, verbose=0)
    model.optimizer.iterations.assign(0)
    with record(model, measure=True) as rates:
        model.fit(INPUTS, TARGETS, batch_size=4, verbose=0)
    model.fit(INPUTS[:8], TARGETS[:8], batch_size=4, verbose=0)
    assert len(rates) == 40
    assert_applied(rates, SCHEDULE)
    columns = rates.read_columns()
    assert columns["measured"].tolist() == columns["lr"].tolist()
    assert "_distributed_tf_update_step" not in vars(model.optimizer)


def build_step(model, **options):
    @tf.function(**options)
    def step(inputs, targets):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(inputs) - targets) ** 2)
        model.optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    return step


@pytest.mark.parametrize("jit", [False, True])
def test_a_custom_loop(jit):
    model = build_model()
    step = build_step(model, jit_compile=jit)
    with record(model.optimizer) as rates:
        for update in range(30):
            step(INPUTS[:4], TARGETS[:4])
            assert len(rates) == update + 1
            rates.report(float(model.optimizer.learning_rate))
    assert_applied(rates, SCHEDULE)
    reported = rates.read_columns()["reported"]
    assert reported[:-1].tolist() == rates.read_rates()[1:].tolist()  # Keras reports the rate of the next update


def test_train_on_batch_and_a_rate_in_a_variable():
    model = build_model(keras.optimizers.SGD(0.5))
    with record(model) as rates:
        for rate in (0.5, 0.25, 0.125):
            model.optimizer.learning_rate = rate
            model.train_on_batch(INPUTS[:4], TARGETS[:4])
    assert rates.read_rates().tolist() == [0.5, 0.25, 0.125]


def test_an_update_of_several_batches_has_one_row():
    model = build_model(keras.optimizers.SGD(build(Hold(updates=4, of=SCHEDULE)), gradient_accumulation_steps=4))
    with record(model) as rates:
        model.fit(INPUTS, TARGETS, batch_size=1, verbose=0)
    assert len(rates) == 40
    assert_applied(rates, SCHEDULE)


def test_an_update_that_a_loss_scale_optimizer_skips_has_no_row():
    model = build_model(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(build(SCHEDULE))))
    with record(model) as rates:
        for step in range(10):
            model.train_on_batch(INPUTS[:4] * (np.inf if step == 5 else 1), TARGETS[:4])
    assert len(rates) == 9
    assert_applied(rates, SCHEDULE)


def test_groups_of_build_groups():
    groups = loads_groups('{"schedule": {"kind": "constant", "base_lr": 0.5}, "groups": ['
                          '{"name": "slow", "match": ["*bias"], "lr_mult": 0.5}]}', name="groups")
    model = build_model()
    model.compile(build_groups(groups, model), loss="mse")
    with record(model) as rates:
        model.train_on_batch(INPUTS[:4], TARGETS[:4])
    assert sorted([rates.read_rates(0)[0], rates.read_rates(1)[0]]) == [0.25, 0.5]


def test_two_replicas_make_one_update():
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        model = build_model()
    with record(model) as rates:
        model.fit(INPUTS, TARGETS, batch_size=4, verbose=0)
    assert len(rates) == 40
    assert_applied(rates, SCHEDULE)


def test_rows_are_written_while_a_graph_runs(tmp_path):
    model = build_model()
    step = build_step(model)
    with record(model.optimizer, tmp_path / "rates.csv") as rates:
        for _ in range(300):
            step(INPUTS[:4], TARGETS[:4])
        step(INPUTS[:4], TARGETS[:4])
        rates.fetch()
        rates._flushed_at -= 2
        rates.fetch()
        assert len(list(iterate_rows(tmp_path / "rates.csv"))) == 300
    assert len(list(iterate_rows(tmp_path / "rates.csv"))) == 301


def test_updates_that_come_too_fast_are_counted(monkeypatch):
    monkeypatch.setattr("frameworks.tensorflow.recording.KEPT", 16)
    monkeypatch.setattr("frameworks.tensorflow.recording.SECONDS", 60)
    model = build_model()
    step = build_step(model)
    with record(model.optimizer) as rates:
        for _ in range(20):
            step(INPUTS[:4], TARGETS[:4])
        with pytest.warns(RuntimeWarning, match="5 updates from update 0 on came too fast"):
            assert len(rates) == 20
    assert np.isnan(rates.read_rates()).tolist() == [True] * 5 + [False] * 15
    assert_applied(rates, SCHEDULE)


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}, {"jit_compile": True}], ids=str)
def test_a_gradient_of_0_shows_no_rate(options):
    model = build_model(**options)
    with record(model, measure=True) as rates:
        model.train_on_batch(INPUTS[:4] * 0, TARGETS[:4])
    assert np.isnan(rates.read_columns()["measured"]).all()


def test_weights_that_do_not_follow_the_rate_are_seen():
    model = build_model(run_eagerly=True)
    model.optimizer.update_step = lambda gradient, variable, rate: variable.assign_sub(2 * gradient * rate)
    with record(model, measure=True) as rates:
        model.train_on_batch(INPUTS[:4], TARGETS[:4])
    columns = rates.read_columns()
    assert columns["measured"][0] == pytest.approx(2 * columns["lr"][0], rel=1e-3)


@pytest.mark.parametrize(("optimizer", "rule"), [
    (keras.optimizers.SGD(momentum=0.9), "an SGD without momentum, got 0.9"),
    (keras.optimizers.SGD(weight_decay=0.1), "an SGD without weight_decay, got 0.1"),
    (keras.optimizers.Adam(), r"measure needs keras.optimizers.SGD, whose update is rate times gradient, got Adam")])
def test_what_cannot_be_measured_is_refused(optimizer, rule):
    with pytest.raises(RecordError, match=rule):
        record(optimizer, measure=True)


def test_what_has_no_optimizer_is_refused():
    for model in (keras.Sequential([keras.layers.Dense(2)]), keras.layers.Dense(2)):
        with pytest.raises(TypeError, match=f"a compiled keras.Model or a Keras optimizer, got {type(model).__name__}"):
            record(model)


def test_a_second_recording_is_refused():
    model = build_model()
    with record(model) as rates:
        with pytest.raises(RecordError, match="this SGD is already being recorded"):
            record(model.optimizer)
        model.train_on_batch(INPUTS[:4], TARGETS[:4])
    assert len(rates) == 1


def test_an_optimizer_that_is_replaced_is_noticed():
    model = build_model()
    rates = record(model)
    model.train_on_batch(INPUTS[:4], TARGETS[:4])
    model.compile("adam", loss="mse")
    model.train_on_batch(INPUTS[:4], TARGETS[:4])
    with pytest.warns(RuntimeWarning, match="update 1: another optimizer, Adam, updates the recorded parameters"):
        rates.close()
