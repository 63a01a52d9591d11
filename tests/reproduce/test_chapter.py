"""Tests the command that runs the whole chapter: which commands it starts, what it skips, which figures it draws."""

from __future__ import annotations

import json
import re
import sys
from itertools import pairwise

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.epoch import Epoch
from frameworks.weights import draw_first_weights
from reproduce import chapter
from reproduce.trainer import record as records
from reproduce.trainer.events import write

FOUR = np.ones(4)


def build_record(framework="torch", experiment=chapter.EXPERIMENTS[0], epochs=3, done=3):
    """Return a record with made-up numbers."""
    schedule = experiment.build_schedule("described", framework)
    record = records.build_record(
        experiment.name, "described", framework, 0, epochs, schedule, "cpu", draw_first_weights(0))
    for number in range(done):
        losses, rates = FOUR / (number + 1), FOUR * 0.25 * (number + 1)
        epoch = Epoch(losses, rates, FOUR.astype(int) * 10, 20 + number, 5 + number)
        records.add(record, epoch, [np.arange(10)] * 4, 10, 1.5, draw_first_weights(number))
    return record


def save(record, path):
    path.write_text(records.format_record(record), encoding="utf-8")


@pytest.fixture
def commands(monkeypatch):
    """Record the commands that the chapter starts; each leaves the record of a finished run, or ends with a code."""
    commands, codes = [], []

    def ended(command):
        commands.append(command)
        assert command[0] == sys.executable
        options = dict(pairwise(command))
        (experiment,) = (one for one in chapter.EXPERIMENTS if command[1].endswith(f"/{one.name}.py"))
        code = codes.pop(0) if codes else 0
        if not code:
            (out,) = (chapter.Path(text.removeprefix("--out=")) for text in command if text.startswith("--out="))
            out.mkdir(parents=True, exist_ok=True)
            epochs = int(options["--epochs"])
            save(build_record(options["--framework"], experiment, epochs, epochs), out / "record.json")
        return code

    monkeypatch.setattr(chapter, "run_child", ended)
    monkeypatch.setattr(chapter, "find_importable", lambda frameworks, device: frameworks)  # see test_preflight
    return commands, codes


def test_all_experiments_in_all_frameworks_once(commands, tmp_path, capsys):
    arguments = ["--epochs", "2", "--out", str(tmp_path)]
    assert chapter.main(arguments) == 0
    started, _ = commands
    assert len(started) == 7 * 3
    assert len({(command[1], command[command.index("--framework") + 1]) for command in started}) == 21
    figures = sorted(path.name for path in tmp_path.glob("*.*g"))
    assert figures == sorted(
        f"{one.name}-all-seed0.{kind}" for one in chapter.EXPERIMENTS for kind in ("png", "svg"))
    capsys.readouterr()
    assert chapter.main(arguments) == 0
    assert len(started) == 21
    assert len(list(tmp_path.glob("*/figure.svg"))) == 21
    assert capsys.readouterr().out.count(": done already\n") == 21


def test_what_was_stopped_is_run_again(commands, tmp_path):
    folder = tmp_path / "constant-torch-seed0"
    folder.mkdir()
    stopped = build_record(epochs=2, done=1)
    save(stopped, folder / "record.json")
    assert chapter.main(["--framework", "torch", "--epochs", "2", "--out", str(tmp_path)]) == 0
    assert json.loads((folder / "record.json").read_text())["finished"] is True
    assert json.loads((folder / "stopped-1.json").read_text()) == stopped
    assert len(commands[0]) == 7


def test_the_printed_variant_has_five_experiments(commands, tmp_path):
    assert chapter.main(["--framework", "mxnet", "--variant", "printed", "--epochs", "1", "--out", str(tmp_path)]) == 0
    assert [command[1].split("/")[-1] for command in commands[0]] == [
        "constant.py", "square_root.py", "multi_factor.py", "cosine.py", "warmup.py"]


def test_another_base_rate_is_passed_on(commands, tmp_path, capsys):
    """A record in such a folder that has another rate is kept."""
    arguments = ["--framework", "torch", "--epochs", "1", "--lr", "0.25", "--out", str(tmp_path)]
    assert chapter.main(arguments) == 0
    assert len(commands[0]) == 7
    assert all("--lr=0.25" in command and f"--out={tmp_path}/" in " ".join(command) for command in commands[0])
    assert (tmp_path / "constant-torch-seed0-lr0.25/record.json").exists()
    assert chapter.main(arguments) == 2  # the records of this test have no rate of --lr
    assert "constant-torch-seed0-lr0.25/record.json: is the record of another run" in capsys.readouterr().err


def test_a_failure_ends_it_with_its_code(commands, tmp_path):
    commands[1].extend([0, 3])
    assert chapter.main(["--epochs", "1", "--out", str(tmp_path)]) == 3
    assert len(commands[0]) == 2


def mxnet(**changed):
    """Return the record of a finished run of one epoch, with some fields changed."""
    return json.dumps(build_record("mxnet", epochs=1, done=1) | changed)


@pytest.mark.parametrize(("text", "message"), [
    ("{", "constant-mxnet-seed0/record.json: not a record of a run: not json: "),
    ("[]", "constant-mxnet-seed0/record.json: not a record of a run: input should be "),
    (json.dumps({"finished": True}), "constant-mxnet-seed0/record.json: not a record of a run: experiment: field req"),
    (mxnet(epochs=[{}]), "constant-mxnet-seed0/record.json: not a record of a run: epochs.0.updates: field required"),
    (mxnet(applied_rates=[]), "not a record of a run: value error, applied_rates must increase from update 0 to one "),
    (mxnet(epochs_planned=30), "not a record of a run: value error, finished is true after 1 of 30 epochs"),
    (json.dumps(build_record("mxnet")), "has 3 epochs, expected 1; move it away"),
    (mxnet(experiment="mine"), "constant-mxnet-seed0/record.json: is the record of another run"),
    (mxnet(dry_run=True), "constant-mxnet-seed0/record.json: is the record of another run"),
])
def test_what_lies_there_is_kept(text, message, commands, tmp_path, capsys):
    path = tmp_path / "constant-mxnet-seed0" / "record.json"
    path.parent.mkdir()
    path.write_text(text)
    assert chapter.main(["--epochs", "1", "--out", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err
    assert path.read_text() == text
    assert commands[0] == []


def test_a_figure_that_cannot_be_written_is_one_line(commands, tmp_path, capsys):
    (tmp_path / "constant-all-seed0.svg").mkdir()
    assert chapter.main(["--epochs", "1", "--framework", "torch", "--out", str(tmp_path)]) == 2
    assert re.fullmatch(rf"{tmp_path}/constant-all-seed0.svg: cannot be written \(\d+ bytes\): is a directory\n",
                        capsys.readouterr().err)


def test_it_really_runs(run, tmp_path):
    """Runs the real command, as short as possible: five dry runs and their figures."""
    result = run("reproduce/chapter.py", "--framework", "torch", "--variant", "printed", "--dry-run", "--quiet",
                 "--out", tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("train loss") == 5
    assert len(list(tmp_path.glob("*/record.json"))) == 5
    assert len(list(tmp_path.glob("*/figure.svg"))) == 5
    assert (tmp_path / "cosine-all-seed0-printed-dry-run.png").exists()


def test_a_figure_is_the_same_each_time_and_shows_the_numbers(tmp_path):
    from reproduce.trainer.figures import draw_chapter, draw_run

    for name in ("one.svg", "other.svg"):
        draw_run(build_record(), tmp_path / name)
    draw_run(build_record(done=2), tmp_path / "shorter.svg")
    one, other, shorter = ((tmp_path / name).read_bytes() for name in ("one.svg", "other.svg", "shorter.svg"))
    assert one == other != shorter
    draw_chapter({framework: build_record(framework) for framework in FRAMEWORKS}, tmp_path / "all.png")
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")


def test_events_have_the_records_numbers(tmp_path):
    """TensorFlow reads them back."""
    import tensorflow as tf

    record = build_record()
    write(record, tmp_path)
    (path,) = tmp_path.glob("events.out.tfevents.*")
    found = {}
    for event in tf.compat.v1.train.summary_iterator(str(path)):
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value.simple_value))
    assert [step for step, _ in found["rate"]] == [change["update"] for change in record["applied_rates"]]
    for measure in records.MEASURES:
        assert found[measure] == [
            (4 * number, pytest.approx(epoch[measure])) for number, epoch in enumerate(record["epochs"], 1)]


def test_without_tensorboardx_nothing_is_trained(monkeypatch, capsys, tmp_path):
    from reproduce import constant
    from reproduce.trainer import command

    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    assert command.main(constant.EXPERIMENT, ["--framework", "torch", "--tensorboard", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == ('tensorboardX is not installed; pip install ".[tensorboard]" '
                                       'in a clone of this project\n')
    assert list(tmp_path.iterdir()) == []
