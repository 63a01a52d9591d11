"""Checks that saved Keras models with self-contained code continue at the right rate, also in a new process."""

from __future__ import annotations

import json
import os
import re

import numpy as np
import pytest

from frameworks.schedule import Cosine, Warmup, dumps, lrs
from parity.cases import CASES
from parity.pages.guide.examples import EXAMPLES
from parity.port.write import _build_registered_name, write_spellings

UPDATES = 7
WARM = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))

#: Arguments: "save" or "load", a folder, and the modules with schedules. Prints the rates of loaded models, or errors.
KERAS = """
import importlib, json, sys
import keras, tensorflow as tf
action, folder, *names = sys.argv[1:]
sys.path.insert(0, folder)

def applied(model, updates):
    rates = []
    for _ in range(updates):
        (weight,) = model.trainable_variables
        weight.assign([[0.0]])
        model.optimizer.apply([tf.constant([[-1.0]])], [weight])
        rates.append(float(weight[0][0]))
    return rates

def loaded(name):
    try:
        model = keras.models.load_model(f"{folder}/{name}.keras")
    except Exception as error:
        return str(error)
    return [int(model.optimizer.iterations), *applied(model, 3)]

for name in names:
    learning_rate = importlib.import_module(name).learning_rate
    if action == "save":
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        model.compile(optimizer=keras.optimizers.SGD(learning_rate), loss="mse")
        model.optimizer.build(model.trainable_variables)
        applied(model, 7)
        model.save(f"{folder}/{name}.keras")
print(json.dumps({name: loaded(name) for name in json.load(sys.stdin)}))
"""
NOT_LOCATED = "Could not locate class '{}'. Make sure custom classes and functions are decorated with "


def exact(schedule, framework="tensorflow"):
    """Return the self-contained code of a schedule."""
    return write_spellings(schedule, framework)[-1].code


def remove_registration(code):
    """Return code without the line that registers its class."""
    return "\n".join(line for line in code.splitlines() if "register_keras_serializable" not in line)


@pytest.fixture
def keras_process(run, tmp_path):
    """Return a function that saves or loads models in a process without this project, in a folder of modules."""

    def process(action, names, loaded):
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        result = run("-c", KERAS, action, tmp_path, *names, cwd=tmp_path, env=environment, input=json.dumps(loaded))
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return process


def goes_on(schedule):
    """Return the count of updates and the next rates of a model that continues."""
    return [UPDATES, *lrs(schedule, UPDATES + 3)[UPDATES:].astype(np.float32).tolist()]


def test_models_with_self_contained_code_of_every_kind_continue(keras_process, tmp_path):
    """Models continue in the process that saved them and in a new one."""
    schedules = {kind: example.schedule for kind, example in EXAMPLES.items()}
    for kind, schedule in schedules.items():
        (tmp_path / f"of_{kind}.py").write_text(exact(schedule))
    names = [f"of_{kind}" for kind in schedules]
    expected = {name: goes_on(schedule) for name, schedule in zip(names, schedules.values())}
    assert keras_process("save", names, names) == expected
    assert keras_process("load", names, names) == expected


def test_an_unregistered_class_is_not_located(keras_process, tmp_path):
    """Keras reports a class that is not registered."""
    (tmp_path / "plain.py").write_text(remove_registration(exact(WARM)))
    for action in ("save", "load"):
        assert NOT_LOCATED.format("Schedule") in keras_process(action, ["plain"], ["plain"])["plain"]


def test_another_schedule_does_not_replace_the_saved_one(keras_process, tmp_path):
    """With the same name for all schedules, every model would get the rates of the code that ran last."""
    schedules = {"first": WARM, "last": Cosine(base_lr=0.5, updates=9)}
    for name, schedule in schedules.items():
        (tmp_path / f"{name}.py").write_text(exact(schedule))
        (tmp_path / f"same_{name}.py").write_text(exact(schedule).replace(_build_registered_name(schedule), "same"))
    assert keras_process("save", ["first"], []) == {}
    assert NOT_LOCATED.format("Schedule") in keras_process("load", ["last"], ["first"])["first"]
    assert keras_process("load", ["first", "last"], ["first"]) == {"first": goes_on(WARM)}
    applied = keras_process("save", ["same_first", "same_last"], ["same_first", "same_last"])
    assert applied == dict.fromkeys(applied, goes_on(schedules["last"]))


def test_each_case_has_a_different_name():
    """The registered names of different schedules differ."""
    texts = {dumps(case.schedule) for case in CASES.values()}
    names = {_build_registered_name(case.schedule) for case in CASES.values()}
    assert len(names) == len(texts) > 150
    assert all(re.fullmatch(r"[a-z_]+_[0-9a-f]{8}", name) for name in names)
