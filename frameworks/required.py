"""Finds a package that every command needs and that is missing, before an import of it ends in a traceback."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from frameworks import describe_missing
from frameworks.exit_codes import USAGE

#: This project's packages.
PACKAGES = ("frameworks", "parity", "reproduce")
#: Packages that every command needs.
REQUIRED = ("numpy", "pydantic", "tomli_w", *(("tomli",) if sys.version_info < (3, 11) else ()))


def find_mistake() -> str | None:
    """Return the sentence about the first required package that is missing, or hidden by a file of its name."""
    for name in REQUIRED:
        spec = find_spec(name)
        if spec is None:
            return describe_missing(name)
        if spec.submodule_search_locations is None:
            return f"{spec.origin} stands in front of the package {name}: run this in another folder"
    return None


def check_required() -> None:
    """Exit with code 2 and one line if a required package cannot be used."""
    if mistake := find_mistake():
        print(mistake, file=sys.stderr)
        sys.exit(USAGE)


def check_command() -> None:
    """Check it if this process is to run a script of `reproduce`, or python -m with a module of this project.

    --version alone needs none of them.
    """
    program, *arguments = getattr(sys, "argv", None) or [""]
    if program == "-m":  # python -m is importing the packages around the module
        after = sys.orig_argv[sys.orig_argv.index("-m") + 1:] if "-m" in sys.orig_argv else []
        ours = after[:1] and after[0].split(".")[0] in PACKAGES and arguments != ["--version"]
    else:
        script = Path(program).resolve()  # of python -c and of a prompt it is not a file
        ours = Path(__file__).resolve().parent.parent / "reproduce" in script.parents and script.is_file()
    if ours:
        check_required()
