"""Tests that the page of what a run survives is current, and that every test that it names exists."""

from __future__ import annotations

import ast
import sys

import pytest

from frameworks import FRAMEWORKS
from tests.harness import reliability
from tests.harness.reliability import PROMISES


def check(monkeypatch, path=reliability.PAGE):
    monkeypatch.setattr(sys, "argv", ["reliability", "--check"])
    return reliability.main(path)


def test_the_page_is_current(monkeypatch, tmp_path, capsys):
    assert check(monkeypatch) == 0
    (tmp_path / "page.md").write_text(reliability.PAGE.read_text() + "and more")  # as a counterpart
    assert check(monkeypatch, tmp_path / "page.md") == 4
    assert capsys.readouterr().err == "page.md is not current: python -m tests.harness.reliability\n"


def is_defined(root, test):
    file, name = test.split("::")
    path = root / f"tests/{file}.py"
    return path.exists() and name in [node.name for node in ast.parse(path.read_text()).body
                                      if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.text[:40])
def test_every_test_that_is_named_exists(promise, root):
    assert [test for test in promise.tests if not is_defined(root, test)] == []
    assert not is_defined(root, "reproduce/test_divergence::test_nothing")


def test_the_full_run_lost_nothing():
    results = reliability.read()
    kills = [results[f"kills {name}"] for name in FRAMEWORKS]
    assert sum(one["kills"] for one in kills) >= 500
    for one in kills:
        assert (one["torn"], one["missing"], one["other_weights"], one["other_runs"], one["wrong"]) == (0, 0, 0, 0, [])
        assert one["most_updates_lost"] <= one["interval"]
    assert all(results[f"cost {name}"]["share"] <= 0.02 for name in FRAMEWORKS)
