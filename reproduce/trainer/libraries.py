"""Checks before a training that its libraries can be imported, so that no training is wasted."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from frameworks import FrameworkMissingError, describe_missing
from frameworks.epoch import DeviceMissingError
from reproduce.trainer.data import is_installed

#: Exit codes of the process that imports a framework, and its program.
NOT_IMPORTED, NO_DEVICE = 2, 3
IMPORTING = f"""
import sys
sys.path[0] = {str(Path(__file__).resolve().parents[2])!r}
from frameworks import FrameworkMissingError, backend, quiet
from frameworks.epoch import DeviceMissingError
quiet()
try:
    backend(sys.argv[1]).choose_device(sys.argv[2])
except FrameworkMissingError as error:
    print(error)
    sys.exit({NOT_IMPORTED})
except DeviceMissingError as error:
    print(error)
    sys.exit({NO_DEVICE})
"""


class LibraryMissingError(RuntimeError):
    """Libraries that are not installed, each in a line with the way to install it."""


def check_libraries(chosen: Namespace, frameworks: Iterable[str] = ()) -> None:
    """Check that the libraries of a run are installed, without importing them. Raises LibraryMissingError.

    chosen: the options. frameworks: those that the run requires (default: none).
    """
    needed = [*frameworks, *["matplotlib"] * (not chosen.no_figure), "safetensors", "tqdm"]
    needed += ["pooch"] * (chosen.data_dir is None and not is_installed())
    needed += ["tensorboardX"] * chosen.tensorboard
    if absent := [describe_missing(name) for name in needed if find_spec(name) is None]:
        raise LibraryMissingError("\n".join(absent))


def find_importable(frameworks: Iterable[str], device: str) -> list[str]:
    """Return the frameworks that can be imported, each tried in a separate process; print a line for each other.

    Raises FrameworkMissingError if none can be imported, DeviceMissingError if one does not have the device.
    """
    absent = {name: describe_missing(name) for name in frameworks if find_spec(name) is None}
    present = [name for name in frameworks if name not in absent]
    with ThreadPoolExecutor() as pool:
        for name, (code, line) in zip(present, pool.map(lambda name: _import(name, device), present)):
            if code == NO_DEVICE:
                raise DeviceMissingError(line)
            if code:
                absent[name] = line if code == NOT_IMPORTED else f"{name} cannot be imported (exit code {code})"
    if len(absent) == len(list(frameworks)):
        raise FrameworkMissingError("\n".join(absent.values()))
    for line in absent.values():
        print(f"left out: {line}", file=sys.stderr, flush=True)
    return [name for name in present if name not in absent]


def _import(framework: str, device: str) -> tuple[int, str]:
    """Import a framework's backend and return the exit code and the last line."""
    done = subprocess.run([sys.executable, "-c", IMPORTING, framework, device], capture_output=True, text=True,
                          errors="replace", check=False)
    return done.returncode, (done.stdout.splitlines() or [""])[-1]
