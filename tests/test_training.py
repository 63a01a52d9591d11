"""Training: the same start and the same rates in every framework, and a record of them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from frameworks import FRAMEWORKS, backend
from frameworks.epoch import DeviceMissing
from frameworks.schedule import Constant, Cosine, Hold, lrs
from reproduce import command
from reproduce.data import Data
from reproduce.start import BATCH, EPOCH, SHAPES, batches, first_weights

IMAGES = 3 * BATCH + 96


@pytest.fixture(scope="module")
def images():
    """Ten patterns under noise: learned within a few updates."""
    random = np.random.default_rng(0)
    patterns = random.random((10, 28, 28), np.float32)

    def some(n):
        labels = random.integers(0, 10, n)
        return (patterns[labels] + 0.1 * random.random((n, 28, 28), np.float32)).astype(np.float32), labels

    return Data(some(IMAGES), some(200))


def train(framework, images, schedule, epochs, **options):
    orders = (batches(0, epoch, IMAGES) for epoch in range(epochs))
    run = backend(framework).train
    return list(run(schedule, first_weights(0), images.training, images.testing, orders, **options))


schedule = Hold(updates=4, of=Cosine(base_lr=0.1, final_lr=0.01, updates=3))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_network_learns_with_the_specified_rates(framework, images):
    seen = []
    epochs = train(framework, images, schedule, 5, device="cpu", progress=lambda: seen.append(1))
    rates = np.concatenate([epoch.rates for epoch in epochs])
    assert rates.astype(np.float32).tolist() == lrs(schedule, 20).astype(np.float32).tolist()
    assert [epoch.sizes.tolist() for epoch in epochs] == [[256, 256, 256, 96]] * 5
    assert len(seen) == 20
    assert epochs[-1].train_correct > 4 * epochs[0].train_correct
    assert epochs[-1].train_loss < epochs[0].train_loss
    assert epochs[-1].test_correct > 90


def test_all_frameworks_train_the_same(images):
    """The losses of the first four updates: float32 keeps frameworks together that long (and no longer)."""
    losses = [train(framework, images, Constant(base_lr=0.05), 1, device="cpu")[0].losses for framework in FRAMEWORKS]
    np.testing.assert_allclose(losses[1:], losses[:1] * 2, rtol=1e-5)
    assert abs(losses[0][3] - losses[0][0]) > 1e-3  # they do change


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_another_rate_shows_in_the_losses(framework, images):
    """The counterpart of the test above: one percent more is seen at the third update."""
    one, other = (
        train(framework, images, Constant(base_lr=rate), 1, device="cpu")[0].losses for rate in (0.05, 0.0505))
    assert one[0] == other[0]
    assert abs(one[2] / other[2] - 1) > 1e-5


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_missing_gpu_is_said(framework, images):
    with pytest.raises(DeviceMissing, match=f"device gpu: {framework} sees no GPU here"):
        train(framework, images, schedule, 1, device="gpu")


def test_first_weights_are_xavier_uniform():
    weights = first_weights(3)
    assert {name: weight.shape for name, weight in weights.items()} == SHAPES
    for name, bound in [("convolution1.weight", (6 / (25 + 150)) ** 0.5), ("convolution2.weight", (6 / 550) ** 0.5),
                        ("dense1.weight", (6 / 520) ** 0.5), ("dense3.weight", (6 / 94) ** 0.5)]:
        assert 0.9 * bound < np.abs(weights[name]).max() <= bound
    assert not weights["dense1.bias"].any()
    assert np.array_equal(weights["dense2.weight"], first_weights(3)["dense2.weight"])
    assert not np.array_equal(weights["dense2.weight"], first_weights(4)["dense2.weight"])


def test_batches_have_every_image_once_in_a_new_order_each_epoch():
    epochs = [batches(0, epoch, 60000) for epoch in range(2)]
    for epoch in epochs:
        assert [len(batch) for batch in epoch] == [BATCH] * (EPOCH - 1) + [96]
        assert np.array_equal(np.sort(np.concatenate(epoch)), np.arange(60000))
    assert not np.array_equal(epochs[0][0], epochs[1][0])
    assert not np.array_equal(epochs[0][0], batches(1, 0, 60000)[0])


@pytest.fixture
def reproduce(images, monkeypatch, tmp_path):
    """The command as a script calls it, on the small images."""
    monkeypatch.setattr(command, "load", lambda folder: images)
    monkeypatch.chdir(tmp_path)

    def run(*arguments, per_epoch=schedule.of):
        return command.main("cosine", per_epoch, list(arguments))

    return run


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_run_prints_the_chapters_line_and_writes_its_record(framework, reproduce, capsys, tmp_path):
    assert reproduce("--framework", framework, "--epochs", "2", "--device", "cpu") == 0
    line = capsys.readouterr().out
    record = json.loads((tmp_path / f"runs/cosine-{framework}-seed0/record.json").read_text())
    last = record["epochs"][-1]
    assert line == (f"train loss {last['train_loss']:.3f}, train acc {last['train_accuracy']:.3f}, "
                    f"test acc {last['test_accuracy']:.3f}\n")
    assert record["finished"] is True
    assert (record["framework"], record["seed"], len(record["epochs"])) == (framework, 0, 2)
    assert record["schedule"]["kind"] == "hold"
    assert record["versions"][framework][0].isdigit()
    assert record["applied_rates"] == [{"update": 0, "rate": pytest.approx(0.1), "bits": "3dcccccd"}]
    assert sorted(path.name for path in (tmp_path / "runs" / f"cosine-{framework}-seed0").iterdir()) == ["record.json"]


def test_a_taken_folder_is_refused_and_kept(reproduce, capsys, tmp_path):
    (tmp_path / "record.json").write_text("precious")
    assert reproduce("--framework", "torch", "--out", str(tmp_path)) == 2
    assert "there is a run already" in capsys.readouterr().err
    assert (tmp_path / "record.json").read_text() == "precious"


def test_a_folder_that_cannot_be_written_is_refused(reproduce, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert reproduce("--framework", "torch", "--out", str(tmp_path / "file" / "run")) == 2
    assert capsys.readouterr().err.endswith("cannot be written to: not a directory\n")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_diverging_run_stops_with_3(framework, reproduce, capsys):
    huge = Constant(base_lr=1e30)
    assert reproduce("--framework", framework, "--epochs", "9", "--device", "cpu", per_epoch=huge) == 3
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith("diverged: the loss of update ")
    assert "at rate 1e+30" in message


@pytest.mark.parametrize("alive", [True, False])
def test_a_run_that_never_learns_is_said_to_be_dead(alive, reproduce, capsys, tmp_path, monkeypatch):
    """From weights that are all 0 nothing but the last bias is ever learned."""
    if not alive:
        monkeypatch.setattr(command, "first_weights", lambda seed: {
            name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()})
    assert reproduce("--framework", "torch", "--epochs", "2", "--out", str(tmp_path)) == 0
    assert json.loads((tmp_path / "record.json").read_text())["dead"] is not alive
    assert ("this run never learned" in capsys.readouterr().err) is not alive


@pytest.mark.parametrize(("arguments", "message"), [
    (["--framework", "pytroch"], "argument --framework: must be one of mxnet, torch, tensorflow, got 'pytroch'; "
                                 "did you mean 'torch'?"),
    (["--framework", "torch", "--epochs", "0"], "argument --epochs: must be a whole number of at least 1, got '0'"),
    (["--framework", "torch", "--seed", "-1"], "argument --seed: must be a whole number of at least 0, got '-1'"),
    (["--framework", "torch", "--device", "tpu"],
     "argument --device: invalid choice: 'tpu' (choose from 'auto', 'cpu', 'gpu')"),
    ([], "the following arguments are required: --framework"),
])
def test_mistakes_are_one_line_and_exit_2(arguments, message, run):
    result = run("reproduce/cosine.py", *arguments)
    assert (result.returncode, result.stderr) == (2, f"cosine.py: {message}\n")


def test_missing_data_exits_5_from_any_folder(run, root, tmp_path):
    result = run(root / "reproduce/cosine.py", "--framework", "torch", "--data-dir", tmp_path, cwd=tmp_path)
    assert result.returncode == 5
    assert result.stderr.splitlines()[-1] == (
        f"{tmp_path}: has no train-images-idx3-ubyte and no train-images-idx3-ubyte.gz")
