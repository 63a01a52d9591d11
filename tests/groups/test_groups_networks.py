"""Tests parameter groups of partly frozen networks, and of Gluon networks whose parameters have multipliers."""

from __future__ import annotations

import importlib

import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.schedule import Constant, SpecificationError
from frameworks.schedule.groups import Group, ParameterGroups

HALF = Constant(base_lr=0.5)


def half_frozen(framework):
    """Return a network of two layers whose body is not trained."""
    backend(framework)
    if framework == "mxnet":
        from mxnet import gluon
        network = gluon.nn.Sequential(prefix="")
        network.add(gluon.nn.Dense(4, in_units=2, prefix="body_"), gluon.nn.Dense(1, in_units=4, prefix="head_"))
        network.initialize()
        network[0].collect_params().setattr("grad_req", "null")
    elif framework == "torch":
        from torch import nn
        network = nn.Sequential()
        network.add_module("body", nn.Linear(2, 4).requires_grad_(False))
        network.add_module("head", nn.Linear(4, 1))
    else:
        import keras
        network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, name="body", trainable=False),
                                    keras.layers.Dense(1, name="head")])
    return network


def build(framework, *groups):
    module = importlib.import_module(f"frameworks.{framework}.groups")
    return module.build_groups(ParameterGroups(schedule=HALF, groups=groups), half_frozen(framework))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_is_not_trained_is_in_no_group(framework):
    assert build(framework).rates() == {"default": 0.5}
    assert build(framework, Group(name="all", match=["*head*"], lr_mult=0.5)).rates() == {"all": 0.25}
    with pytest.raises(SpecificationError, match=r"^groups\[0\]\.match\[0\]: must match a parameter; the nearest are "
                                                 r"'[^']*head[^']*', '[^']*head[^']*', got \"\*body\*\"$"):
        build(framework, Group(name="body", match=["*body*"]))


def test_the_groups_take_the_place_of_gluons_own_multipliers():
    """By hand: 1 - 1/2 * 1/4 * 1 for a weight of 1 without a gradient, for any earlier lr_mult and wd_mult."""
    build_groups = backend("mxnet").build_groups
    from mxnet import gluon, init

    network = gluon.nn.Dense(1, in_units=1, use_bias=False, weight_initializer=init.One())
    network.initialize()
    network.weight.lr_mult, network.weight.wd_mult = 3.0, 0.0
    trainer = build_groups(ParameterGroups(schedule=HALF, weight_decay=Constant(base_lr=0.25)), network)
    network.weight.grad()[:] = 0
    network.weight.data()._fresh_grad = True
    trainer.step(1)
    assert network.weight.data().asscalar() == 0.875
