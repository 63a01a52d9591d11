"""The versions of this project, of Python, and of the frameworks that are installed."""

from __future__ import annotations

import argparse
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

#: The distributions that bring a module, the usual one first.
DISTRIBUTIONS = {
    "learning-rate-parity": ("learning-rate-parity",),
    "mxnet": ("mxnet", "mxnet-mkl", "mxnet-native", "mxnet-cu112"),
    "torch": ("torch",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly"),
    "keras": ("keras",),
    "tf-keras": ("tf-keras",),
    "numpy": ("numpy",),
}


class Version(argparse.Action):
    """The option --version: prints the versions and exits with 0."""

    def __init__(self, option_strings: list[str], dest: str, **settings: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **settings)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        for name, installed in read_versions().items():
            print(f"{name} {installed}")
        parser.exit(0)


def read_versions() -> dict[str, str]:
    """Return the installed version by name, from the metadata: nothing is imported."""
    versions = {}
    for name, distributions in DISTRIBUTIONS.items():
        versions[name] = next(filter(None, map(_installed, distributions)), "not installed")
    if versions["learning-rate-parity"] == "not installed":
        versions["learning-rate-parity"] = "not installed: this runs from its folder"
    return {**versions, "python": platform.python_version()}


def _installed(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
