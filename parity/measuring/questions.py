"""Runs a separate process that imports one framework: a question as JSON on its stdin, an answer on its stdout."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from frameworks import FRAMEWORKS, children, quiet
from frameworks.arguments import Parser, build_choice_type, run_main
from parity.measuring.measure import disable_mxnet_threads
from parity.measuring.processes import ROOT


class NotMeasuredError(Exception):
    """A question has no answer; the message is the last line of the process on stderr."""


def ask(module: str, framework: str, question: Any, **environment: str) -> Any:
    """Run `python -m MODULE --framework FRAMEWORK` with a question, and return its answer.

    environment: more environment variables. Raises NotMeasuredError.
    """
    process = children.run([sys.executable, "-m", module, "--framework", framework], cwd=ROOT,
                           env=os.environ | environment, given=json.dumps(question))
    if process.returncode:
        raise NotMeasuredError((process.stderr.strip().splitlines() or ["it ended"])[-1])
    return json.loads(process.stdout)


def answer(module: str, description: str, work: Callable[[str, Any], Any],
           frameworks: tuple[str, ...] = FRAMEWORKS) -> int:
    """Answer one question: the `main` of such a module; return its exit code.

    work: returns the answer from the framework and the question.
    """
    return print_document(module, description, lambda framework: work(framework, json.load(sys.stdin)),
                          frameworks=frameworks)


def print_document(module: str, description: str, work: Callable[[str], Any], arguments: list[str] | None = None,
                   frameworks: tuple[str, ...] = FRAMEWORKS) -> int:
    """Print what a module measures in --framework, as JSON; return the exit code, 2 for a missing framework.

    work: returns the document of a framework. Its output goes to stderr.
    """
    parser = Parser(prog=f"python -m {module}", description=description)
    parser.add_argument("--framework", type=build_choice_type(frameworks), required=True, help=", ".join(frameworks))
    chosen = parser.parse_args(arguments).framework

    def run() -> int:
        quiet()
        disable_mxnet_threads()
        with contextlib.redirect_stdout(sys.stderr):
            document = work(chosen)
        print(json.dumps(document))
        return 0

    return run_main(run)
