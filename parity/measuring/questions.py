"""Ask a separate process, which imports one framework: a question as JSON on its stdin, an answer on its stdout."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from frameworks import FRAMEWORKS, children, quiet
from frameworks.arguments import Parser, exit_code, one_of
from parity.measuring.measure import tiny_updates
from parity.measuring.processes import ROOT


class NotMeasured(Exception):
    """Why a question has no answer: the last line that the process printed on stderr."""


def ask(module: str, framework: str, question: Any, **environment: str) -> Any:
    """Ask `python -m MODULE --framework FRAMEWORK`, with more environment variables, and return what it answers.

    Raises NotMeasured.
    """
    process = children.run([sys.executable, "-m", module, "--framework", framework], cwd=ROOT,
                           env=os.environ | environment, given=json.dumps(question))
    if process.returncode:
        raise NotMeasured((process.stderr.strip().splitlines() or ["it ended"])[-1])
    return json.loads(process.stdout)


def answer(module: str, description: str, work: Callable[[str, Any], Any],
           frameworks: tuple[str, ...] = FRAMEWORKS) -> int:
    """Answer one question: the program of such a module. work: from the framework and the question to the answer."""
    return print_document(module, description, lambda framework: work(framework, json.load(sys.stdin)),
                          frameworks=frameworks)


def print_document(module: str, description: str, work: Callable[[str], Any], arguments: list[str] | None = None,
                   frameworks: tuple[str, ...] = FRAMEWORKS) -> int:
    """Print what a module measures in --framework, as JSON. Returns the exit code, 2 for a framework that is missing.

    work: from the framework to the document. What it prints goes to stderr.
    """
    parser = Parser(prog=f"python -m {module}", description=description)
    parser.add_argument("--framework", type=one_of(frameworks), required=True, help=", ".join(frameworks))
    chosen = parser.parse_args(arguments).framework

    def run() -> int:
        quiet()
        tiny_updates()
        with contextlib.redirect_stdout(sys.stderr):
            found = work(chosen)
        print(json.dumps(found))
        return 0

    return exit_code(run)
