"""Defines fixtures that several test files use."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch._dynamo  # noqa: F401  (torch before tensorflow, with the triton that its optimizers import: else crashes)

import frameworks.numpy_bool  # noqa: F401  (for tests that import mxnet)
from frameworks import quiet
from frameworks.arguments import Parser
from frameworks.chapter import BATCH
from frameworks.schedule import Cosine, write
from parity.explain import command as explain
from reproduce.trainer import command, experiment
from reproduce.trainer import run as running
from reproduce.trainer.data import Data
from reproduce.trainer.experiment import Experiment, build_printed
from reproduce.trainer.keeper import Keeper

quiet()
# Ignored under nohup, or in the background of a script; every process of a test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
ROOT = Path(__file__).resolve().parent.parent
IMAGES = 3 * BATCH + 96


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess]:
    """Run Python as a user would, from the project's folder."""

    def python(*arguments: object, cwd: Path = ROOT, **options: object) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, *map(str, arguments)], cwd=cwd, capture_output=True, text=True,
                              check=False, **options)

    return python


@pytest.fixture
def write_chapter(tmp_path) -> Callable[[int], Path]:
    """Return a function that writes the chapter's command with only its first experiments, and returns its path."""

    def write_chapter(count: int) -> Path:
        (script := tmp_path / "short_chapter.py").write_text(
            "import sys\nfrom reproduce import chapter\n\n"
            f"chapter.EXPERIMENTS = chapter.EXPERIMENTS[:{count}]\nsys.exit(chapter.main(sys.argv[1:]))\n")
        return script

    return write_chapter


@pytest.fixture(scope="session")
def images():
    """Return ten patterns with noise, which a network learns within a few updates."""
    random = np.random.default_rng(0)
    patterns = random.random((10, 28, 28), np.float32)

    def some(n):
        labels = random.integers(0, 10, n)
        return (patterns[labels] + 0.1 * random.random((n, 28, 28), np.float32)).astype(np.float32), labels

    return Data(some(IMAGES), some(200))


@pytest.fixture
def run_explain(tmp_path, monkeypatch, capsys):
    """Write files, run the command in their folder, and return the exit code and the lines printed."""
    monkeypatch.chdir(tmp_path)

    def run_explain(*given, **files):
        for name, content in files.items():
            path = Path(name.replace("__", "."))
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif isinstance(content, str):
                path.write_text(content)
            else:
                write(content, path)
        parser = Parser(prog="explain")
        explain.add_arguments(parser)
        try:
            code = explain.run(parser.parse_args(list(given)), parser)
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        return code, (printed.out + printed.err).splitlines()

    return run_explain


@pytest.fixture
def short_run(images, monkeypatch, tmp_path):
    """Return the command on the small images: three epochs of four updates, another rate at each epoch."""
    monkeypatch.setattr(running, "load", lambda folder, offline: images)
    monkeypatch.setattr(experiment, "EPOCH", 4)
    monkeypatch.chdir(tmp_path)

    cosine = Cosine(base_lr=0.1, final_lr=0.01, updates=10)

    def run(framework, out, *arguments, name="cosine", per_epoch=cosine, epochs=3, draw=1):
        made = Experiment(name, "somewhere", per_epoch, build_printed(per_epoch, 0.3), draw)
        return command.main(made, ["--framework", framework, "--epochs", str(epochs), "--out", out, "--device", "cpu",
                                   *arguments])

    return run


@pytest.fixture
def stopped_at(monkeypatch):
    """Send this process a signal at the given call of a method of the checkpointer."""
    def at(method, times, number=signal.SIGTERM):
        original, calls = getattr(Keeper, method), []

        def counted(*arguments):
            calls.append(1)
            if len(calls) == times:
                signal.raise_signal(number)
            return original(*arguments)

        monkeypatch.setattr(Keeper, method, counted)

    return at
