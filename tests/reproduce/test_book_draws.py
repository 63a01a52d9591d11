"""Checks the first weights of the book's Gluon trainings, which a process that sets no seed always draws."""

from __future__ import annotations

import json

import pytest

from frameworks import backend
from frameworks.weights import compute_digest
from reproduce import chapter
from tests.reproduce.test_chapter import build_record, save

DRAWS = [
    "2438eb2b143f1031299b662a8ce0b3a2a17fa3ff4100b268accc37f8016e53b8",
    "9be72121e4713b23e6caa7e6e654d621449e2fee5593479dd8fe1cfd3c0c6097",
    "53df64bd4a0f4de1db12c0252a3452757f2512ba619fd21f45110d28d692a5fb",
    "49e5b5e4aa11a3d33b55391d491445cf01c48f98ffed613570b6eb3f5aa56e0d",
    "fbac790c03f4846631491e2b333e09fb36539b063036f9c0e5daf38c1a599e86",
]
PRINTED = [item for item in chapter.EXPERIMENTS if item.printed]

#: The chapter's network and its calls of `initialize`, with one update in place of a training.
BOOK = """
import frameworks.numpy_bool
from mxnet import autograd, cpu, gluon, init, np, npx
from mxnet.gluon import nn
from frameworks.weights import compute_digest

npx.set_np()
net = nn.HybridSequential()
net.add(nn.Conv2D(channels=6, kernel_size=5, padding=2, activation="relu"), nn.MaxPool2D(pool_size=2, strides=2),
        nn.Conv2D(channels=16, kernel_size=5, activation="relu"), nn.MaxPool2D(pool_size=2, strides=2),
        nn.Dense(120, activation="relu"), nn.Dense(84, activation="relu"), nn.Dense(10))
net.hybridize()
loss = gluon.loss.SoftmaxCrossEntropyLoss()
net.initialize(force_reinit=True, ctx=cpu(), init=init.Xavier())
for training in range(5):
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.3})
    net.initialize(force_reinit=True, ctx=cpu(), init=init.Xavier())
    with autograd.record():
        error = loss(net(np.ones((2, 1, 28, 28))), np.ones(2))
    print(compute_digest(parameter.data().asnumpy() for parameter in net.collect_params().values()))
    error.backward()
    trainer.step(2)
"""


def test_the_books_code_draws_these_weights(run, root):
    """The seed of this process is that of every process that sets none; the first weights are drawn at first use."""
    result = run("-W", "ignore", "-c", BOOK)
    assert result.stdout.splitlines() == DRAWS, result.stderr


def test_the_experiments_have_the_draws_of_the_book():
    ported = backend("mxnet")
    device = ported.choose_device("cpu")
    assert [item.name for item in PRINTED] == ["constant", "square_root", "multi_factor", "cosine", "warmup"]
    for number, (item, draw) in enumerate(zip(PRINTED, DRAWS, strict=True), 1):
        assert (item.draw, item.find_book_draw("printed", "mxnet")) == (number, draw)
        assert item.find_book_draw("printed", "torch") is item.find_book_draw("described", "mxnet") is None
        assert compute_digest(ported.read_weights(ported.build_printed_lenet(number, device)).values()) == draw


@pytest.mark.parametrize("seed", ["0", "100"])
def test_a_run_starts_from_the_draw_whatever_its_seed(seed, short_run, tmp_path):
    arguments = ("--variant", "printed", "--seed", seed, "--no-figure")
    assert short_run("mxnet", "out", *arguments, epochs=1, draw=4) == 0
    assert json.loads((tmp_path / "out/record.json").read_text())["first_weights_sha256"] == DRAWS[3]


def test_a_run_from_another_draw_is_not_continued(short_run, stopped_at, monkeypatch, capsys):
    stopped_at("count_update", 2)
    assert short_run("mxnet", "out", "--variant", "printed") == 143
    capsys.readouterr()
    assert short_run("mxnet", "out", "--variant", "printed", "--resume", "auto", draw=2) == 6
    assert capsys.readouterr().err == (
        f"out: first_weights_sha256 of the checkpoint is {DRAWS[0]!r}, expected {DRAWS[1]!r}\n")


def test_a_finished_run_from_another_draw_is_not_taken_for_this_one(tmp_path, capsys):
    (item,) = (item for item in PRINTED if item.name == "constant")
    folder = tmp_path / "constant-mxnet-seed0-printed"
    folder.mkdir()
    arguments = ["--framework", "mxnet", "--variant", "printed", "--epochs", "1", "--out", str(tmp_path)]
    save(build_record("mxnet", item, epochs=1, done=1) | {"variant": "printed"}, folder / "record.json")
    assert chapter.main(arguments) == 2
    assert capsys.readouterr().err.endswith("is the record of another run; move it away, or choose another --out\n")
