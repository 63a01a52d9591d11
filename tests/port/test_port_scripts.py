"""Tests that whole scripts are read: each scheduler with its line, its optimizer and the values of its names."""

from __future__ import annotations

import json
import sys
import time

import pytest

from parity.__main__ import main
from parity.port import SOURCES
from tests.port.scripts_to_port import GLUONCV, KERAS, LIBRARIES, MODULE, TORCH


def run_port(capsys, folder, source, *arguments, name="train.py"):
    """Return the JSON document of `port` for a script, its exit code and what it wrote to stderr."""
    (folder / name).write_text(source)
    with pytest.raises(SystemExit) as end:
        sys.exit(main(["port", str(folder / name), "--to", "torch", "--no-measure", "--json", *arguments]))
    printed = capsys.readouterr()
    return json.loads(printed.out or "null"), end.value.code or 0, printed.err


def schedules(document):
    """Return line, class, library and read schedule of each scheduler."""
    return [(item["line"], item["class"], item["library"], item["ported"] and item["ported"]["schedule"])
            for item in document["schedulers"]]


def test_a_script_of_gluoncv_needs_the_size_of_its_data_only(capsys, tmp_path):
    """The steps, the warm-up and the mode are followed from the options to the trainer."""
    document, code, error = run_port(capsys, tmp_path, GLUONCV)
    assert (code, document["schedulers"][0]["needs"]) == (2, ["len(train_dataset)"])
    assert "1 of 1 schedulers not ported: give --set 'len(train_dataset)=VALUE'" in error
    document, code, _ = run_port(capsys, tmp_path, GLUONCV, "--set", "len(train_dataset)=1005")
    [(line, name, library, schedule)] = schedules(document)
    assert (code, line, name, library) == (0, 31, "LRSequential", "gluoncv")
    assert schedule["of"]["boundaries"] == [100]
    assert schedule["of"]["parts"][1]["milestones"] == [300, 500]
    assert document["schedulers"][0]["optimizer"] == (
        "nag(wd=0.1, momentum=0.9, multi_precision=multi_precision)")


def test_an_option_that_is_set_takes_another_branch(capsys, tmp_path):
    """--set args.x=... replaces the default of an option."""
    size = ("--set", "len(train_dataset)=1000", "--set")
    document, _, _ = run_port(capsys, tmp_path, GLUONCV, *size, "opt.lr_mode='cosine'")
    assert schedules(document)[0][3]["of"]["parts"][1] == {
        "kind": "cosine", "base_lr": 0.1, "final_lr": 0.0, "updates": 799}
    document, _, _ = run_port(capsys, tmp_path, GLUONCV, *size, "opt.lr_decay_period=3")
    assert schedules(document)[0][3]["of"]["parts"][1]["milestones"] == [200, 500]


def test_a_script_of_torch_is_followed_through_its_classes(capsys, tmp_path):
    """The optimizer of __init__ is the one of run; branches that are not entered are listed."""
    document, code, _ = run_port(capsys, tmp_path, TORCH)
    [(line, name, library, schedule)] = schedules(document)
    assert (code, line, name, library) == (0, 28, "SequentialLR", "torch")
    assert schedule["boundaries"] == [5]
    assert schedule["parts"][0] == {"kind": "polynomial", "base_lr": 0.005, "final_lr": 0.5, "power": 1.0, "updates": 5}
    assert document["not_built"] == [{"line": 22, "class": "StepLR", "branch": "line 21: if name == 'steplr'"}]


def test_keras_and_the_module_are_read(capsys, tmp_path):
    """A schedule inside compile, fit with pairs of options, create, and an optimizer's class."""
    document, _, _ = run_port(capsys, tmp_path, KERAS, "--set", "len(train)=7")
    assert schedules(document) == [(5, "CosineDecay", "tensorflow", {
        "kind": "cosine", "base_lr": 0.1, "final_lr": 0.001, "updates": 70})]
    document, code, _ = run_port(capsys, tmp_path, MODULE)
    read = [(line, schedule.get("of", schedule)["base_lr"]) for line, _, _, schedule in schedules(document)]
    assert (code, read) == (0, [(6, 0.25), (7, 0.001), (8, 0.5)])
    assert document["schedulers"][2]["ported"]["schedule"]["by"] == 3


def test_a_notebook_is_read(capsys, tmp_path):
    """The code cells of a notebook are one script; lines of IPython are left out."""
    cells = [{"cell_type": "markdown", "source": ["# x"]},
             {"cell_type": "code", "source": ["%matplotlib inline\n", "!ls\n"]},
             {"cell_type": "code", "source": MODULE.splitlines(keepends=True)}]
    document, code, _ = run_port(capsys, tmp_path, json.dumps({"cells": cells, "nbformat": 4}), name="train.ipynb")
    assert (code, len(document["schedulers"])) == (0, 3)


@pytest.mark.parametrize(("statement", "around"), [
    ("for i in range(3):\n    s = mx.lr_scheduler.PolyScheduler(100)", "a loop (line 2)"),
    ("while wait():\n    s = mx.lr_scheduler.PolyScheduler(100)", "a loop (line 2)"),
    ("make = lambda: mx.lr_scheduler.PolyScheduler(100)", "a lambda (line 2)"),
    ("if flag:\n    s = mx.lr_scheduler.PolyScheduler(100)", "if flag (line 2)"),
    ("if flag:\n    pass\nelse:\n    s = mx.lr_scheduler.PolyScheduler(100)", "else of if flag (line 2)"),
    ("try:\n    pass\nexcept OSError:\n    s = mx.lr_scheduler.PolyScheduler(100)", "except (line 4)"),
    ("def make(n):\n    return mx.lr_scheduler.PolyScheduler(100)", None),
    ("class A:\n    def make(self):\n        return mx.lr_scheduler.PolyScheduler(100)", None),
    ("print(f'{mx.lr_scheduler.PolyScheduler(100)}')", None)])
def test_what_is_around_a_scheduler_is_reported(capsys, tmp_path, statement, around):
    """A scheduler in a loop, a lambda or a branch is reported as such, with its line."""
    document, _, _ = run_port(capsys, tmp_path, f"import mxnet as mx\n{statement}\n")
    assert [item["around"] for item in document["schedulers"]] == [[around] if around else []]


BY_HAND = """
trainer.set_learning_rate(trainer.learning_rate * 0.1)
for group in optimizer.param_groups:
    group["lr"] *= 0.1
optimizer.param_groups[0]['lr'] = 0.1
optimizer.lr.assign(0.1)
model.optimizer.learning_rate = 0.1
K.set_value(model.optimizer.lr, 0.1)
callback = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1)
config.lr = 0.1
row["lr"] = 0.1
"""


def test_rates_that_are_set_by_hand_are_pointed_out(capsys, tmp_path):
    """Each line that sets the rate of an optimizer is found, and no other."""
    document, code, error = run_port(capsys, tmp_path, BY_HAND)
    assert [item["line"] for item in document["by_hand"]] == [2, 4, 5, 6, 7, 8, 9]
    assert (code, document["schedulers"]) == (2, [])
    assert f"no scheduler of {', '.join(SOURCES)} is built in it" in error


def test_a_long_script_is_read_within_a_second(capsys, tmp_path):
    """2,000 lines of assignments and calls."""
    lines = "".join(f"x{n} = build(x{n - 1}, option={n} * 2 + len(data), other=[1, 2, {n}])\n" for n in range(1, 2000))
    start = time.perf_counter()
    document, code, _ = run_port(capsys, tmp_path, MODULE + lines)
    assert (code, len(document["schedulers"])) == (0, 3)
    assert time.perf_counter() - start < 3  # 1 s on a quiet machine: see the benchmark


@pytest.mark.parametrize(("content", "settings", "message"), [
    (b"x = (", [], "train.py, line 1: not Python: '(' was never closed"),
    (b"\x00\xff\xfe", [], "train.py: must be text in UTF-8"),
    (b"x = 1\n" * 60_000, [], "train.py: a script has at most 50,000 lines, got 60,001"),
    (b"x = 1\n" * 1_000_000, [], "train.py: a script has at most 4 MiB"),
    (None, [], "train.py: must be a regular file"),
    (MODULE.encode(), ["a=1", "a=2"], "--set a is given twice: 1 and 2"),
    (MODULE.encode(), ["a=1"], "--set a: not used in the text"),
    (MODULE.encode(), ["a=b"], "--set a: must be a number, a list or text in quotes, got 'b'"),
    (MODULE.encode(), ["a"], "--set must be NAME=VALUE, such as args.lr=0.1, got 'a'"),
    (MODULE.encode(), ["1=2"], "--set must begin with a name, such as args.lr or len(loader), got '1'")])
def test_bad_input_is_one_line_and_exit_2(capsys, tmp_path, content, settings, message):
    """A script that cannot be read, and settings that make no sense, end with one line that names them."""
    path = tmp_path / "train.py"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(SystemExit) as end:
        main(["port", str(path), "--to", "torch", "--no-measure", *(f"--set={setting}" for setting in settings)])
    printed = capsys.readouterr()
    assert (end.value.code, printed.out, printed.err.count("\n")) == (2, "", 1)
    assert message in printed.err


def test_a_script_that_imports_and_runs_programs_is_not_run(capsys, tmp_path):
    """A script that is read starts no program and writes no file."""
    path = tmp_path / "made"
    hostile = f"import os\nos.system('touch {path}')\nopen({str(path)!r}, 'w')\nexec(\"open({str(path)!r}, 'w')\")\n"
    _, code, _ = run_port(capsys, tmp_path, hostile + MODULE)
    assert code == 0
    assert not path.exists()


@pytest.mark.parametrize("bomb", [
    "x = [0] * 90000\n" + "x.extend(x)\n" * 40, "x = [0] * 90000\n" + "x = x + x\n" * 40,
    "x = [0] * 90000\ny = [x] * 90000\nif flag:\n    y = [x] * 80000\nprint(y)", "x = []\nx.append(x)\nprint(x[0] * 2)",
    "d = {}\nd['d'] = d\nif flag:\n    d['e'] = d", "def f(n):\n    return [f(n), f(n)]\nf(1)"])
def test_sizes_are_bounded(capsys, tmp_path, bomb):
    """Values that grow without limit stay unknown; the scheduler beside them is read."""
    document, code, _ = run_port(capsys, tmp_path, f"{bomb}\n{MODULE}")
    assert (code, len(document["schedulers"])) == (0, 3)


def test_schedulers_of_other_libraries_are_read(capsys, tmp_path):
    document, code, _ = run_port(capsys, tmp_path, LIBRARIES, "--updates-per-epoch", "10", "--total-updates", "2000")
    rows = [(item["class"], item["library"], item["optimizer"]) for item in document["schedulers"]]
    adam, sgd = "AdamW(model.parameters(), lr=5e-05)", "SGD(model.parameters(), lr=0.2)"
    assert (code, rows) == (0, [
        ("get_cosine_schedule_with_warmup", "transformers", adam), ("get_scheduler", "transformers", adam),
        ("CosineLRScheduler", "timm", "create_optimizer_v2(model, opt='sgd', lr=0.1)"),
        ("warmup_cosine_decay_schedule", "optax", None), ("CosineAnnealingWithWarmupScheduler", "composer", sgd)])
    kinds = [schedule["kind"] for *_, schedule in schedules(document)]
    assert kinds == ["warmup", "polynomial", "hold", "warmup", "warmup"]


def test_a_length_that_is_not_given_is_named(capsys, tmp_path):
    document, code, _ = run_port(capsys, tmp_path, LIBRARIES)
    reasons = [item["reason"] for item in document["schedulers"] if not item["ported"]]
    assert (code, len(reasons)) == (2, 2)
    assert "give --updates-per-epoch" in reasons[0]
    assert "give --total-updates" in reasons[1]
