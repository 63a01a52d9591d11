"""Prints the versions of this project, of Python and of the installed frameworks."""

from __future__ import annotations

import argparse
import platform
import sys
from typing import Any

from frameworks import installed_version, required

PROJECT = "learning-rate-parity"
LIBRARIES = (PROJECT, "mxnet", "torch", "tensorflow", "keras", "tf-keras", "numpy")


class Version(argparse.Action):
    """Option --version: prints the versions and exits with 0."""

    def __init__(self, option_strings: list[str], dest: str, **settings: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **settings)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print the versions and exit."""
        print_versions()
        parser.exit(0)


def print_versions() -> None:
    """Print a line for each library, with its version."""
    for name, installed in read_versions().items():
        print(f"{name} {installed}")


def read_versions() -> dict[str, str]:
    """Return the installed version of each library, read from its metadata without importing it."""
    versions = {name: installed_version(name) or "not installed" for name in LIBRARIES}
    if versions[PROJECT] == "not installed":
        versions[PROJECT] = "not installed: this runs from its folder"
    return {**versions, "python": platform.python_version()}


def check_required(arguments: list[str]) -> None:
    """Exit with code 2 and one line if a required package is missing, or hidden by a file of its name.

    arguments: the command line. --version alone prints the versions anyway, and exits with 0.
    """
    if arguments == ["--version"] and required.find_mistake():
        print_versions()
        sys.exit(0)
    required.check_required()
