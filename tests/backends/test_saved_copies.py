"""Checks that copies of Keras models continue at the right rate: files, pickles, deep copies; as in the guide."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
import sys

import keras
import numpy as np
import pytest

from frameworks.schedule import Cosine, ReduceOnPlateau, Warmup
from frameworks.schedule.groups import ParameterGroups
from frameworks.tensorflow import build, build_groups
from parity.port.plateau.exact import write_exact
from parity.port.write import write_spellings

UPDATES = 7
WARM = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
EXACT = write_spellings(WARM, "tensorflow")[-1].code
UNREGISTERED = "\n".join(line for line in EXACT.splitlines() if "register_keras_serializable" not in line)
NOT_LOCATED = "Could not locate class '{}'. Make sure custom classes and functions are decorated with "


def train_model(optimizer, loss="mse", updates=UPDATES):
    """Return a Keras model after some updates. optimizer: builds the optimizer from the model."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=optimizer(model), loss=loss)
    model.fit(np.zeros((updates, 1)), np.zeros(updates), batch_size=1, verbose=0)
    return model


def where(model):
    """Return the optimizer's class, its count of updates and its rate."""
    return type(model.optimizer).__name__, int(model.optimizer.iterations), float(model.optimizer.learning_rate)


def at(t, name="SGD"):
    """Return what `where` returns for a model after `t` updates."""
    return name, t, float(np.float32(WARM.lr(t)))


#: Prints what each file holds, or the error.
LOAD = """
import json, sys
import keras
{0}
loaded = {{}}
for file in sys.argv[1:]:
    try:
        optimizer = keras.models.load_model(file).optimizer
        loaded[file] = [type(optimizer).__name__, int(optimizer.iterations), float(optimizer.learning_rate)]
    except Exception as error:
        loaded[file] = f"{{type(error).__name__}}: {{error}}"
print(json.dumps(loaded))
"""


def test_a_model_of_this_project_needs_its_import(run, tmp_path):
    """Loading fails without `import frameworks.tensorflow`."""
    loss = keras.losses.MeanSquaredError()
    models = {"SGD": train_model(lambda _: keras.optimizers.SGD(build(WARM), momentum=0.9), loss),
              "Grouped": train_model(lambda model: build_groups(ParameterGroups(schedule=WARM), model), loss)}
    files = {(name, suffix): str(tmp_path / f"{name}.{suffix}") for suffix in ("keras", "h5") for name in models}
    for (name, _), file in files.items():
        models[name].save(file)
    loaded = json.loads(run("-c", LOAD.format("import frameworks.tensorflow"), *files.values()).stdout)
    assert loaded == {file: list(at(UPDATES, name)) for (name, _), file in files.items()}
    failed = json.loads(run("-c", LOAD.format(""), *files.values()).stdout)
    assert failed[files["Grouped", "h5"]] == "ValueError: Could not interpret optimizer identifier: grouped"
    assert failed[files["Grouped", "keras"]].startswith(f"TypeError: {NOT_LOCATED.format('Grouped')}")
    for suffix in ("keras", "h5"):
        message = failed[files["SGD", suffix]]
        assert message.startswith("TypeError: <class 'keras.src.optimizers.sgd.SGD'> could not be deserialized")
        assert NOT_LOCATED.format("Specified") in message


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Return a function that imports code as a user does, from a file."""
    monkeypatch.syspath_prepend(tmp_path)

    def import_code(name, code):
        (tmp_path / f"{name}.py").write_text(code)
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return import_code


def copies(model, folder):
    """Yield a copy of a model for each way to copy it."""
    model.save(folder / "model.keras")
    yield keras.models.load_model(folder / "model.keras")
    yield copy.deepcopy(model)
    yield pickle.loads(pickle.dumps(model))
    model.save_weights(folder / "model.weights.h5")
    again = keras.models.clone_model(model)
    assert where(again)[1] == 0
    again.load_weights(folder / "model.weights.h5")
    yield again


def test_copies_of_a_model_go_on(modules, tmp_path):
    """Each copy has the count of updates, and continues at its rate."""
    learning_rate = modules("saved_exact", EXACT).learning_rate
    built = train_model(lambda _: keras.optimizers.Adam(build(WARM)))
    for model, name in ((train_model(lambda _: keras.optimizers.SGD(learning_rate, momentum=0.9)), "SGD"),
                        (built, "Adam")):
        for again in copies(model, tmp_path):
            assert where(again) == at(UPDATES, name)
            again.fit(np.zeros((3, 1)), np.zeros(3), batch_size=1, verbose=0)
            assert where(again) == at(UPDATES + 3, name)
        model.export(tmp_path / "exported", verbose=False)
        assert where(keras.models.load_model(tmp_path / "model.keras")) == at(UPDATES, name)


def test_copies_of_an_unregistered_class_fail(modules, tmp_path):
    """Copying raises TypeError; loading needs `custom_objects`."""
    plain = modules("saved_plain", UNREGISTERED)
    model = train_model(lambda _: keras.optimizers.SGD(plain.learning_rate))
    for copied in (copy.deepcopy, keras.models.clone_model, lambda model: pickle.loads(pickle.dumps(model))):
        with pytest.raises(TypeError, match=NOT_LOCATED.format("Schedule")):
            copied(model)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", custom_objects={"Schedule": plain.Schedule})
    assert where(again) == at(UPDATES)


def test_an_optimizer_alone_is_copied_without_its_momentum():
    """A copied optimizer with a momentum has lost its count of updates."""
    model = train_model(lambda _: keras.optimizers.SGD(build(WARM), momentum=0.9))
    with pytest.warns(UserWarning, match="Skipping variable loading for optimizer 'sgd"):
        assert int(copy.deepcopy(model.optimizer).iterations) == 0
    assert int(copy.deepcopy(train_model(lambda _: keras.optimizers.SGD(build(WARM))).optimizer).iterations) == UPDATES


def test_what_the_guide_states_about_h5(tmp_path):
    """A model loaded from .h5 has to be compiled again before it is saved."""
    model = train_model(lambda _: keras.optimizers.SGD(build(WARM)))
    model.save(tmp_path / "model.h5")
    model.save(tmp_path / "model.keras")
    rmsprop = ("RMSprop", 0, float(np.float32(0.001)))
    with pytest.warns(UserWarning, match="Skipping variable loading for optimizer 'rm_sprop"):
        assert where(keras.models.load_model(tmp_path / "model.keras")) == rmsprop
    model.compile(optimizer=model.optimizer, loss="mse")
    model.save(tmp_path / "model.keras")
    assert where(keras.models.load_model(tmp_path / "model.keras")) == at(UPDATES)
    again = keras.models.load_model(tmp_path / "model.h5", compile=False)
    again.compile(optimizer=keras.optimizers.SGD(build(WARM)), loss="mse")
    again.optimizer.iterations.assign(UPDATES)
    assert where(again) == at(UPDATES)


RULE = ReduceOnPlateau(base_lr=0.1, factor=0.1, patience=0)


def reduced(code, modules, tmp_path):
    """Return the rates of a model after a bad epoch, and of the loaded model with the same callback after another."""
    plateau = modules("saved_plateau", code).plateau
    model = train_model(lambda _: plateau.optimizer)
    rates = []
    for _ in range(2):
        model.fit(np.zeros((3, 1)), np.zeros(3), epochs=2 - len(rates), verbose=0, callbacks=[plateau])
        rates.append(where(model)[2])
        model.save(tmp_path / "model.keras")
        model = keras.models.load_model(tmp_path / "model.keras")
    return rates


def test_plateau_code_reduces_the_rate_of_a_loaded_model(modules, tmp_path):
    """The callback finds the optimizer of the loaded model."""
    code = write_exact(RULE, "tensorflow", "loss")
    assert reduced(code, modules, tmp_path) == [float(np.float32(0.01)), float(np.float32(0.001))]
    old = code.replace("self.optimizer = self.model.optimizer", "pass")
    assert reduced(old, modules, tmp_path) == [float(np.float32(0.01))] * 2
