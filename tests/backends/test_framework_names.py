"""Tests that a framework has one name in all output, and that each argument accepts its other names."""

from __future__ import annotations

import argparse
import importlib
import json

import pytest

from frameworks import FRAMEWORKS, SYNONYMS, backend, version
from frameworks.arguments import build_choice_type, device, framework
from parity.port.read import SOURCES
from parity.port.write import TARGETS
from reproduce import chapter, constant
from reproduce.trainer import command

SPELLINGS = [("Gluon", "mxnet"), ("gluon", "mxnet"), ("MXNet", "mxnet"), ("MXNET", "mxnet"), ("PyTorch", "torch"),
             ("pytorch", "torch"), ("Torch", "torch"), ("Keras", "tensorflow"), ("keras", "tensorflow"),
             ("TensorFlow", "tensorflow"), ("tf", "tensorflow"), ("TF", "tensorflow")]


@pytest.mark.parametrize(("text", "name"), SPELLINGS)
def test_each_spelling_is_one_name(text, name):
    for accept in (framework, build_choice_type(tuple(SOURCES)), build_choice_type((*TARGETS, "all")),
                   build_choice_type((*FRAMEWORKS, "all"))):
        assert accept(text) == name
    assert name in FRAMEWORKS


@pytest.mark.parametrize("text", ["gluoncv", "optax", "all"])
def test_other_libraries_keep_their_names(text):
    assert text.lower() not in SYNONYMS
    assert build_choice_type((*SOURCES, *TARGETS, "all"))(text) == text
    with pytest.raises(argparse.ArgumentTypeError, match=f"must be one of mxnet, torch, tensorflow, got '{text}'"):
        framework(text)


@pytest.mark.parametrize(("accept", "text", "message"), [
    (framework, "pytroch", "must be one of mxnet, torch, tensorflow, got 'pytroch'; did you mean 'torch'?"),
    (framework, "mxnet ", "must be one of mxnet, torch, tensorflow, got 'mxnet '; did you mean 'mxnet'?"),
    (framework, "", "must be one of mxnet, torch, tensorflow, got ''"),
    (device, "tf", "must be one of auto, cpu, gpu, got 'tf'"),  # a synonym is accepted only as a framework
])
def test_another_name_is_refused(accept, text, message):
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        accept(text)
    assert str(caught.value) == message


def test_a_backend_has_the_same_synonyms():
    assert backend("PyTorch") is backend("torch") is importlib.import_module("frameworks.torch")
    assert version("pytorch") == version("torch")
    with pytest.raises(ValueError, match=r"^framework must be one of mxnet, torch, tensorflow, got None$"):
        backend(None)


def test_port_prints_one_name(run):
    constructor = "CosineScheduler(20, base_lr=0.3, final_lr=0.01)"
    texts = [run("-m", "parity", "port", constructor, "--from", source, "--to", target, "--no-measure", "--json")
             for source, target in (("mxnet", "tensorflow"), ("Gluon", "Keras"))]
    assert texts[0].stdout == texts[1].stdout, texts[1].stderr
    assert list(json.loads(texts[1].stdout)["ports"]) == ["tensorflow"]


def test_measure_prints_one_name(run, tmp_path):
    (tmp_path / "rate.json").write_text('{"kind": "constant", "base_lr": 0.5}')
    result = run("-m", "parity", "measure", "--framework", "PyTorch", "--updates", "2", tmp_path / "rate.json")
    assert json.loads(result.stdout)["framework"] == "torch", result.stderr


def test_a_run_has_one_name(monkeypatch):
    """The folder of the run has this name, and so has its record."""
    seen = []
    monkeypatch.setattr(command, "run", lambda experiment, chosen: seen.append(str(chosen.out)) or 0)
    assert command.main(constant.EXPERIMENT, ["--framework", "Keras"]) == 0
    monkeypatch.setattr(chapter, "_run", lambda experiments, chosen: seen.append(chosen.framework) or 0)
    assert chapter.main(["--framework", "Gluon"]) == 0
    assert seen == ["runs/constant-tensorflow-seed0", "mxnet"]
