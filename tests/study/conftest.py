"""Defines fixtures of the study's tests, which need scipy and statsmodels, and no framework."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture
def run():
    """Run Python as a user would, from the project's folder."""

    def python(*arguments):
        return subprocess.run([sys.executable, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True,
                              check=False)

    return python
