"""Tests the command of an experiment: its output, its record, and its messages for mistakes."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.schedule import Constant, Cosine
from frameworks.weights import SHAPES, compute_digest, draw_first_weights
from reproduce.trainer import command
from reproduce.trainer import run as running
from reproduce.trainer.batches import draw_batches, draw_fixed_batches
from reproduce.trainer.experiment import Experiment

cosine = Cosine(base_lr=0.1, final_lr=0.01, updates=3)


@pytest.fixture
def reproduce(images, monkeypatch, tmp_path):
    """Return the command as a script calls it, on the small images."""
    monkeypatch.setattr(running, "load", lambda folder, offline: images)
    monkeypatch.chdir(tmp_path)

    def run(*arguments, per_epoch=cosine, printed=()):
        return command.main(Experiment("cosine", "somewhere", per_epoch, dict(printed)), list(arguments))

    return run


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_run_prints_the_chapters_line_and_writes_its_record(framework, reproduce, images, capsys, tmp_path):
    assert reproduce("--framework", framework, "--epochs", "2", "--device", "cpu") == 0
    line, _, files = capsys.readouterr().out.partition("record: ")
    folder = f"runs/cosine-{framework}-seed0"
    assert files == f"{folder}/record.json\nfigure: {folder}/figure.svg\n"
    record = json.loads((tmp_path / folder / "record.json").read_text())
    last = record["epochs"][-1]
    assert line.splitlines()[-1] == (f"train loss {last['train_loss']:.3f}, train acc {last['train_accuracy']:.3f}, "
                                     f"test acc {last['test_accuracy']:.3f}")
    assert line.splitlines()[0] == f"first weights SHA-256 {compute_digest(draw_first_weights(0).values())}"
    orders = [compute_digest(draw_batches(0, epoch, len(images.training[0]))) for epoch in range(2)]
    assert [text.split()[-1] for text in line.splitlines()[1:-1]] == orders
    assert [epoch["batches_sha256"] for epoch in record["epochs"]] == orders
    first = compute_digest(draw_first_weights(0).values())
    assert record["first_weights_sha256"] == first != record["last_weights_sha256"]
    assert record["command"] == (
        f"python reproduce/cosine.py --framework {framework} --variant described --epochs 2 --seed 0 --device cpu")
    assert record["finished"] is True
    assert (record["framework"], record["seed"], len(record["epochs"])) == (framework, 0, 2)
    assert record["schedule"]["kind"] == "hold"
    assert record["versions"][framework][0].isdigit()
    assert record["applied_rates"] == [{"update": 0, "rate": pytest.approx(0.1), "bits": "3dcccccd"}]
    assert sorted(path.name for path in (tmp_path / "runs" / f"cosine-{framework}-seed0").iterdir()) == [
        "checkpoints", "figure.png", "figure.svg", "record.json"]


def test_a_taken_folder_is_refused_and_kept(reproduce, capsys, tmp_path):
    (tmp_path / "record.json").write_text("precious")
    assert reproduce("--framework", "torch", "--out", str(tmp_path)) == 2
    assert "there is a run already" in capsys.readouterr().err
    assert (tmp_path / "record.json").read_text() == "precious"


def test_a_folder_that_cannot_be_written_is_refused(reproduce, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert reproduce("--framework", "torch", "--out", str(tmp_path / "file" / "run")) == 2
    assert capsys.readouterr().err.endswith("file/run/record.json: cannot be written: not a directory\n")
    assert reproduce("--framework", "torch", "--out", "a" * 300) == 2
    assert capsys.readouterr().err.endswith("cannot be written: file name too long\n")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_diverging_run_stops_with_3(framework, reproduce, capsys, tmp_path):
    huge = Constant(base_lr=1e30)
    assert reproduce("--framework", framework, "--epochs", "9", "--device", "cpu", per_epoch=huge) == 3
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith("diverged: the loss of update ")
    assert ", after update " in message
    assert "at rate 1e+30; the last finite loss was " in message
    record = json.loads((tmp_path / f"runs/cosine-{framework}-seed0/record.json").read_text())
    assert record["diverged"] == message
    assert record["finished"] is False


@pytest.mark.parametrize("alive", [True, False])
def test_a_run_that_never_learns_is_reported_as_dead(alive, reproduce, capsys, tmp_path, monkeypatch):
    """With weights that are all 0, only the last bias is ever learned."""
    if not alive:
        monkeypatch.setattr(running, "draw_first_weights", lambda seed: {
            name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()})
    assert reproduce("--framework", "torch", "--epochs", "2", "--out", str(tmp_path)) == 0
    assert json.loads((tmp_path / "record.json").read_text())["dead"] is not alive
    assert ("this run ended without learning" in capsys.readouterr().err) is not alive


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_dry_run_is_one_update_one_test_batch_one_record(framework, reproduce, capsys, tmp_path):
    for _ in range(2):  # it may be run again
        assert reproduce("--framework", framework, "--dry-run", "--quiet", "--device", "cpu") == 0
    assert capsys.readouterr().out.count("\n") == 2  # the last lines of the output
    (path,) = tmp_path.glob("runs/*/record.json")
    record = json.loads(path.read_text())
    assert path.parent.name == f"cosine-{framework}-seed0-dry-run"
    assert [epoch["updates"] for epoch in record["epochs"]] == [1]
    assert record["dry_run"] is True
    assert record["command"].endswith(" --dry-run")


def test_a_dry_run_replaces_no_run(reproduce, capsys, tmp_path):
    assert reproduce("--framework", "torch", "--epochs", "1", "--out", str(tmp_path)) == 0
    assert reproduce("--framework", "torch", "--dry-run", "--out", str(tmp_path)) == 2
    assert "there is a run already" in capsys.readouterr().err


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_printed_variant_has_the_tabs_rates_network_and_batches(framework, reproduce, images, tmp_path):
    printed = {name: Constant(base_lr=0.01 * number) for number, name in enumerate(FRAMEWORKS, 1)}
    assert reproduce("--framework", framework, "--variant", "printed", "--epochs", "1", "--out", str(tmp_path),
                     "--device", "cpu", printed=printed) == 0
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["schedule"] == printed[framework].model_dump(mode="json")
    assert record["applied_rates"][0]["rate"] == np.float32(printed[framework].base_lr)
    ported = backend(framework)
    net = ported.build_printed_lenet(int(framework == "mxnet"), ported.choose_device("cpu"))  # a draw, or a seed
    assert record["first_weights_sha256"] == compute_digest(ported.read_weights(net).values())
    order = (draw_fixed_batches if framework == "tensorflow" else draw_batches)(0, 0, len(images.training[0]))
    assert record["epochs"][0]["batches_sha256"] == compute_digest(order)


def test_what_the_book_does_not_print_is_refused(reproduce, capsys):
    assert reproduce("--framework", "torch", "--variant", "printed") == 2
    assert capsys.readouterr().err == "variant printed: the book prints no training of cosine\n"


@pytest.mark.parametrize(("arguments", "message"), [
    (["--framework", "pytroch"], "argument --framework: must be one of mxnet, torch, tensorflow, got 'pytroch'; "
                                 "did you mean 'torch'?"),
    (["--framework", "torch", "--epochs", "0"], "argument --epochs: must be a whole number from 1 to 10000, got '0'"),
    (["--framework", "torch", "--seed", "-1"],
     "argument --seed: must be a whole number from 0 to 2147483647, got '-1'"),
    (["--framework", "torch", "--device", "tpu"],
     "argument --device: must be one of auto, cpu, gpu, got 'tpu'; did you mean 'gpu'?"),
    ([], "the following arguments are required: --framework"),
])
def test_mistakes_are_one_line_and_exit_2(arguments, message, run):
    result = run("reproduce/cosine.py", *arguments)
    assert (result.returncode, result.stderr) == (2, f"cosine.py: {message}\n")


def test_missing_data_exits_5_from_any_folder(run, root, tmp_path):
    result = run(root / "reproduce/cosine.py", "--framework", "torch", "--data-dir", tmp_path, cwd=tmp_path)
    assert result.returncode == 5
    assert result.stderr.splitlines()[-1].startswith(f"{tmp_path}: has no train-images-idx3-ubyte and no ")
    assert list(tmp_path.iterdir()) == []  # there is no folder `runs` either


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_missing_gpu_is_reported(framework, run, tmp_path):
    """On a machine with a GPU, the GPU is hidden."""
    result = run("reproduce/cosine.py", "--framework", framework, "--device", "gpu", "--out", tmp_path,
                 env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"})
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1] == f"device gpu: {framework} sees no GPU here"
    assert list(tmp_path.iterdir()) == []
