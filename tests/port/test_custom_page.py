"""Runs the page about custom classes and loops: a real optimizer applies with each the bits of its specification."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import frameworks.schedule
from frameworks import backend
from frameworks.schedule import Shift, lrs
from parity.measuring.processes import ROOT

PAGE = (ROOT / "frameworks/PORTING_CUSTOM.md").read_text(encoding="utf-8")
#: The original, its framework, its number of updates, and the specification, by heading.
SECTIONS = {heading: (first, second) for heading, first, second in re.findall(
    r"^## (.*?)\n(?:(?!^## ).)*?```python\n(.*?)```\n\n```python\n(.*?)```", PAGE, re.M | re.S)}


def read(heading):
    """Return framework, whether it is a class, number of updates, code and specification of a section."""
    code, specification = SECTIONS[heading]
    framework, is_class, updates = re.match(r"# (\w+)( class)?: (\d+) updates", code).groups()
    names = dict(vars(frameworks.schedule))
    exec(specification, names)
    return framework, bool(is_class), int(updates), code, names["schedule"]


def run_gluon(code, is_class, updates):
    """Return the rates that Gluon's Trainer applies with plain SGD."""
    backend("mxnet")
    import mxnet as mx
    from mxnet import autograd, gluon

    weight, applied = gluon.Parameter("weight", shape=(1,)), []
    weight.initialize()
    names = {"mx": mx, "math": math}

    def update():
        weight.set_data(mx.nd.zeros(1))
        with autograd.record():
            loss = weight.data().sum()
        loss.backward()
        names["trainer"].step(1)
        applied.append(-float(weight.data().asscalar()))

    def as_scheduler(function):
        scheduler = type("Scheduler", (mx.lr_scheduler.LRScheduler,), {"__call__": lambda _, count: function(count)})
        return scheduler(function(0))

    if is_class:
        names["as_scheduler"] = as_scheduler
        exec(code, names)
        names["trainer"] = gluon.Trainer([weight], "sgd", {"lr_scheduler": names["lr_scheduler"]}, kvstore=None)
        for _ in range(updates):
            update()
    else:
        names |= {"trainer": gluon.Trainer([weight], "sgd", {}, kvstore=None), "update": update}
        exec(code, names)
    return applied


def run_torch(code, is_class, updates):
    """Return the rates that torch's SGD applies."""
    import torch

    weight, applied = torch.nn.Parameter(torch.zeros(1)), []
    optimizer = torch.optim.SGD([weight], lr=1.0)

    def update():
        with torch.no_grad():
            weight.zero_()
        optimizer.zero_grad()
        weight.sum().backward()
        optimizer.step()
        applied.append(-weight.item())

    exec(code, {"optimizer": optimizer, "update": update, "math": math})
    return applied


def run_keras(code, is_class, updates):
    """Return the rates that Keras' SGD applies in fit."""
    backend("tensorflow")
    import keras

    applied = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.layers[-1].set_weights([np.zeros((1, 1), np.float32)])

        def on_train_batch_end(self, batch, logs=None):
            applied.append(-float(self.model.layers[-1].get_weights()[0][0, 0]))

    def fit(epochs, updates_per_epoch, callbacks):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        model.compile(optimizer=keras.optimizers.SGD(1.0), loss=lambda y, predicted: predicted)  # its gradient is x: 1
        size = updates_per_epoch
        ones = np.ones((size, 1), np.float32)
        model.fit(ones, ones, batch_size=1, epochs=epochs, verbose=0, callbacks=[*callbacks, Watch()])

    exec(code, {"keras": keras, "math": math, "fit": fit})
    return applied


RUN = {"gluon": run_gluon, "torch": run_torch, "keras": run_keras}


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_specification_is_what_the_original_applies(heading):
    """The measured rates are the specified ones in bits; those of a schedule one update later are not."""
    framework, is_class, updates, code, schedule = read(heading)
    applied = np.array(RUN[framework](code, is_class, updates), np.float32) + np.float32(0)  # -0.0 becomes 0.0
    assert len(applied) == updates
    assert applied.view(np.uint32).tolist() == lrs(schedule, updates).astype(np.float32).view(np.uint32).tolist()
    assert applied.tolist() != lrs(Shift(by=1, of=schedule), updates).astype(np.float32).tolist()


def test_every_row_of_the_table_leads_to_a_section():
    """The table's links are the headings, each of which was run."""
    links = re.findall(r"^\| \[.*?\]\(#([\w-]+)\)", PAGE, re.M)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in SECTIONS}
    assert len(links) == 14
    assert set(links) == anchors
