"""The experiments of the chapter "Learning Rate Scheduling" of Dive into Deep Learning, rerun in three frameworks."""

import sys
from importlib.util import find_spec
from pathlib import Path


def _check_neighbours(*names: str) -> None:
    """Check that the packages imported here are this project's, not others of the same name on the path."""
    here = Path(__file__).resolve().parent.parent
    for name in names:
        spec = find_spec(name)
        folders = [Path(folder).resolve() for folder in (spec and spec.submodule_search_locations) or ()]
        if here / name in folders:
            continue
        what = f"{folders[0] if folders else spec.origin} stands in front of" if spec else "nothing is installed as"
        message = f"{what} this project's package {name}: run the command lr-parity, or run this in another folder"
        if sys.argv[0] == "-m":  # python -m is importing this package, to run a command of it
            print(message, file=sys.stderr)
            sys.exit(2)
        raise ImportError(message)


_check_neighbours("frameworks")

from frameworks.moved import remember

remember()
