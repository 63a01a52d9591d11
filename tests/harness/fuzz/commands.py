"""Runs whole commands on hostile inputs and outputs, each in a process: python -m tests.harness.fuzz.commands

Inputs are damaged files, pipes, devices, sparse files, links and folders. Some cases have a full disk, or a stdout that
is full, closed or without a reader. Each must end with a documented exit code, without a traceback, within 30 s and
1 GiB; files that were there stay whole. Prints a line of JSON, also if a signal ends it early, and before that a line
of progress on stderr every 1,000 cases. Exit codes: 0, 4 for a case that did not, 130 or 143 after SIGINT or SIGTERM.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from frameworks import children
from frameworks.arguments import Parser, parse_count, parse_seed
from frameworks.exit_codes import FAILED, GOOD, UNEXPECTED, USAGE
from parity.measuring.processes import ROOT
from tests.harness.fuzz import documents, words
from tests.harness.fuzz.server import SECONDS

TARGETS = {target.name: target for target in (*documents.TARGETS, *words.TARGETS)}
LOG = ["explain", "a.json", "INPUT"]
PORT = ["port", "INPUT", "--to", "torch", "--no-measure"]
#: The commands: the name of the input, the kinds of damaged files, and the arguments.
COMMANDS = (
    ("in.json", ("specification-json", "run-json"), PORT), ("in.toml", ("specification-toml", "run-toml"), PORT),
    ("in.json", ("specification-json",), [*PORT, "--json"]), ("in.py", ("constructor",), PORT),
    ("é.json", ("specification-json",), ["explain", "INPUT", "a.json"]), ("a b.csv", ("log-csv",), LOG),
    ("in.jsonl", ("log-jsonl",), LOG), ("in.log", ("log-mxnet",), LOG), ("in.json", ("log-jsonl",), LOG),
    ("in.json", ("report",), ["report", "--from", "INPUT", "--out", "out"]),
    ("in.json", ("report",), ["report", "--from", "INPUT", "--out", "out"]),
    ("in.json", ("specification-json",), ["plot", "INPUT", "--updates", "50", "--out", "out/plot.svg"]),
)
INPUTS = ("damaged",) * 8 + ("good",) * 4 + ("pipe", "zero", "full", "null", "sparse", "dangling", "loop", "folder")
STDOUTS = ("null",) * 5 + ("full", "unread", "closed")
#: The share of the cases whose process is taken down by Python to its end, which takes longer than most commands.
TAKEN_DOWN = 0.01
#: How many cases follow each line of progress.
PROGRESS = 1000
OLD = b"old"
#: The files that are there before, and how each ends if it is whole.
ENDS = {"parity.json": b"}\n", "parity.md": b"\n", "index.html": b"</html>\n", "plot.svg": b"</svg>\n"}


class Server:
    """The process that forks for each case. program: "module:function" of the commands. seconds: limit of a case."""

    def __init__(self, program: str = "parity.__main__:main", seconds: int = SECONDS) -> None:
        self._process = children.start([sys.executable, "-m", "tests.harness.fuzz.server", program, str(seconds)],
                                       cwd=ROOT, env=os.environ | {"PYTHONUNBUFFERED": ""}, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)

    def run(self, case: dict[str, Any]) -> tuple[int, int]:
        """Run a case and return its exit code and its memory in KiB."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(case), file=self._process.stdin, flush=True)
        code, memory = json.loads(self._process.stdout.readline())
        return code, memory

    def end(self) -> None:
        """End the process."""
        children.end(self._process)
        self._process.wait()


def build_case(folder: Path, seed: int, number: int) -> dict[str, Any]:
    """Write the files of a case into a new folder and return the case: always the same for a seed and a number."""
    random = Random(f"commands {seed} {number}")
    name, kinds, arguments = random.choice(COMMANDS)
    kind, target = random.choice(INPUTS), TARGETS[random.choice(kinds)]
    (folder / "out").mkdir(parents=True)
    for old in ENDS:
        (folder / "out" / old).write_bytes(OLD)
    (folder / "a.json").write_bytes(TARGETS["specification-json"].seeds[0])
    path = folder / name
    if kind == "damaged":
        path.write_bytes(target.build_case(seed, number))
    elif kind == "good":
        path.write_bytes(random.choice(target.seeds))
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "sparse":
        path.touch()
        os.truncate(path, random.choice((1 << 32, 1 << 40)))
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to({"dangling": "none", "loop": name}.get(kind, f"/dev/{kind}"))
    return {"arguments": [name if text == "INPUT" else text for text in arguments], "folder": str(folder),
            "stdout": random.choice(STDOUTS), "file_size": random.choice((None, None, None, 1 << 13, 1 << 17)),
            "input": kind, "taken_down": random.random() < TAKEN_DOWN}


def find_fault(case: dict[str, Any], code: int, memory: int) -> str:
    """Return what a case did that no command may do; empty if nothing."""
    folder = Path(case["folder"])
    errors = Path(f"{folder}.err").read_text(errors="replace")
    if code == -14:
        return "took too long"
    if "Traceback" in errors:
        return f"traceback: {errors.splitlines()[-1]}"
    if code not in (GOOD, USAGE, FAILED) and (code, case["stdout"] == "null") != (UNEXPECTED, False):
        return f"exit code {code}: {errors[-200:]}"
    if memory > 1 << 20:
        return f"took {memory >> 10} MiB"
    if new := {path.name for path in (folder / "out").iterdir()} ^ set(ENDS):
        return f"files in out: {', '.join(sorted(new))}"
    for name, end in ENDS.items():
        content = (folder / "out" / name).read_bytes()
        if content != OLD and (code == USAGE or not content.endswith(end)):
            return f"{name} is not whole, or was replaced in spite of an error"
    return ""


def run_cases(cases: int, seed: int, server: Server, stopped: Sequence[int] = ()) -> tuple[Counter[str], list[str]]:
    """Run cases; return how many ended with each exit code, and a line for each fault, at most 20.

    stopped: the signals that this process got; after the first one, no other case is run (default: none).
    """
    codes: Counter[str] = Counter()
    faults: list[str] = []
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        for number in range(cases):
            case = build_case(Path(place) / str(number), seed, number)
            code, memory = server.run(case)
            codes[str(code)] += 1
            if fault := find_fault(case, code, memory):
                faults.append(f"case {number} of seed {seed}: {' '.join(case['arguments'])} (input {case['input']}, "
                              f"stdout {case['stdout']}, file size {case['file_size']}): {fault}")
            shutil.rmtree(case["folder"])
            Path(f"{case['folder']}.err").unlink()
            if stopped or len(faults) == 20:
                break
            if (tried := number + 1) % PROGRESS == 0:
                left = timedelta(seconds=round((time.monotonic() - begin) / tried * (cases - tried)))
                print(f"{tried} of {cases} cases, {len(faults)} faults, {left} left", file=sys.stderr, flush=True)
    return codes, faults


def main(arguments: list[str] | None = None) -> int:
    """Run the cases, print the counts and the faults, and return the exit code."""
    parser = Parser(prog="tests.harness.fuzz.commands", description="Run commands on hostile inputs and outputs.")
    parser.add_argument("--cases", type=parse_count, default=1000, metavar="N", help="number of cases (default: 1000)")
    parser.add_argument("--seed", type=parse_seed, default=0, metavar="N", help="seed of the cases (default: 0)")
    chosen = parser.parse_args(arguments)
    stopped: list[int] = []
    with children.handle_signals(lambda number, frame: stopped.append(number), signal.SIGINT, signal.SIGTERM):
        server = Server()
        try:
            codes, faults = run_cases(chosen.cases, chosen.seed, server, stopped)
        finally:
            server.end()
    command = f"python -m tests.harness.fuzz.commands --cases {chosen.cases} --seed {chosen.seed}"
    print(json.dumps({"command": command, "versions": {"python": platform.python_version()},
                      "cases": codes.total(), "seed": chosen.seed, "exit codes": dict(sorted(codes.items())),
                      "faults": len(faults)}))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 128 + stopped[0] if stopped else FAILED if faults else GOOD


if __name__ == "__main__":
    sys.exit(main())
