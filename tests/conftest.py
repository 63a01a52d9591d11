"""What several test files use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch  # noqa: F401  (before tensorflow: the other order has crashed when both share a process)

from frameworks import quiet

quiet()
ROOT = Path(__file__).resolve().parent.parent


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
