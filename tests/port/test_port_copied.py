"""Tests that a constructor is read as it is copied from a script; the editor's tests have more of these texts."""

from __future__ import annotations

import json

import pytest

from parity.__main__ import main
from parity.port import PortError, read_text
from parity.port.read.literal import MAX_CHARACTERS

STEPS = "StepLR(optimizer, 30)"


@pytest.mark.parametrize("text", [
    "scheduler = {}", "scheduler: LRScheduler = {}  # every 30 epochs", "# a\n    # b\n    self.s = {},", "{};",
    "return torch.optim.lr_scheduler.{}", "```python\n{}\n```\n", "`{}`", "\ufeff{}"])
def test_a_copied_constructor_is_read(text):
    assert read_text(text.format(STEPS), "torch", lr=0.1) == read_text(STEPS, "torch", lr=0.1)


@pytest.mark.parametrize(("text", "message"), [
    ("x = 1; y = {}", "must be one call such as CosineScheduler(20), got 2 statements: 'x = 1; y = StepLR(optimizer"),
    ("[{}]", "must be a call such as"), ("x += {}", "must be a call such as"), ("x: T", "must be a call such as"),
    ("return", "must be a call such as"), ("# {}", "the text is empty"), ("```\n```", "the text is empty"),
    ("```\n{}", "not a call: ")])
def test_what_is_near_it_is_refused(text, message):
    with pytest.raises(PortError) as caught:
        read_text(text.format(STEPS), "torch", lr=0.1)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("text", ["`", "~", "`\n", "#\n ", "\ufeff", "x=", "```x\n"])
def test_a_long_text_is_refused_at_once(text):
    """A pattern that takes time in the square of the length would be noticed."""
    with pytest.raises(PortError):
        read_text(text * (MAX_CHARACTERS // len(text)), "torch", lr=0.1)


@pytest.mark.parametrize(("text", "given"), [
    ("return FactorScheduler(3)", ["--from", "mxnet", "--optimizer", "SGD(learning_rate=0.5)"]),
    ("x: LRScheduler = FactorScheduler(3)", ["--from", "mxnet", "--optimizer", "SGD(learning_rate=0.5)"]),
    ("scheduler = FactorScheduler(3)", ["--from", "mxnet", "--optimizer", "SGD(learning_rate=0.5)"]),
    ("```\nFactorScheduler(3);\n```", ["--from", "mxnet", "--optimizer", "opt = SGD(learning_rate=0.5)"])])
def test_the_command_reads_it_with_an_optimizer(text, given, capsys):
    """A piece of a script has its own optimizer: there the option is refused."""
    assert main(["port", text, "--to", "torch", "--no-measure", "--json", *given]) == 0
    assert json.loads(capsys.readouterr().out)["schedule"]["base_lr"] == 0.5


@pytest.mark.parametrize("text", ["x = {}", "return {}", "{},"])
def test_a_copied_rule_that_follows_a_metric_is_read(text, capsys):
    rule = "ReduceLROnPlateau(optimizer, patience=2)"
    given = ["--from", "torch", "--lr", "0.1", "--to", "tensorflow"]
    assert main(["port", rule, *given]) == 0
    expected = capsys.readouterr().out
    assert (main(["port", text.format(rule), *given]), capsys.readouterr().out) == (0, expected)


def test_a_piece_that_ends_with_a_return_is_followed(capsys):
    text = f"scheduler = {STEPS}\nreturn scheduler\nother = StepLR(optimizer, 9)"
    assert main(["port", text, "--from", "torch", "--lr", "0.1", "--to", "torch", "--no-measure", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [item["ported"]["schedule"]["every"] for item in document["schedulers"]] == [30]
    assert [(item["line"], item["class"]) for item in document["not_built"]] == [(3, "StepLR")]
