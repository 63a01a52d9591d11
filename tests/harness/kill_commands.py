"""Kills commands that write files at random instants, and checks what remains: python -m tests.harness.kill_commands

This process imports what the commands need and forks for each run of report, plot, measure, port and record. Most are
killed by SIGKILL: at a random time, or just after a temporary file has appeared. Each file must be whole, and no
process may run a second later. A run that is not killed must leave no temporary file of one before it. Prints a line
of JSON. Exit codes: 0 good, 4 something was lost, 2 usage.
"""

from __future__ import annotations

import json
import os
import platform
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import torch

from frameworks import quiet
from frameworks.arguments import Parser, parse_count, parse_seed
from frameworks.exit_codes import FAILED, GOOD
from frameworks.record_rows import iterate_rows
from frameworks.schedule import Cosine, Repeat, lrs, write
from frameworks.torch import build, record
from parity.__main__ import main as run_parity
from tests.harness import forks
from tests.harness.fuzz.commands import ENDS, OLD, TARGETS

COSINE = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
#: The updates of a recording, how many are made before it is continued, and its schedule, which then begins again.
UPDATES, BEFORE, CYCLES = 20_000, 10_000, Repeat(updates=20, of=COSINE)
#: The variable that a run's processes have, the share of kills at a temporary file, the seconds after it, or at most.
MARK, MIDST, WRITING, LONGEST = "KILLED_RUN", 0.6, 0.003, 5.0
#: The arguments of each command. Two measure in other processes.
COMMANDS: dict[str, list[str]] = {
    "report": ["report", "--from", "parity.json", "--out", "out"],
    "report, measured": ["report", "--out", "out"],
    "plot": ["plot", "a.json", "--updates", "50", "--out", "out/plot.svg"],
    "measure": ["measure", "a.json", "--framework", "torch", "--updates", "2000"],
    "port": ["port", "a.json", "--to", "torch", "--no-measure", "--plot", "out/plot.svg"],
    "port, measured": ["port", "a.json", "--to", "torch", "--plot", "out/plot.svg"],
    "record": [],
}
#: The share of each command.
SHARES = {"report": 4, "report, measured": 1, "plot": 5, "measure": 5, "port": 4, "port, measured": 1, "record": 5}


@dataclass
class Counts:
    """Counts kills, torn files, temporary files that a kill left and that a later run left, and orphans."""

    kills: dict[str, int] = field(default_factory=dict)
    torn: int = 0
    left: int = 0
    never_removed: int = 0
    orphans: int = 0
    wrong: list[str] = field(default_factory=list)


def run_record() -> int:
    """Continue a recording of a training in torch from update BEFORE on."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    optimizer.param_groups[0]["params"][0].grad = torch.ones(1)
    scheduler = build(CYCLES, optimizer)
    path = Path("out", "rates.csv")
    with record(optimizer, path, start=BEFORE if path.exists() else 0) as rates:
        for _ in range(rates.start, UPDATES):
            optimizer.step()
            scheduler.step()
    return 0


class Run:
    """A fork that runs a command in a folder; its output is in `stdout` and `stderr` there."""

    def __init__(self, name: str, folder: Path) -> None:
        def run_command() -> int:
            os.environ[MARK] = str(folder)
            return run_parity(COMMANDS[name]) if COMMANDS[name] else run_record()

        with (folder / "stdout").open("wb") as output, (folder / "stderr").open("wb") as errors:
            self._process = forks.start(run_command, output, errors, folder)

    def wait(self, until: Callable[[], bool], seconds: float) -> int | None:
        """Wait for the end, a condition or some seconds; return the exit code, or None if it still runs."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until():
            process, status = os.waitpid(self._process, os.WNOHANG)
            if process:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.0005)
        return None

    def kill(self) -> bool:
        """Kill the process and return whether that ended it."""
        os.kill(self._process, signal.SIGKILL)
        return forks.wait(self._process) < 0


def find_processes(folder: Path) -> list[int]:
    """Return the processes that a run in a folder has started."""
    found, mark = [], f"{MARK}={folder}\0".encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            found += [int(path.parent.name)] * (mark in path.read_bytes())
    return found


def find_damage(name: str, folder: Path, printed: bytes) -> list[str]:
    """Return what is not whole after a run of a command. printed: what `measure` prints if it is not killed."""
    out, damage = folder / "out", []
    for file, end in ENDS.items():
        content = (out / file).read_bytes()
        if content != OLD and (not content.endswith(end) or (file == "parity.json" and not json.loads(content))):
            damage.append(file)
    if name == "measure" and not printed.startswith((folder / "stdout").read_bytes()):
        damage.append("stdout")
    if name == "record" and (out / "rates.csv").exists():
        rows = [(row["t"], row["lr"]) for row in iterate_rows(out / "rates.csv")]
        if rows != [*enumerate(lrs(CYCLES, UPDATES).astype(np.float32).tolist())][:len(rows)]:
            damage.append("rates.csv")
    return damage


def kill_command(name: str, kills: int, folder: Path, instants: random.Random, counts: Counts) -> None:
    """Run a command until it has been killed `kills` times, or 20 times as often, then once to its end."""
    out = folder / "out"
    out.mkdir()
    for file in ENDS:
        (out / file).write_bytes(OLD)
    (folder / "parity.json").write_bytes(TARGETS["report"].seeds[0])
    write(COSINE, folder / "a.json")
    expected, printed, lasts = {*ENDS, *["rates.csv"] * (name == "record")}, b"", LONGEST
    if not (measured := name.endswith("measured")):
        begin = time.monotonic()
        if Run(name, folder).wait(lambda: False, 300) != 0:
            counts.wrong.append(f"{name}: {(folder / 'stderr').read_text()[-500:]}")
            return
        lasts, printed = time.monotonic() - begin, (folder / "stdout").read_bytes()
    left: set[str] = set()
    for _ in range(20 * kills):
        if counts.kills.get(name, 0) == kills:
            break
        until, run = partial(lambda before: bool({*os.listdir(out)} - before), {*os.listdir(out)}), Run(name, folder)
        if instants.random() < MIDST and name != "measure" and not measured:
            code, delay = run.wait(until, 60), instants.uniform(0, WRITING)
        else:
            code, delay = None, instants.uniform(0, min(lasts, LONGEST))
        code = run.wait(lambda: False, delay) if code is None else code
        if code is None and run.kill():
            counts.kills[name] = counts.kills.get(name, 0) + 1
        end = time.monotonic() + 1
        while (orphans := find_processes(folder)) and time.monotonic() < end:
            time.sleep(0.01)
        counts.orphans += len(orphans)
        for orphan in orphans:
            os.kill(orphan, signal.SIGKILL)
        counts.torn += len(damage := find_damage(name, folder, printed))
        counts.wrong += [f"{name}: {file}" for file in damage] + [f"{name}: process {orphan}" for orphan in orphans]
        left |= {*os.listdir(out)} - expected
    counts.left += len(left)
    if not measured:
        Run(name, folder).wait(lambda: False, 300)
        counts.never_removed += len(never := {*os.listdir(out)} ^ expected)
        counts.wrong += [f"{name}: {file} stays" for file in never]


def main(arguments: list[str] | None = None) -> int:
    """Kill the commands --kills times, print the counts, and return the exit code."""
    parser = Parser(prog="tests.harness.kill_commands", description="Kill commands that write files.")
    parser.add_argument("--kills", type=parse_count, default=50, metavar="N", help="number of kills (default: 50)")
    parser.add_argument("--seed", type=parse_seed, default=0, metavar="N", help="seed of the instants (default: 0)")
    chosen = parser.parse_args(arguments)
    quiet()
    import_module("parity.measuring.plot")
    counts, instants = Counts(), random.Random(chosen.seed)
    for name, share in SHARES.items():
        with tempfile.TemporaryDirectory() as folder:
            kill_command(name, -(-chosen.kills * share // sum(SHARES.values())), Path(folder), instants, counts)
    command = f"python -m tests.harness.kill_commands --kills {chosen.kills} --seed {chosen.seed}"
    print(json.dumps({"command": command, "versions": {"python": platform.python_version()}, "seed": chosen.seed,
                      "killed": sum(counts.kills.values()), **asdict(counts)}))
    return FAILED if counts.wrong else GOOD


if __name__ == "__main__":
    sys.exit(main())
