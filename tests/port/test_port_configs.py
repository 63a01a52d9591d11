"""Tests that configuration files and command-line arguments of a library are recognized and read."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from parity.__main__ import main
from parity.port import SOURCES, PortError, read_text
from parity.port.read import torch
from parity.port.read.configs import has_config, is_config_file, read_arguments, read_list
from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, Name

OPTIONS = {"--lr": float, "--steps": read_list, "--flag": None}


def read_example(text, scope):
    """Read "--lr 0.1 --every 3" or "lr=0.1 every=3" as a StepLR."""
    given = read_arguments(text.replace("lr=", "--lr ").replace("every=", "--every "), scope, {
        "--lr": float, "--every": int})
    return Call("StepLR", (Call("SGD", (Name("params"),), {"lr": given["--lr"]}), given["--every"]))


@pytest.fixture
def example(monkeypatch):
    monkeypatch.setitem(SOURCES, "torch", SimpleNamespace(
        READERS=torch.READERS, REFUSED={}, CONFIGS=(".conf", "--"), read_config=read_example))


def test_a_configuration_is_known_by_its_suffix_or_by_two_dashes():
    files, both = SimpleNamespace(CONFIGS=(".conf",)), SimpleNamespace(CONFIGS=(".conf", "--"))
    for module in (files, both):
        assert is_config_file(module, "a.conf")
        assert not is_config_file(module, "f('a.conf')\n.conf")
    assert (has_config(files, "x --lr 1"), has_config(both, "x --lr 1")) == (False, True)
    assert not has_config(both, "StepLR(optimizer, 3 - -1)")
    assert not has_config(torch, "a.conf")


def test_a_text_and_a_file_are_read_as_the_constructor(example, tmp_path, capsys):
    (tmp_path / "a.conf").write_text("lr=0.1 every=$N")
    arguments = read_text("--lr 0.1 --every 3 --other", "torch")
    assert arguments == read_text("StepLR(SGD(params, lr=0.1), 3)", "torch")
    assert arguments == read_text("lr=0.1 every=$N", "torch", config=True, values={"N": "3"})
    for text in (str(tmp_path / "a.conf"), "--lr 0.1 --every $N"):
        with pytest.raises(SystemExit) as end:
            sys.exit(main(["port", text, "--from", "torch", "--to", "mxnet", "--no-measure", "--set", "N=3"]))
        assert (end.value.code, '"every": 3' in capsys.readouterr().out) == (0, True)


def test_a_file_that_cannot_be_read_is_named(example, tmp_path, capsys):
    (tmp_path / "b.conf").write_bytes(b"\xff")
    (tmp_path / "c.conf").write_bytes(b" " * ((1 << 20) + 1))
    for name, reason in (("a", "no such file or directory"), ("b", "must be text in UTF-8"), ("c", "bytes")):
        with pytest.raises(SystemExit) as end:
            main(["port", str(tmp_path / f"{name}.conf"), "--from", "torch", "--to", "mxnet", "--no-measure"])
        [line] = capsys.readouterr().err.splitlines()
        assert (end.value.code, f"{name}.conf: " in line, reason in line) == (2, True, True), line


def test_options_are_converted_and_others_are_ignored():
    text = "main.py --x 1 --lr=0.1 \\\n --steps '[1, 2,]' --flag -y --lr 0.2 # --lr 3"
    assert read_arguments(text, Scope(), OPTIONS) == {"--lr": 0.2, "--steps": [1.0, 2.0], "--flag": True}
    scope = Scope({"A": 0.3})
    assert read_arguments("--lr ${A} --steps $B", scope, OPTIONS) == {"--lr": 0.3, "--steps": Name("B", ("B",))}
    assert scope.used == {"A"}


@pytest.mark.parametrize(("text", "message"), [
    ("--lr x", "argument --lr: invalid float value: 'x'"), ("--lr", "argument --lr: expected one argument"),
    ("--steps 1,b", "argument --steps: invalid list value: '1,b'"),
    ("--lr-decay=1", "--lr-decay is unknown and may change the rate: leave it out, or port the constructor"),
    ("--old 1", "--old cannot be ported: it is old"),
    ("--lr '1", "not a text of arguments: no closing quotation, got "),
    ("-" * 20_001, "arguments have at most 20,000 characters, got 20,001")])
def test_arguments_that_cannot_be_read_are_refused(text, message):
    with pytest.raises(PortError) as refusal:
        read_arguments(text, Scope(), OPTIONS, refused={"--old": "it is old"})
    assert str(refusal.value).startswith(message)
