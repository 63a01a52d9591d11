"""Reads the source of a script or a notebook, with limits on its size."""

from __future__ import annotations

import ast
import json
import os
import re
import stat
import warnings
from pathlib import Path

from frameworks.whole_files import describe_error
from parity.port.read.literal import PortError

#: The largest script that is read.
MAX_BYTES = 4 * 2**20
MAX_LINES = 50_000
SUFFIXES = (".py", ".ipynb")
#: A line of IPython.
_MAGIC = r"^(\s*)(?:%[A-Za-z]|!|\?).*$"


def parse_file(path: str) -> tuple[ast.Module, str]:
    """Return the tree and the text of a script or a notebook. Raises PortError, one line.

    path: the file, at most 4 MiB and 50,000 lines. The cells of a notebook are joined by an empty line.
    """
    text = _read(path)
    if path.endswith(".ipynb"):
        text = _join_cells(path, text)
    return parse_text(text, path), text


def parse_text(text: str, name: str) -> ast.Module:
    """Return the tree of a script's text. Raises PortError unless it is Python.

    text: the source. name: the file's name, for messages.
    """
    if text.count("\n") >= MAX_LINES:
        raise PortError(f"{name}: a script has at most {MAX_LINES:,} lines, got {text.count(chr(10)) + 1:,}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise PortError(f"{name}{line}: not Python: {getattr(error, 'msg', None) or 'nested too deeply'}") from None


def _read(path: str) -> str:
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise PortError(f"{path}: must be a regular file")
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PortError(f"{path}: {describe_error(error)}") from None
    if len(content) > MAX_BYTES:
        raise PortError(f"{path}: a script has at most {MAX_BYTES // 2**20} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PortError(f"{path}: must be text in UTF-8") from None


def _join_cells(path: str, text: str) -> str:
    """Return the code of a notebook's cells. Lines of IPython (%, !, ?) are left out."""
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise PortError(f"{path}: not a notebook of version 4") from None
    lines = []
    for source in sources:
        if source.lstrip().startswith("%%") and not source.lstrip().startswith(("%%time", "%%capture")):
            lines += ["" for _ in source.splitlines()]  # another language
        else:
            lines += [re.sub(_MAGIC, r"\1pass", line) for line in source.splitlines()]
        lines.append("")
    return "\n".join(lines)


def is_script(what: str) -> bool:
    """Return whether an argument names a script or a notebook."""
    return what.endswith(SUFFIXES) and "\n" not in what and "(" not in Path(what).name
