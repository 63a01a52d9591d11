"""What several test files use."""

from __future__ import annotations

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
from frameworks.schedule import write
from parity.explain import command as explain
from reproduce.data import Data
from reproduce.start import BATCH

quiet()
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


@pytest.fixture(scope="session")
def images():
    """Ten patterns under noise: learned within a few updates."""
    random = np.random.default_rng(0)
    patterns = random.random((10, 28, 28), np.float32)

    def some(n):
        labels = random.integers(0, 10, n)
        return (patterns[labels] + 0.1 * random.random((n, 28, 28), np.float32)).astype(np.float32), labels

    return Data(some(IMAGES), some(200))


@pytest.fixture
def explained(tmp_path, monkeypatch, capsys):
    """Write files, run the command in their folder, and return the exit code and the lines printed."""
    monkeypatch.chdir(tmp_path)

    def explained(*given, **files):
        for name, content in files.items():
            path = Path(name.replace("__", "."))
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif isinstance(content, str):
                path.write_text(content)
            else:
                write(content, path)
        parser = Parser(prog="explain")
        explain.arguments(parser)
        try:
            code = explain.run(parser.parse_args(list(given)), parser)
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        return code, (printed.out + printed.err).splitlines()

    return explained
