"""Checks the training on photos: its images, rates, resumed runs, several devices, and its errors."""

from __future__ import annotations

import json
import shutil
import signal

import numpy as np
import pytest
from PIL import Image

from frameworks import FRAMEWORKS
from frameworks.schedule import lrs
from frameworks.schedule.union import ADAPTER
from reproduce import imagenet
from reproduce.exercises.imagenet import batches, checkpoint
from reproduce.exercises.imagenet.images import open_images
from reproduce.trainer.data import DataError
from reproduce.trainer.stopping import StoppedError, Stopping

NETWORKS = {"mxnet": "resnet18", "torch": "resnet18", "tensorflow": "resnet50"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder of pictures of two classes, 8 to train and 4 to evaluate."""
    root, random = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for part, count in (("train", 4), ("val", 2)):
        for name, colour in (("blue", 2), ("red", 0)):
            (root / part / name).mkdir(parents=True)
            for number in range(count):
                pixels = random.integers(0, 128, (48, 64, 3), np.uint8)
                pixels[:, :, colour] += 127
                Image.fromarray(pixels).save(root / part / name / f"{number}.png")
    return root


def train(framework, folder, out, *more):
    return imagenet.main(["--framework", framework, "--network", NETWORKS[framework], "--data", str(folder), "--batch",
                          "4", "--side", "32", "--epochs", "2", "--device", "cpu", "--out", str(out), *more])


def read(out):
    """Return a run's record without its times, and its arrays."""
    record = json.loads((out / "record.json").read_text())
    for epoch in record["epochs"]:
        del epoch["seconds"]
    return record, checkpoint.load(out, {})[0]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_resumed_run_is_the_same_to_the_last_bit(framework, folder, tmp_path, monkeypatch):
    """Continues from a copy of the checkpoint after the first epoch. The counterpart continues without momentum."""
    whole, resumed, wrong = (tmp_path / name for name in ("whole", "resumed", "wrong"))
    save = checkpoint.save

    def save_and_copy(state, record, out):
        save(state, record, out)
        if len(record["epochs"]) == 1:
            for copy in (resumed, wrong):
                copy.mkdir(exist_ok=True)
                shutil.copy(out / checkpoint.NAME, copy)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "save", save_and_copy)
        assert train(framework, folder, whole, "--schedule", "cosine") == 0
    assert train(framework, folder, resumed, "--schedule", "cosine", "--resume") == 0
    (record, arrays), (other, others) = read(whole), read(resumed)
    assert record == other
    assert len(record["epochs"]) == 2
    assert {name for name in arrays if not np.array_equal(arrays[name], others[name])} == set()
    assert "<svg" in (whole / "figure.svg").read_text()
    rates = lrs(ADAPTER.validate_python(record["schedule"]), 4).astype(np.float32)
    bits = [f"{rate.view(np.uint32):08x}" for rate in rates[::2]]
    assert [entry["bits"] for entry in record["applied_rates"]] == bits
    if framework == "torch":
        state, so_far = checkpoint.load(wrong, {})
        save({name: array for name, array in state.items() if not name.startswith("momentum/")}, so_far, wrong)
        assert train(framework, folder, wrong, "--schedule", "cosine", "--resume") == 0
        assert read(wrong)[0]["epochs"] != record["epochs"]
        refuse_others(folder, resumed)


def refuse_others(folder, out):
    """A checkpoint of another seed, and a damaged one, end with code 6; a folder with a run with code 2."""
    assert train("torch", folder, out, "--schedule", "cosine", "--resume", "--seed", "1") == 6
    before = (out / "record.json").read_bytes()
    assert train("torch", folder, out, "--schedule", "cosine") == train("torch", folder, out, "--dry-run") == 2
    assert (out / "record.json").read_bytes() == before
    content = bytearray((out / checkpoint.NAME).read_bytes())
    content[-1] ^= 1
    (out / checkpoint.NAME).write_bytes(content)
    assert train("torch", folder, out, "--schedule", "cosine", "--resume") == 6


def test_a_signal_stops_after_an_update(folder, tmp_path, monkeypatch, capsys):
    """Stops in the second epoch, of two updates; the run continues after the first."""
    looks = []

    def stop(self):
        looks.append(0)
        if len(looks) == 4:  # after each update and each batch of validation
            raise StoppedError(signal.SIGTERM)

    with monkeypatch.context() as patched:
        patched.setattr(Stopping, "stop_if_requested", stop)
        assert train("torch", folder, tmp_path) == 143
    assert capsys.readouterr().err == "stopped by SIGTERM; continue after epoch 1 with --resume\n"
    assert train("torch", folder, tmp_path, "--resume") == 0
    assert len(read(tmp_path)[0]["epochs"]) == 2


def test_a_loss_that_is_not_finite_ends_with_code_3(folder, tmp_path, capsys):
    assert train("torch", folder, tmp_path, "--schedule", "constant", "--lr", "1e30") == 3
    assert capsys.readouterr().err.startswith("diverged: the loss of update 1 is ")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_two_devices_make_one_update(framework, folder, run, tmp_path):
    """One command starts them: on a processor two processes in torch, two parts of it in the others."""
    result = run("reproduce/imagenet.py", "--framework", framework, "--network", NETWORKS[framework], "--data", folder,
                 "--batch", "4", "--side", "32", "--device", "cpu", "--devices", "2", "--dry-run", "--schedule",
                 "constant", "--out", tmp_path / "run")
    assert result.returncode == 0, result.stderr
    record = json.loads((tmp_path / "run/record.json").read_text())
    assert (record["devices"], record["epochs"][0]["updates"]) == (2, 1)
    assert record["applied_rates"][0]["rate"] == np.float32(0.3)
    assert np.isfinite(record["epochs"][0]["train_loss"])


def test_the_error_of_several_processes_has_its_exit_code(folder, run, tmp_path):
    (tmp_path / "record.json").write_text("{}")
    for data, code, message in ((tmp_path, 5, "no such file or directory"), (folder, 2, "there is a run already")):
        done = run("reproduce/imagenet.py", "--framework", "torch", "--network", "resnet18", "--batch", "4",
                   "--device", "cpu", "--devices", "2", "--dry-run", "--out", tmp_path, "--data", data)
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        assert {message in line for line in done.stderr.splitlines()} == {True}


def test_16_bits(folder, tmp_path, capsys):
    """The loss is near that of 32 bits, but another number; Gluon has it on GPUs only."""
    losses = []
    for precision in ("single", "mixed"):
        assert train("torch", folder, tmp_path / precision, "--dry-run", "--precision", precision) == 0
        losses.append(json.loads((tmp_path / precision / "record.json").read_text())["epochs"][0]["train_loss"])
    assert 0 < abs(losses[0] - losses[1]) < 0.05
    assert train("mxnet", folder, tmp_path / "mxnet", "--dry-run", "--precision", "mixed") == 2
    assert capsys.readouterr().err == "precision: mxnet computes in 16 bits on a GPU only\n"


def test_a_network_that_the_zoo_does_not_have(tmp_path, capsys):
    assert imagenet.main(["--framework", "tensorflow", "--network", "resnet18", "--dry-run", "--out",
                          str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err == "network: must be one of resnet50 in keras.applications, got 'resnet18'\n"


def test_the_images_of_a_folder(folder):
    training, testing = open_images(str(folder), None)
    assert training.classes == testing.classes == ("blue", "red")
    assert training.labels.tolist() == [0] * 4 + [1] * 4
    assert training.read(5).size == (64, 48)
    orders = batches.draw_orders(0, 0, 8, 3)
    assert [len(order) for order in orders] == [3, 3]
    first, again, other = (list(batches.read_training(training, orders, 32, 0, epoch, 2)) for epoch in (0, 0, 1))
    assert first[0][0].shape == (3, 32, 32, 3)
    assert all(np.array_equal(one, two) for one, two in zip(first[0], again[0]))
    assert not np.array_equal(first[0][0], other[0][0])
    seen = list(batches.read_validation(testing, 32, 3, 2))
    assert np.concatenate([labels for _, labels in seen]).tolist() == [0, 0, 1, 1]
    assert seen[0][0][0, :, :, 2].mean() > seen[0][0][0, :, :, 0].mean() + 100


def test_bad_data(folder, tmp_path, capsys):
    """A folder without images, one class too many, and a damaged image: one line, code 5."""
    assert train("torch", tmp_path, tmp_path / "run") == 5
    assert capsys.readouterr().err == (
        f"{tmp_path}/train: no such file or directory; --data must have the folders train and val\n")
    assert imagenet.main(["--framework", "torch", "--data", "torchvision:Nothing"]) == 5
    assert capsys.readouterr().err == "data: torchvision.datasets has no class 'Nothing'\n"
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "train/blue/0.png").write_bytes(b"not an image")
    with pytest.raises(DataError, match=r"train/blue/0\.png: cannot be read as an image"):
        open_images(str(copy), None)[0].read(0)
    (copy / "val/red").rename(copy / "val/green")
    with pytest.raises(DataError, match="must have the same classes; only one of them has green"):
        open_images(str(copy), None)
