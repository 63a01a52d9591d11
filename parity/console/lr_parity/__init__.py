"""Runs the command `lr-parity`: `python -m parity`, also if another `parity` is on the user's path.

It is a separate top-level package, so that a folder of the user cannot hide it. It imports this project's packages from
the folder it is installed in, before another package can be imported under their names.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

#: The folder of this project's packages: site-packages, or the clone of an editable installation.
ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "parity" / "__main__.py").is_file())


def main() -> int:
    """Run `python -m parity` with the arguments of this process and return its exit code."""
    for name in ("frameworks", "parity"):  # in the order of their imports
        _import_from_root(name)
    from parity.__main__ import main as run

    return run(prog="lr-parity")


def _import_from_root(name: str) -> None:
    spec = PathFinder.find_spec(name, [str(ROOT)])
    assert spec is not None  # both packages are in ROOT
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
