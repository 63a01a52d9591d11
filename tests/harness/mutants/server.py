"""Imports the heavy libraries once, and forks for each mutant: python -m tests.harness.mutants.server TARGET SOCKET

`python -S tests/harness/mutants/client.py SOCKET UNREACHED` connects to it, and exits with 0 if no check noticed the
mutant. Mutated modules may not be imported here, before the fork.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
from functools import partial

from frameworks.arguments import Parser, build_choice_type
from tests.harness import forks

#: Seconds that a mutant may take; some never end.
LIMIT = 300
LIBRARIES = {
    "schedule": ["torch._dynamo", "hypothesis", "pytest", "jsonschema", "pydantic.main", "pydantic.type_adapter",
                 "pydantic.json_schema", "tomli_w", "tomllib"],
    "mxnet": ["torch._dynamo", "frameworks.numpy_bool", "mxnet", "parity.gate.laws.run", "tests.harness.mutants.suite"],
    "torch": ["torch._dynamo", "parity.gate.laws.run", "tests.harness.mutants.suite"],
    "tensorflow": ["torch._dynamo", "tensorflow", "keras", "parity.gate.laws.run", "tests.harness.mutants.suite"],
}
#: The specification, a back end's schedules, or, with "-other", the rest of the back end.
TARGETS = (*LIBRARIES, *(f"{name}-other" for name in LIBRARIES if name != "schedule"))


def main() -> None:
    """Serve until killed."""
    parser = Parser(prog="python -m tests.harness.mutants.server", description="Fork for each mutant.")
    parser.add_argument("target", type=build_choice_type(TARGETS), metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("socket", metavar="SOCKET", help="path of the socket")
    chosen = parser.parse_args()
    target, path = chosen.target, chosen.socket
    package = target.removesuffix("-other")
    sys.dont_write_bytecode = True
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    for name in LIBRARIES[package]:
        importlib.import_module(name)
    mutated = f"frameworks.{package}"
    if loaded := [name for name in sys.modules if name.startswith(mutated)]:
        raise RuntimeError(f"already imported: {', '.join(loaded)}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        while True:
            client, _ = listening.accept()
            with client:
                forks.start(partial(_answer, target), client, client, seconds=LIMIT)


def _answer(target: str) -> None:
    """Print whether a mutant survived as the last line; an error, as a mutant may cause any, is another last line."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    from tests.harness.mutants.suite import is_unnoticed

    print("\nsurvived" if is_unnoticed(target) else "\nnoticed")


if __name__ == "__main__":
    main()
