"""Tests `port` of reduce on plateau: every spelling is run, and each one marked as exact is exact."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings

from frameworks.schedule import ReduceOnPlateau, write
from parity.cases.plateau import CASES
from parity.port.plateau import TARGETS, read_call, write_spellings
from parity.port.read.literal import PortError, parse_call
from tests.plateau.test_plateau import METRICS, PLATEAUS

KERAS = 'ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3, cooldown=2, min_lr=0.001)'
TORCH = "ReduceLROnPlateau(optimizer, factor=0.5, patience=2, threshold_mode='abs', cooldown=1, min_lr=0.001, eps=0)"


def ran(code, target, metrics):
    """Return the rates that the printed code sets, read from its optimizer."""
    import frameworks.numpy_bool  # noqa: F401  (before mxnet)

    names = {}
    if target == "torch":
        import torch

        names["model"] = torch.nn.Linear(1, 1)
    if target == "mxnet":
        from mxnet import gluon

        names["net"] = gluon.nn.Dense(1, in_units=1)
        names["net"].initialize()
    exec(code, names)
    optimizer = names["trainer" if target == "mxnet" else "optimizer"]
    watched = names["scheduler"] if "scheduler" in names else names["plateau"]
    if target == "tensorflow":
        watched.set_model(SimpleNamespace(optimizer=optimizer))
        watched.on_train_begin()
    found = []
    for metric in (None, *metrics):
        if metric is not None:
            watched.on_epoch_end(0, {"val_loss": metric}) if target == "tensorflow" else watched.step(metric)
        found.append(optimizer.param_groups[0]["lr"] if target == "torch" else float(optimizer.learning_rate))
    return np.float32(found).tolist()


def compute_rates(plateau, metrics):
    return np.float32([plateau.lr([]), *plateau.lrs(metrics)]).tolist()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", CASES)
def test_what_is_written_does_what_is_specified(name, target):
    case = CASES[name]
    code = write_spellings(case.plateau, target)
    assert [one.native for one in code] == ([False] if target == "mxnet" else [True, False])
    for one in code:
        found = ran(one.code, target, case.metrics)
        assert one.note or found == compute_rates(case.plateau, case.metrics), one.code


@pytest.mark.parametrize("target", TARGETS)
def test_code_that_counts_one_more_is_noticed(target):
    case = CASES["accuracy_torch"]
    code = write_spellings(case.plateau, target)[-1].code
    assert ran(code.replace("self.bad > 3", "self.bad >= 3"), target, case.metrics) != compute_rates(
        case.plateau, case.metrics)


@given(plateau=PLATEAUS, metrics=METRICS)
@settings(max_examples=40, deadline=None)
def test_whatever_is_specified(plateau, metrics):
    for target in TARGETS:
        for one in write_spellings(plateau, target):
            assert one.note or ran(one.code, target, metrics) == compute_rates(plateau, metrics), one.code


@pytest.mark.parametrize(("source", "other", "text"), [("torch", "tensorflow", TORCH), ("tensorflow", "torch", KERAS)])
def test_the_counts_of_the_other_library(source, other, text):
    plateau = read_call(parse_call(text), source, 0.1).plateau
    native, _ = write_spellings(plateau, other)
    written = re.search(r"[\w.]+ReduceLROnPlateau\([^)]*\)", native.code).group()
    again = read_call(parse_call(written), other, 0.1).plateau
    assert (plateau.patience, plateau.cooldown) == ((2, 1) if source == "torch" else (3, 2))
    assert (again.patience, again.cooldown) == ((3, 2) if source == "torch" else (2, 1))
    for metrics in ([1.0] * 20, CASES["accuracy_torch"].metrics, CASES["best_in_cooldown"].metrics):
        assert np.allclose(again.lrs(metrics), plateau.lrs(metrics), rtol=1e-6, atol=0)
    assert "2 there is 3 here" in native.note or "3 there is 2 here" in native.note


def test_what_is_read():
    text = "ReduceLROnPlateau(torch.optim.SGD(p, lr=0.3), 'max', min_lr=[0.01])"
    assert read_call(parse_call(text), "torch").plateau == ReduceOnPlateau(
        base_lr=0.3, factor=0.1, patience=10, direction="max", min_lr=0.01, least_change=1e-8)
    assert read_call(parse_call("ReduceLROnPlateau(min_delta=-0.01)"), "tensorflow", 0.3).plateau == ReduceOnPlateau(
        base_lr=0.3, factor=0.1, patience=10, rule="reaches", threshold_mode="absolute", threshold=0.01,
        precision="float32")


REFUSED = {
    ("torch", "ReduceLROnPlateau(optimizer)", None): "the rate that the optimizer was made with is needed: --lr",
    ("tensorflow", "ReduceLROnPlateau()", None): "the rate that the optimizer was made with is needed: --lr",
    ("torch", "ReduceLROnPlateau(optimizer, factor=1.0)", 0.1): "factor must be below 1, got 1.0",
    ("torch", "ReduceLROnPlateau(optimizer, factor=0)", 0.1):
        "factor must be positive, got 0 (the class accepts it, but no schedule expresses it)",
    ("torch", "ReduceLROnPlateau(optimizer, verbose=True)", 0.1): "got an unexpected keyword argument 'verbose'",
    ("torch", "ReduceLROnPlateau(optimizer, min_lr=[0.1, 0.2])", 0.1):
        "min_lr must be the same for all groups, got [0.1, 0.2]",
    ("torch", "ReduceLROnPlateau(optimizer, min_lr=[])", 0.1): "min_lr must be the same for all groups, got []",
    ("torch", "ReduceLROnPlateau(optimizer, min_lr=[[0.1]])", 0.1): "min_lr must be a number, got [0.1]",
    ("torch", "ReduceLROnPlateau(optimizer, min_lr=0.2)", 0.1):
        "not expressible as a schedule: min_lr: must be at most base_lr (0.1), got 0.2",
    ("torch", "ReduceLROnPlateau(optimizer, patience=-1)", 0.1): "patience must be at least 0, got -1",
    ("torch", "ReduceLROnPlateau(optimizer, mode='down')", 0.1): "mode must be one of min, max, got 'down'",
    ("tensorflow", "ReduceLROnPlateau('val_accuracy')", 0.1):
        "mode must be 'min' or 'max': with 'auto' the model decides which way 'val_accuracy' gets better",
    ("tensorflow", "ReduceLROnPlateau(5)", 0.1): "monitor must be the name of a metric, got 5",
    ("tensorflow", "ReduceLROnPlateau('a\\nb', mode='min')", 0.1): r"monitor must be the name of a metric, got 'a\nb'",
}


@pytest.mark.parametrize(("source", "text", "lr"), REFUSED)
def test_what_cannot_be_read(source, text, lr):
    with pytest.raises(PortError) as error:
        read_call(parse_call(text), source, lr)
    assert str(error.value) == f"ReduceLROnPlateau: {REFUSED[source, text, lr]}"


def test_the_metric_that_keras_is_told_keeps_its_name():
    name = """a"b'c\\d"""
    reading = read_call(parse_call(f"ReduceLROnPlateau({name!r}, mode='max', patience=1)"), "tensorflow", 0.1)
    assert reading.monitor == name
    for one in write_spellings(reading.plateau, "tensorflow", reading.monitor):
        names = {}
        exec(one.code, names)
        optimizer, watched = names["optimizer"], names["plateau"]
        watched.set_model(SimpleNamespace(optimizer=optimizer))
        for metric in (1.0, 1.0):
            watched.on_epoch_end(0, {name: metric, "val_loss": -metric})
        assert np.float32(float(optimizer.learning_rate)) == np.float32(0.01), one.code
    assert read_call(parse_call(TORCH), "torch", 0.1).monitor == "val_loss"


def test_the_command_reads_a_constructor(run):
    result = run("-m", "parity", "port", TORCH, "--from", "torch", "--lr", "0.1", "--to", "all")
    assert result.returncode == 0, result.stderr
    for line in ("# mxnet, self-contained code: 0 ULP", "# torch, built-in class: 0 ULP",
                 "# tensorflow, built-in class, but",
                 "# - Keras reduces when the bad metrics reach patience, torch when they exceed it: 2 there is 3 here. "
                 "A cooldown of 1 there is 2 here.", '#   "kind": "reduce_on_plateau",'):
        assert line in result.stdout.splitlines(), line


def test_the_command_reads_a_file(run, tmp_path):
    write(CASES["accuracy_keras"].plateau, tmp_path / "plateau.toml")
    result = run("-m", "parity", "port", tmp_path / "plateau.toml", "--to", "tensorflow", "--json")
    document = json.loads(result.stdout)
    assert ReduceOnPlateau(**document["plateau"]) == CASES["accuracy_keras"].plateau
    assert [one["note"] for one in document["ports"]["tensorflow"]] == ["", ""]


@pytest.mark.parametrize(("arguments", "said"), [
    (("--to", "optax"), "argument --to: must be one of mxnet, torch, tensorflow, or all, for a metric-driven rule"),
    (("--to", "torch", "--updates", "50"), "argument --updates: not supported for a metric-driven rule, got 50"),
    (("--to", "torch", "--from", "torch"), "argument --from: belongs to a constructor"),
])
def test_what_the_command_refuses(arguments, said, run, tmp_path):
    write(CASES["floor"].plateau, tmp_path / "plateau.json")
    result = run("-m", "parity", "port", tmp_path / "plateau.json", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
