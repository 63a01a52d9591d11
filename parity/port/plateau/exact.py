"""Writes reduce on plateau as self-contained code: exactly the specified rule."""

from __future__ import annotations

import json

from frameworks.schedule import ReduceOnPlateau

_RULE = """\
    def step(self, metric):  # after every epoch
        metric = float(metric)
        if {watched}self.better(metric):
            self.best, self.bad = metric, 0
        elif self.cooldown == 0:
            self.bad += 1
        self.cooldown = max(self.cooldown - 1, 0)
        if self.bad > {patience}:
            self.bad, self.cooldown = 0, {cooldown}
            new = max(self.rate * {factor!r}, {min_lr!r})
            if self.rate - new > {least!r}:
                self.rate = {new}
        self.apply()

    def better(self, metric):
        if self.best is None:
            return {first}
        return {better}

    def state_dict(self):  # what to save: plain numbers
        return {{"rate": self.rate, "best": self.best, "bad": self.bad, "cooldown": self.cooldown}}

    def load_state_dict(self, state):
        self.__dict__.update(state)
        self.apply()
"""

_AROUND = {
    "mxnet": """\
import mxnet as mx  # with NumPy 1.24 or later, set numpy.bool = bool before
import numpy


class ReduceOnPlateau:
    def __init__(self, trainer):
        self.trainer = trainer
        self.load_state_dict({{"rate": {base_lr}, "best": None, "bad": 0, "cooldown": 0}})

{rule}
    def apply(self):
        self.trainer.set_learning_rate(float(numpy.float32(self.rate)))


trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {{"learning_rate": {base_lr}}})
plateau = ReduceOnPlateau(trainer)
# plateau.step(metric) after every epoch
""",
    "torch": """\
import numpy
import torch


class ReduceOnPlateau:
    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.load_state_dict({{"rate": {base_lr}, "best": None, "bad": 0, "cooldown": 0}})

{rule}
    def apply(self):
        for group in self.optimizer.param_groups:
            group["lr"] = float(numpy.float32(self.rate))


optimizer = torch.optim.SGD(model.parameters(), lr={base_lr})
plateau = ReduceOnPlateau(optimizer)
# plateau.step(metric) after every epoch
""",
    "tensorflow": """\
import keras
import numpy


class ReduceOnPlateau(keras.callbacks.Callback):
    def __init__(self, optimizer):
        super().__init__()
        self.optimizer = optimizer
        self.load_state_dict({{"rate": {base_lr}, "best": None, "bad": 0, "cooldown": 0}})

    def on_train_begin(self, logs=None):
        self.optimizer = self.model.optimizer  # a loaded model has another one
        self.apply()

    def on_epoch_end(self, epoch, logs=None):
        self.step(logs[{monitor}])

{rule}
    def apply(self):
        self.optimizer.learning_rate = float(numpy.float32(self.rate))


optimizer = keras.optimizers.SGD({base_lr})
plateau = ReduceOnPlateau(optimizer)
# model.fit(..., callbacks=[plateau])
""",
}


def write_exact(plateau: ReduceOnPlateau, target: str, monitor: str = "val_loss") -> str:
    """Return the self-contained code of a rule.

    plateau: the rule. target: "mxnet", "torch" or "tensorflow". monitor: name of the metric, for Keras (default:
    "val_loss").
    """
    patience, cooldown = plateau.patience, plateau.cooldown
    if plateau.rule == "reaches":
        patience, cooldown = max(patience - 1, 0), max(cooldown - 1, 0)
    rounded = "float(numpy.float32({}))" if plateau.precision == "float32" else "{}"
    less, worst = ("<", "inf") if plateau.direction == "min" else (">", "-inf")
    rule = _RULE.format(
        patience=patience, cooldown=cooldown, factor=plateau.factor, min_lr=plateau.min_lr, least=plateau.least_change,
        new=rounded.format("new"), better=_write_comparison(plateau, less),
        watched="self.cooldown == 0 and " if plateau.in_cooldown == "ignore" else "",
        first="True" if plateau.rule == "reaches" else f'metric {less} float("{worst}")')
    return _AROUND[target].format(rule=rule, base_lr=rounded.format(repr(plateau.base_lr)), monitor=quote(monitor))


def quote(text: str) -> str:
    """Return printable text as a Python string in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _write_comparison(plateau: ReduceOnPlateau, less: str) -> str:
    away, toward = ("-", "+") if plateau.direction == "min" else ("+", "-")
    metric, best = "metric", "self.best"
    if plateau.threshold_mode == "relative":
        best = f"self.best * (1.0 {away} {plateau.threshold!r})"
    elif plateau.precision == "float32":
        metric = f"metric {toward} {plateau.threshold!r}"
    else:
        best = f"self.best {away} {plateau.threshold!r}"
    if plateau.precision == "float32":
        metric, best = f"numpy.float32({metric})", f"numpy.float32({best})"
    return f"{metric} {less} {best}"
