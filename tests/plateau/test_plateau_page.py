"""Tests frameworks/PLATEAU.md: its code runs, and its table is correct."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import ReduceOnPlateau
from parity.port.plateau import READERS

LOSSES = [0.9, 0.5, 0.51, 0.52, 0.5, 0.49]
rule = ReduceOnPlateau(base_lr=0.1, factor=0.1, patience=1)


@pytest.fixture(scope="module")
def page(root):
    return (root / "frameworks/PLATEAU.md").read_text()


@pytest.fixture(scope="module")
def blocks(page):
    return re.findall(r"```python\n(.*?)```", page, re.S)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_code_applies_the_rule_and_resumes(framework, blocks, run):
    (code,) = (block for block in blocks if f"frameworks.{framework} " in block)
    result = run("-c", code)
    rates = [np.float32(line.split()[1]) for line in result.stdout.splitlines()]
    assert rates == np.float32([rule.lr(LOSSES[:seen]) for seen in range(len(LOSSES))]).tolist(), result.stderr
    assert rates == np.float32([0.1, 0.1, 0.1, 0.1, 0.01, 0.01]).tolist()  # 0.51 and 0.52 count as bad


def test_the_specification_prints_what_its_comments_state(blocks, run):
    assert len(blocks) == 1 + len(FRAMEWORKS)
    assert run("-c", blocks[0]).stdout.splitlines() == [
        "0.1", "0.1", "0.05", "[0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.03]", "True"]


def test_the_command_runs(page, run):
    (command,) = re.findall(r"^    python (-m parity .*)$", page, re.M)
    before, text, after = command.split('"')
    result = run(*before.split(), text, *after.split())
    assert "5 there is 6 here" in result.stdout
    assert "patience=6" in result.stdout


def test_the_table_has_every_field_and_every_default(page):
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", page, re.M)
    assert {name for name, *_ in rows} == set(ReduceOnPlateau.model_fields) - {"kind"}
    for column, source in ((1, "torch"), (2, "tensorflow")):
        said = dict(re.findall(r"`(\w+)` \(([^):]+)[):]", " ".join(row[column] for row in rows)))
        defaults = {name: one.default for name, one in inspect.signature(READERS[source]).parameters.items()
                    if one.default is not inspect.Parameter.empty and name not in ("monitor", "verbose")}
        assert {name: eval(value) for name, value in said.items()} == defaults


@pytest.mark.parametrize("source", READERS)
def test_the_readers_have_the_signature_of_the_class(source):
    import keras
    import torch

    own = {"torch": torch.optim.lr_scheduler.ReduceLROnPlateau, "tensorflow": keras.callbacks.ReduceLROnPlateau}[source]
    there = {name: one.default for name, one in inspect.signature(own).parameters.items() if name != "kwargs"}
    assert list(inspect.signature(READERS[source]).parameters)[1:] == list(there)
    assert [one.default for one in inspect.signature(READERS[source]).parameters.values()][1:] == list(there.values())
