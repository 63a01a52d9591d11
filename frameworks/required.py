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
    """Check the required packages before a script of `reproduce`, or python -m with a module of this project, runs.

    `python -m parity --version` needs none of them. Another program is left alone.
    """
    program, *arguments = getattr(sys, "argv", None) or [""]
    if program == "-m":  # python -m is importing the packages around the module
        module = find_module(len(arguments))
        ours = module.split(".")[0] in PACKAGES and (module, arguments) != ("parity", ["--version"])
    else:
        ours = is_script(program)
    if ours:
        check_required()


def find_module(count: int) -> str:
    """Return the module of python -m, which stands before its `count` arguments, or in one word with the options."""
    word = "".join(sys.orig_argv[-1 - count:][:1])
    return word.partition("m")[2] if word.startswith("-") else word


def is_script(program: str) -> bool:
    """Return whether a program, as in sys.argv[0], is a file in this project's `reproduce`."""
    try:
        script = Path(program).resolve()
        return Path(__file__).resolve().parent.parent / "reproduce" in script.parents and script.is_file()
    except (OSError, ValueError, TypeError, RuntimeError):  # a folder that is gone, not a path, a loop of links
        return False
