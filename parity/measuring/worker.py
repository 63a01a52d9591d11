"""Runs commands of this project in one process, which imports a framework once: python -m parity.measuring.worker

Reads a JSON list from each line of stdin: a module and the arguments of its `main`. Answers with one line, an object
with the exit code and the output of `main`. Other output goes to stderr. Ends with its stdin.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
import warnings
from importlib import import_module

from frameworks.arguments import Parser, run_main
from frameworks.exit_codes import UNEXPECTED
from parity.measuring.measure import disable_mxnet_threads


def main() -> int:
    """Answer each line of stdin."""
    parser = Parser(prog="python -m parity.measuring.worker", description="Run the commands of each line of stdin.")
    parser.add_argument("--plain", action="store_true",
                        help="leave MXNet's engine as it is (default: for tiny updates)")
    if not parser.parse_args().plain:
        disable_mxnet_threads()
    questions, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a command has no stdin
    os.dup2(2, 1)  # libraries print there too, not through Python
    for line in questions:
        module, *arguments = json.loads(line)
        code, output = run(module, arguments)
        print(json.dumps({"code": code, "output": output}), file=answers, flush=True)
    return 0


def run(module: str, arguments: list[str]) -> tuple[int, str]:
    """Return the exit code and the output of a module's `main`."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), warnings.catch_warnings():
        try:
            code = run_main(lambda: import_module(module).main(arguments)) or 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else UNEXPECTED if error.code else 0
            if isinstance(error.code, str):
                print(error.code, file=sys.stderr)
        except Exception:
            traceback.print_exc()
            code = UNEXPECTED
    return code, output.getvalue()


if __name__ == "__main__":
    sys.exit(main())
