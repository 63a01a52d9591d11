"""Runs the code of frameworks/GROUPS.md, and measures what its tables state about the frameworks."""

from __future__ import annotations

import importlib
import os
import pickle
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from mxnet import gluon

from frameworks import FRAMEWORKS
from frameworks.schedule import Constant, Cosine, MultiFactor
from frameworks.schedule.group_files import loads_groups
from frameworks.schedule.groups import Group, ParameterGroups
from frameworks.tensorflow.groups import Grouped
from frameworks.torch.groups import Grouped as TorchGrouped
from frameworks.torch.groups import build_groups

HALF = Constant(base_lr=0.5)


@pytest.fixture(scope="module")
def page(root):
    return (root / "frameworks/GROUPS.md").read_text()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_code_applies_the_groups(framework, page, run, root, tmp_path):
    (data,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    assert len(blocks) == len(FRAMEWORKS)
    (code,) = (block for block in blocks if f"frameworks.{framework} " in block)
    (tmp_path / "groups.toml").write_text(data)
    result = run("-c", code, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)})
    groups = loads_groups(data, "toml")
    printed = [line for line in result.stdout.splitlines() if re.match(r"\d+ {", line)]
    assert printed == [f"{update} {groups.rates(update)}" for update in range(25)], result.stderr


def test_the_readme_names_the_page(root):
    assert "(frameworks/GROUPS.md)" in (root / "README.md").read_text()


def measure_elements(framework, groups):
    """Return two elements, with gradient 1 or weight 1, after an update; and after an update from zeros."""
    module = importlib.import_module(f"frameworks.{framework}.group_probe")
    network = module.WatchedGroups(groups, 2, run="eager")
    first = network.update(np.float32([[0, 1]] * 3), np.float32([[1, 0]] * 3))
    return first[0].tolist(), network.update(np.zeros((3, 2), np.float32), np.zeros((3, 2), np.float32))[0].tolist()


@pytest.mark.parametrize(("framework", "momentum", "decay"), [
    ("mxnet", -0.25, -0.0625), ("torch", -0.125, -0.03125), ("tensorflow", -0.25, 0.0)])
def test_the_couplings(framework, momentum, decay):
    """By hand: rate 1/2, then 1/4; momentum 1/2, decay 1/4. A gradient of 1, and a weight of 1, at the first update."""
    groups = ParameterGroups(schedule=MultiFactor(base_lr=0.5, factor=0.5, milestones=[1]), momentum=HALF,
                             weight_decay=Constant(base_lr=0.25))
    assert measure_elements(framework, groups) == ([-0.5, 0.875], [momentum, decay])


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize(("by", "left"), [(0.5, 0.9375), (0.0, 1.0), (2.0, 0.75)])
def test_a_multiplier_multiplies_the_decay_too(framework, by, left):
    groups = ParameterGroups(schedule=HALF, weight_decay=Constant(base_lr=0.25),
                             groups=[Group(name="all", match=["*"], lr_mult=by)])
    assert measure_elements(framework, groups)[0] == [-0.5 * by, left]


def test_a_product_between_two_float32_numbers_is_rounded_alike():
    """Gluon's `lr_mult` gives the float32 number below: tests/groups/test_groups_natively.py."""
    groups = ParameterGroups(schedule=Constant(base_lr=0.5731304883956909),
                             groups=[Group(name="all", match=["*"], lr_mult=10.0)])
    assert {framework: np.float32(-measure_elements(framework, groups)[0][0]) for framework in FRAMEWORKS} == (
        dict.fromkeys(FRAMEWORKS, np.float32(5.731305)))


def test_the_rule_written_out_for_keras_is_that_of_its_sgd():
    """Compares 30 updates of random gradients, bit for bit, with momentum and decay."""
    random = np.random.default_rng(0)
    start = random.normal(size=100).astype(np.float32)
    mine, theirs = tf.Variable(start), tf.Variable(start)
    groups = ParameterGroups(schedule=Constant(base_lr=0.1), momentum=Constant(base_lr=0.9),
                             weight_decay=Constant(base_lr=0.01))
    for variable, optimizer in ((mine, Grouped(groups)), (theirs, keras.optimizers.SGD(0.1, 0.9, weight_decay=0.01))):
        optimizer.build([variable])
        random = np.random.default_rng(1)
        for _ in range(30):
            optimizer.apply([tf.constant(random.normal(size=100), tf.float32)], [variable])
    assert mine.numpy().tobytes() == theirs.numpy().tobytes() != start.tobytes()


def test_keras_counts_updates_where_batches_are_accumulated():
    groups = ParameterGroups(schedule=MultiFactor(base_lr=1.0, factor=0.5, milestones=[1, 2, 3]))
    weight = tf.Variable(tf.zeros(1))
    optimizer = Grouped(groups, gradient_accumulation_steps=2)
    optimizer.build([weight])
    seen = []
    for _ in range(8):
        optimizer.apply([tf.ones(1)])
        seen.append(-float(weight[0]))
        weight.assign(tf.zeros(1))
    assert seen == [0, 1.0, 0, 0.5, 0, 0.25, 0, 0.125]


def test_other_optimizers_and_those_without_momentum():
    net = torch.nn.Linear(1, 1)
    decayed = ParameterGroups(schedule=Cosine(base_lr=0.5, updates=4), weight_decay=HALF)
    (group,) = build_groups(decayed, net, torch.optim.AdamW).optimizer.param_groups
    assert (group["lr"], group["weight_decay"], group["betas"]) == (0.5, 0.5, (0.9, 0.999))
    moving = ParameterGroups(schedule=HALF, momentum=HALF)
    with pytest.raises(ValueError, match=r"^AdamW has no momentum that a schedule could set$"):
        build_groups(moving, net, torch.optim.AdamW)
    with pytest.raises(ValueError, match=r"^Rprop has no weight_decay that a schedule could set$"):
        build_groups(decayed, net, torch.optim.Rprop)
    for setting in ("learning_rate", "weight_decay"):
        with pytest.raises(TypeError, match=rf"^{setting} is set by the groups, got 0.5$"):
            Grouped(decayed, **{setting: 0.5})
    gluon_net = gluon.nn.Dense(1, in_units=1)
    gluon_net.initialize()
    build = importlib.import_module("frameworks.mxnet.groups").build_groups
    assert list(build(decayed, gluon_net, "adam").trainers) == ["default"]
    with pytest.raises(ValueError, match=r"^Adam has no momentum that a schedule could set$"):
        build(moving, gluon_net, "adam")
    with pytest.raises(ValueError, match=r"^sequential\w* has no variables yet: give it a keras.Input, or build it$"):
        importlib.import_module("frameworks.tensorflow.groups").build_groups(
            moving, keras.Sequential([keras.layers.Dense(1)]))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_object_without_groups_is_refused(framework):
    build = importlib.import_module(f"frameworks.{framework}.groups").build_groups
    with pytest.raises(TypeError, match=r"^not parameter groups: Constant\(kind='constant', base_lr=0.5\)$"):
        build(HALF, None)


@pytest.mark.filterwarnings("ignore:Seems like `optimizer.step:UserWarning")  # the copied optimizer has a plain step
def test_torch_scheduler_copied_and_on_an_optimizer_of_ones_own():
    groups = ParameterGroups(schedule=Cosine(base_lr=0.5, updates=4), groups=[
        Group(name="bias", match=["bias"], lr_mult=0.5)])
    scheduler = pickle.loads(pickle.dumps(build_groups(groups, torch.nn.Linear(1, 1))))
    for t in range(5):
        assert scheduler.rates() == groups.rates(t)
        scheduler.optimizer.step()
        scheduler.step()
    weights = list(torch.nn.Linear(1, 1).parameters())
    own = torch.optim.SGD([{"params": weights[:1], "name": "bias"}, {"params": weights[1:], "name": "bais"}])
    with pytest.raises(ValueError, match=r"^param_groups\[1\]\['name'\] must be one of default, bias, got 'bais'$"):
        TorchGrouped(own, groups)
    own.param_groups[1]["name"] = "default"
    assert TorchGrouped(own, groups).rates() == {"bias": 0.25, "default": 0.5}
