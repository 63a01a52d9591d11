"""Tests the input of reduce on plateau in each framework: metrics of many types, and objects that are not a rule."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.schedule import Cosine, ReduceOnPlateau
from parity.cases.plateau import CASES


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("direction", ["min", "max"])
def test_a_first_metric_beyond_float32_is_the_best_as_it_is_finite(framework, direction):
    """In float32, 1e39 and 2e39 are infinite: the second metric is not better, the third is."""
    plateau = ReduceOnPlateau(base_lr=1.0, factor=0.5, patience=0, direction=direction, precision="float32")
    metrics = [2e39, 1e39, 1.0] if direction == "min" else [-2e39, -1e39, -1.0]
    assert plateau.lrs(metrics).tolist() == [1.0, 0.5, 0.5]
    applied = backend(framework).observe_plateau(plateau, metrics).applied
    assert applied[:, 0].tolist() == np.float32([1.0, 1.0, 0.5, 0.5]).tolist()


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize("name", CASES)
def test_the_port_over_the_cases_where_the_library_s_own_class_is_used(name, framework):
    """With another optimizer the implementation also covers these cases; elsewhere it is tested with the other rule."""
    ported, case = backend(framework), CASES[name]

    def build(plateau, owner):
        return ported.Plateau(plateau, owner, *(["loss"] if framework == "tensorflow" else []))

    applied = ported.observe_plateau(case.plateau, case.metrics, build=build).applied
    assert applied[:, 0].tolist() == np.float32([case.plateau.lr([]), *case.plateau.lrs(case.metrics)]).tolist()


def metrics_of(framework):
    """Return an array of one metric, and an array of two, in the framework's type."""
    if framework == "mxnet":
        import mxnet as mx
        return mx.nd.array([0.5]), mx.nd.array([0.5, 0.25])
    if framework == "torch":
        import torch
        return torch.tensor(0.5), torch.tensor([0.5, 0.25])
    import tensorflow as tf
    return tf.constant(0.5), tf.constant([0.5, 0.25])


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_metric_in_an_array_of_its_framework(framework):
    one, two = metrics_of(framework)
    for case in (CASES["accuracy_torch"], CASES["accuracy_keras"]):
        built = []

        def build(plateau, owner, case=case, built=built):
            built.append(backend(framework).build_plateau(plateau, owner))
            return built[0]

        backend(framework).observe_plateau(case.plateau, [one], build=build)
        assert built[0].best == 0.5
        with pytest.raises((TypeError, ValueError)):
            built[0].step(two)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_object_that_is_not_a_rule_is_refused(framework):
    with pytest.raises(TypeError, match=r"^not a reduce_on_plateau: Cosine\(kind='cosine', base_lr=0.1, "):
        backend(framework).build_plateau(Cosine(base_lr=0.1, updates=5), None)
