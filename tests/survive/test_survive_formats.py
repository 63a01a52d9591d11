"""Checks in the syntax tree that trainings use no function that could run code from a file that it loads."""

from __future__ import annotations

import ast

import pytest

MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
NAMES = {"load_model", "save_model", "load_states", "save_states", "load_weights", "save_weights", "load_parameters",
         "save_parameters", "load_checkpoint", "save_checkpoint"}
#: In these modules also `load` and `save`.
LOADING = {"torch", "mx", "nd", "np", "numpy", "keras"}
#: The gate's optimizers and the recipes, which are saved and loaded as by a user, in a folder that the test has made.
EXEMPT = {f"frameworks/{framework}/{name}.py" for framework in ("mxnet", "torch", "tensorflow")
          for name in ("watched", "group_probe")} | {
              f"frameworks/recipes/{framework}_resume.py" for framework in ("gluon", "keras")}


def list_banned(tree):
    """Return the lines that use one of them."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {name.name.split(".")[0] for name in node.names} & MODULES
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").split(".")[0]
            names = {module} & MODULES | {name.name for name in node.names} & NAMES
            names |= {name.name for name in node.names if module in LOADING and name.name in ("load", "save")}
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
            names = {node.attr} & NAMES | ({node.attr} & {"load", "save"} if owner in LOADING else set())
        else:
            continue
        if names:
            found.append(node.lineno)
    return sorted(found)


def test_none_in_what_trains(root):
    files = [path for folder in ("frameworks", "reproduce") for path in sorted((root / folder).rglob("*.py"))]
    assert len(files) > 60
    found = {path.relative_to(root).as_posix() for path in files if list_banned(ast.parse(path.read_text()))}
    assert found == EXEMPT  # each of these exemptions is needed


@pytest.mark.parametrize("text", [
    "import pickle", "from pickle import loads", "import torch\ntorch.load('a')",
    "keras.models.load_model('a')", "from keras.models import load_model", "trainer.load_states('a')",
    "trainer.save_states('a')", "mx.nd.load('a')", "from torch import load", "np.load('a')", "import joblib",
    "net.load_parameters('a')", "def f():\n    import dill"])
def test_a_planted_use_is_found(text):
    assert list_banned(ast.parse(text))


def test_what_is_allowed_is_not_found():
    code = "from safetensors import numpy as safetensors\nsafetensors.load(a)\njson.load(b)"
    assert list_banned(ast.parse(code)) == []
