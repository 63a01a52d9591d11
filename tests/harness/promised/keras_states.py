"""Checks the promises of `build` in Keras when models are saved, loaded and copied, also with an edited schedule."""

from __future__ import annotations

import copy
import pickle
import tempfile

import keras
import numpy as np
import pytest

from frameworks.tensorflow import replace_schedule
from parity.port.write import write_spellings
from tests.harness.promised import EDITS, SCHEDULES, WARM, compute_rates, promise
from tests.harness.promised.keras_training import COLUMNS, OPTIMIZERS, build_model, build_optimizer, split, train

STOP = 7


def train_model(schedule, column):
    """Return a model after 7 updates."""
    model = build_model(build_optimizer(schedule, column), column)
    train(model, STOP)
    return model


def reload(model):
    """Return a model saved as .keras and loaded again."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        return keras.models.load_model(f"{folder}/model.keras")


@promise("tensorflow", "`model.save`, then `load_model`", "continues with lr(t); another process first imports "
         "`frameworks.tensorflow`", COLUMNS)
def check_saved(column):
    for schedule in SCHEDULES:
        assert train(reload(train_model(schedule, column)), 5) == compute_rates(schedule, STOP, STOP + 5)


@promise("tensorflow", "resume with an edited schedule: only `load_model`", "the saved schedule's lr(t): the file "
         "contains it", COLUMNS)
def check_edited(column):
    model = reload(train_model(WARM, column))
    assert model.optimizer._learning_rate.schedule == WARM  # how a script can see it
    assert train(model, 5) == compute_rates(WARM, STOP, STOP + 5)


@promise("tensorflow", "resume with an edited schedule: `load_model`, then `replace_schedule(model, schedule)`", "the "
         "new schedule's lr(t) from the first update on", COLUMNS)
def check_edited_replaced(column):
    for old, new in EDITS[:2]:
        model = reload(train_model(old, column))
        replace_schedule(model, new)
        assert train(model, 5) == compute_rates(new, STOP, STOP + 5)


@promise("tensorflow", "resume with an edited schedule: a new model with it, then the optimizer's variables are loaded "
         "(`load_own_variables`)", "the new schedule's lr(t) from the first update on", COLUMNS)
def check_variables(column):
    for old, new in EDITS[:2]:
        store = {}
        train_model(old, column).optimizer.save_own_variables(store)
        model = build_model(build_optimizer(new, column), column)
        model.optimizer.build(model.trainable_variables)
        model.optimizer.load_own_variables({name: np.asarray(value) for name, value in store.items()})
        assert train(model, 5) == compute_rates(new, STOP, STOP + 5)


def load_weights(old, new, column, *, is_built):
    """Return a new model with a schedule, with the weights of a model after 7 updates with another one."""
    model = build_model(build_optimizer(new, column), column)
    if is_built:
        model.optimizer.build(model.trainable_variables)
    with tempfile.TemporaryDirectory() as folder:
        train_model(old, column).save_weights(f"{folder}/model.weights.h5")
        model.load_weights(f"{folder}/model.weights.h5")
    return model


@promise("tensorflow", "`save_weights`; a new model, compiled, `model.optimizer.build(model.trainable_variables)`, "
         "`load_weights`", "lr(t) of the new model's schedule: the file has the optimizer's count", COLUMNS)
def check_weights(column):
    for old, new in ((WARM, WARM), *EDITS[:2]):
        model = load_weights(old, new, column, is_built=True)
        assert train(model, 5) == compute_rates(new, STOP, STOP + 5)


@promise("tensorflow", "the same, without `optimizer.build`", "begins again with lr(0), after a UserWarning of Keras "
         "that it skips the optimizer", ["SGD, momentum, graph", "Adam, graph"])
def check_unbuilt(column):
    with pytest.warns(UserWarning, match="Skipping variable loading for optimizer"):
        model = load_weights(WARM, WARM, column, is_built=False)
    assert train(model, 5) == compute_rates(WARM, 0, 5)


@promise("tensorflow", "the model is copied or pickled", "both continue with lr(t)", COLUMNS)
def check_copied(column):
    model = train_model(WARM, column)
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert train(again, 4) == compute_rates(WARM, STOP, STOP + 4)
    assert train(model, 4) == compute_rates(WARM, STOP, STOP + 4)


@promise("tensorflow", "the self-contained code of `port`: save, then `load_model` in the same session", "continues "
         "with lr(t): the code registers its class", COLUMNS)
def check_printed_code(column):
    for schedule in SCHEDULES:
        code = write_spellings(schedule, "tensorflow")[-1].code
        names: dict = {"model": None}
        exec(code, names)
        model = build_model(OPTIMIZERS[split(column)[0]](names["learning_rate"]), column)
        train(model, STOP)
        assert train(reload(model), 5) == compute_rates(schedule, STOP, STOP + 5)
