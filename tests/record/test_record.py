"""Tests what a recording keeps and writes, with any framework."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from frameworks.assertions import assert_applied
from frameworks.record import Rates
from frameworks.record_rows import RecordError, iterate_rows
from frameworks.recorded import begin
from frameworks.schedule import Constant, MultiFactor
from frameworks.torch import record


def add(rates, first, last):
    for t in range(first, last):
        rates.add([0.5 / (t + 1)])


def test_what_is_not_known_is_not_compared():
    rates = Rates()
    for rate in (0.5, None, 0.5):
        rates.add([rate])
    assert_applied(rates, Constant(base_lr=0.5))
    with pytest.raises(AssertionError, match="update 2: applied"):
        assert_applied(rates, MultiFactor(base_lr=0.5, factor=0.5, milestones=[2]))
    rates.add([float("nan")])
    with pytest.raises(AssertionError, match="update 3 applied nan"):
        assert_applied(rates, Constant(base_lr=0.5))
    with pytest.raises(ValueError, match="group must be 0"):
        assert_applied([0.5], Constant(base_lr=0.5), group=1)
    with pytest.raises(ValueError, match="no update was recorded"):
        assert_applied([], Constant(base_lr=0.5))
    with pytest.raises(ValueError, match="ulp must be a whole number, at least 0, got -1"):
        assert_applied([0.5], Constant(base_lr=0.5), ulp=-1)


def test_a_training_can_be_too_short_or_too_long():
    rates = Rates(start=2)
    rates.add([0.5])
    for recorded in (rates, [0.5] * 3):
        assert_applied(recorded, Constant(base_lr=0.5), updates=3)
        for updates in (2, 4):
            with pytest.raises(AssertionError, match=f"each of the 3 updates .* but {updates} were to be made"):
                assert_applied(recorded, Constant(base_lr=0.5), updates=updates)
    for updates in (0, True, 1.5):
        with pytest.raises(ValueError, match="updates must be a whole number, at least 1, got "):
            assert_applied(rates, Constant(base_lr=0.5), updates=updates)


def test_more_than_a_million_updates_are_all_compared():
    applied = np.full(1_100_000, 0.5, np.float32)
    assert_applied(applied, Constant(base_lr=0.5))
    applied[-1] = 0.25
    with pytest.raises(AssertionError, match="update 1099999: applied"):
        assert_applied(applied, Constant(base_lr=0.5))


def test_an_error_at_the_end_leaves_nothing_open(tmp_path):
    optimizer = object()
    rates = begin(optimizer, tmp_path / "rates.csv", 0)
    rates.add([0.5])
    rates.attach(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rates.close()
    assert len(list(iterate_rows(tmp_path / "rates.csv"))) == 1
    begin(optimizer, None, 0).close(warn=False)


def test_a_plot_is_drawn(tmp_path):
    rates = Rates()
    add(rates, 0, 10)
    rates.plot(tmp_path / "rates.png")
    assert (tmp_path / "rates.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("path", "message"), [
    (5, "path must be the name of an image, or None to show it, got 5"),
    ("", "path must be the name of an image, got '.'"),
    ("rates.xyz", "rates.xyz: the name must end in one of ."),
    ("rates.pgf", "rates.pgf: the name must end in one of ."), ("a\0b.png", "a\0b.png: "),
    ("none/rates.png", "none/rates.png: no such file or directory")])
def test_a_plot_that_cannot_be_drawn_is_named(path, message, tmp_path, monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecordError) as caught:
        Rates().plot(path)
    assert str(caught.value).startswith(message)
    assert (plt.get_fignums(), list(tmp_path.iterdir())) == ([], [])


def test_a_second_recording_is_refused_until_the_first_ends():
    optimizer = object()
    with begin(optimizer, None, 0) as rates:
        with pytest.raises(RecordError, match="this object is already being recorded: close the first recording"):
            begin(optimizer, None, 0)
        rates.add([0.5])
    begin(optimizer, None, 0).close(warn=False)


def test_a_recording_without_updates_warns():
    with pytest.warns(RuntimeWarning, match="no update was recorded"), begin(object(), None, 0):
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(KeyError), begin(object(), None, 0):
            raise KeyError
    with pytest.raises(RecordError, match="no update was made"):
        Rates().report(0.5)
    rates = Rates()
    rates.add([0.5])
    rates.read_rates()
    with pytest.raises(RecordError, match="the row of update 0 is complete"):
        rates.report(0.5)


def test_a_group_that_a_custom_optimizer_holds_keeps_what_is_written():
    class Held(torch.optim.SGD):
        def step(self, closure=None):
            super().step()
            self.held["lr"] /= 2

    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.ones(1)
    optimizer = Held([weight], lr=1.0)
    optimizer.held = optimizer.param_groups[0]
    torch.optim.SGD([weight], lr=1.0)  # from now on the inner step calls the hooks too
    with record(optimizer) as rates:
        for _ in range(3):
            optimizer.step()
    assert rates.read_rates().tolist() == [1, 0.5, 0.25]
    assert weight.item() == -1.75


def test_a_step_that_raises_is_no_update():
    class Failing(torch.optim.SGD):
        def step(self, closure=None):
            if closure:
                closure()
            super().step()

    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.ones(1)
    optimizer = Failing([weight], lr=0.5)
    groups = optimizer.param_groups[0]
    with record(optimizer) as rates:
        optimizer.step()
        with pytest.raises(ZeroDivisionError):
            optimizer.step(lambda: 1 / 0)
        groups["lr"] = 0.25
        optimizer.step()
    assert rates.read_rates().tolist() == [0.5, 0.25]
    assert optimizer.param_groups[0] is groups
