"""Runs each command of stdin in a fork, which has imported what the commands need, with limits on memory and files.

A line of stdin is a JSON object: arguments, folder, stdout ("null", "full", "unread" or "closed"), file_size (bytes, or
null), taken_down. If that is false, the process leaves its memory as it is at its end, which is ten times as fast.
The answer is [exit code, negative for a signal, and the largest memory in KiB]; stderr is in FOLDER.err.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import resource
import signal
import sys
from importlib import import_module
from pathlib import Path

from frameworks import streams
from frameworks.arguments import Parser, parse_count
from tests.harness import forks

#: The most that a command may take: bytes of addresses in addition to what is imported, and seconds.
ADDRESSES, SECONDS = 1 << 30, 30
IMPORTED = ("parity.measuring.plot", "parity.pages.report.command", "parity.pages.report.read", "parity.port.command",
            "parity.explain.command", "jsonschema")


def enter_case(case: dict, seconds: int) -> None:
    """Set folder, streams and limits of the current process, and undo what the parser of this program has set."""
    atexit.unregister(streams._flush_at_exit)
    sys.excepthook = sys.__excepthook__
    os.chdir(case["folder"])
    errors = os.open(f"{case['folder']}.err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(errors, 2)
    if case["stdout"] == "closed":
        os.close(1)
        sys.stdout = None  # type: ignore[assignment]  (as Python sets it)
    elif case["stdout"] == "unread":
        read, write = os.pipe()
        os.close(read)
        os.dup2(write, 1)
    else:
        os.dup2(os.open(f"/dev/{case['stdout']}", os.O_WRONLY), 1)
    have = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (have + ADDRESSES,) * 2)
    if case["file_size"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (case["file_size"],) * 2)
    signal.alarm(seconds)


def main() -> None:
    """Run the commands of stdin."""
    parser = Parser(prog="python -m tests.harness.fuzz.server", description="Run each command of stdin in a fork.")
    parser.add_argument("function", metavar="MODULE:FUNCTION", help="the main function of the commands")
    parser.add_argument("seconds", type=parse_count, metavar="SECONDS", help="the longest time of a command")
    chosen = parser.parse_args()
    for name in IMPORTED:
        import_module(name)
    module, _, function = chosen.function.partition(":")
    run_command = getattr(import_module(module), function)
    answers = os.fdopen(os.dup(1), "w")
    gc.freeze()  # else each fork copies what it counts
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            given = json.loads(line)
            enter_case(given, chosen.seconds)
            sys.argv = ["parity", *given["arguments"]]
            if given["taken_down"]:
                sys.exit(run_command())
            forks.end_with(run_command, atexit._run_exitfuncs)  # no command leaves a thread to wait for
        _, status, used = os.wait4(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_maxrss]), file=answers, flush=True)


if __name__ == "__main__":
    main()
