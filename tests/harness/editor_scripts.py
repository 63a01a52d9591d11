"""Runs the schedule editor's scripts in node, without its page: what they read, write and compute."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from parity.pages.edit.command import HERE, PROGRAM, build_document

#: The scripts that need a page.
_PAGE = ("chart.js", "form.js", "page.js", "paste.js", "start.js")
_PROGRAM = """\
const document = {{getElementById: () => ({{textContent: {document}}})}};
{scripts}
console.log(JSON.stringify({questions}.map(question => {{
  try {{
    return {{result: ({function})(...question)}};
  }} catch (error) {{
    if (!(error instanceof Refusal)) throw error;
    return {{refused: error.message}};
  }}
}})));
"""


@cache
def _write_document() -> str:
    return json.dumps(json.dumps(build_document()))


def ask_scripts(function: str, questions: list[list[Any]], folder: Path = HERE) -> list[dict[str, Any]]:
    """Return the result, or the refusal's text, of a function of the scripts for each question.

    function: its name, or an arrow function. questions: the arguments of each call. folder: of the scripts (default:
    that of the package).
    """
    if shutil.which("node") is None:
        pytest.fail("node not found: apt-get install nodejs", pytrace=False)
    scripts = "\n".join((folder / path.name).read_text(encoding="utf-8") for path in PROGRAM if path.name not in _PAGE)
    with tempfile.NamedTemporaryFile("w", suffix=".js", encoding="utf-8") as file:
        file.write(_PROGRAM.format(document=_write_document(), scripts=scripts, questions=json.dumps(questions),
                                   function=function))
        file.flush()
        done = subprocess.run(["node", file.name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def plant(file: str, text: str, planted: str, folder: Path) -> Path:
    """Return a copy of the scripts, in a folder, where a text that occurs once in a file is replaced by a mistake."""
    shutil.copytree(HERE, copy := folder / "edit")
    content = (copy / file).read_text(encoding="utf-8")
    assert content.count(text) == 1
    (copy / file).write_text(content.replace(text, planted), encoding="utf-8")
    return copy
