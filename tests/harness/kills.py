"""Kills a training repeatedly at random instants, and checks what remains.

python -m tests.harness.kills --framework torch --kills 20

This process imports the framework once and forks a child for each part of a run. The child continues from the last
checkpoint and is killed by SIGKILL, until the run is done. After each kill the newest checkpoint must be whole and at
most one interval behind the last update. Its weights must be those of the uninterrupted run at its update. At the end
weights and record must be those of the uninterrupted run. Prints a line of JSON. Exit codes: 0 good, 1 something was
lost, 2 usage.
"""

from __future__ import annotations

import json
import platform
import random
import shutil
import signal
import sys
import tempfile
import time
from argparse import Namespace
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from frameworks import backend, quiet, version
from frameworks.arguments import Parser, framework, parse_count, parse_seed, run_main
from frameworks.memory import keep_freed_memory
from frameworks.weights import compute_digest
from reproduce.trainer import checkpoint
from reproduce.trainer.errors import CheckpointError
from tests.harness.life import Life

#: Updates between checkpoints (there is also one after each epoch of five updates), epochs of a run.
INTERVAL, EPOCHS = 2, 30
#: Share of the children that are killed at a time counted from their start, before or near their first update. The
#: others are killed at a time counted from one of their first updates, so that slow and fast machines get equally far.
YOUNG, UPDATES = 0.1, 10
#: Share of the children that are killed while saving, and within how many seconds of its start.
MIDST, SAVING = 0.3, 0.004


@dataclass
class Found:
    """Counts kills, damage after a kill, completed runs, and runs that differ from the uninterrupted one.

    kills_while_saving: kills during a save. wrong: messages.
    """

    kills: int = 0
    kills_while_saving: int = 0
    torn: int = 0
    missing: int = 0
    other_weights: int = 0
    most_updates_lost: int = 0
    runs: int = 0
    other_runs: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """True if nothing was lost or different."""
        return not (self.torn or self.missing or self.other_weights or self.other_runs or self.wrong
                    or self.most_updates_lost > INTERVAL)


def main(arguments: list[str] | None = None) -> int:
    """Kill a training --kills times, print the counts, and return the exit code."""
    parser = Parser(prog="tests.harness.kills",
                    description="Kill a training repeatedly at random instants, and check what remains.")
    parser.add_argument("--framework", type=framework, required=True)
    parser.add_argument("--kills", type=parse_count, default=20, metavar="N", help="number of kills (default: 20)")
    parser.add_argument("--seed", type=parse_seed, default=0, metavar="N", help="seed of the instants (default: 0)")
    chosen = parser.parse_args(arguments)
    begin = time.monotonic()
    import_modules(chosen.framework)
    with tempfile.TemporaryDirectory() as folder:
        counts = _kill_repeatedly(chosen, Path(folder))
    given = " ".join(f"--{name} {getattr(chosen, name)}" for name in ("framework", "kills", "seed"))
    print(json.dumps({
        "command": f"python -m tests.harness.kills {given}", "framework": chosen.framework,
        "versions": {"python": platform.python_version(), chosen.framework: version(chosen.framework)},
        "interval": INTERVAL, **asdict(counts), "seconds": round(time.monotonic() - begin, 1)}))
    return 0 if counts.good else 1


def import_modules(name: str) -> None:
    """Import the modules that each child would import."""
    quiet()
    keep_freed_memory()
    backend(name)
    for module in ("reproduce.trainer.figures", "tqdm", *["torch._dynamo"] * (name == "torch")):
        import_module(module)


def _kill_repeatedly(chosen: Namespace, folder: Path) -> Found:
    options = ["--framework", chosen.framework, "--epochs", str(EPOCHS), "--device", "cpu", "--quiet",
               "--resume", "auto"]
    whole = Life([*options, "--checkpoint-every", "1"], folder / "whole", folder / "weights")
    if code := whole.wait():
        raise RuntimeError(f"the uninterrupted run has ended with {code}: {(folder / 'whole.log').read_text()}")
    weights = dict(line.split() for line in (folder / "weights").read_text().splitlines())
    expected = read_final_state(folder / "whole")
    birth, lasted = whole.times[0] - whole.born, (whole.times[-1] - whole.times[0]) / len(weights)
    options += ["--checkpoint-every", str(INTERVAL)]

    counts, instants = Found(), random.Random(chosen.seed)
    while counts.kills < chosen.kills:
        out, saved = folder / "run", 0
        while True:
            life = Life(options, out)
            updates = 0 if instants.random() < YOUNG else instants.randint(1, UPDATES)
            delay = instants.uniform(0, lasted if updates else birth)
            into_saving = instants.uniform(0, SAVING) if instants.random() < MIDST else None
            if counts.kills == chosen.kills or life.kill(updates, delay, into_saving) != -signal.SIGKILL:
                break
            counts.kills += 1
            counts.kills_while_saving += life.saving
            saved = _check_remains(counts, max(life.made, saved), saved, out, weights)
        if code := life.wait():
            counts.wrong.append(f"a run has ended with {code}: {(folder / 'run.log').read_text()[-1000:]}")
        else:
            counts.other_runs += not _is_same(out, expected)
        counts.runs += 1
        shutil.rmtree(out)
    return counts


def _check_remains(counts: Found, made: int, saved: int, out: Path, weights: dict[str, str]) -> int:
    """Check what a kill left; return the updates of the newest checkpoint.

    made, saved: updates made and saved before.
    """
    record = out / "record.json"
    try:
        if record.exists():
            json.loads(record.read_text())
        if not checkpoint.has_checkpoints(out):
            counts.missing += saved > 0 or made > INTERVAL
            counts.most_updates_lost = max(counts.most_updates_lost, made)
            return 0
        left, wrong = checkpoint.load(out)
    except (CheckpointError, ValueError) as error:
        counts.torn += 1
        counts.wrong.append(str(error))
        return 0
    counts.torn += bool(wrong)
    counts.wrong += wrong
    counts.missing += left.update < saved
    counts.other_weights += compute_digest(left.weights.values()) != weights[str(left.update)]
    counts.most_updates_lost = max(counts.most_updates_lost, made - left.update)
    return left.update


def _is_same(out: Path, expected: tuple[dict[str, Any], str]) -> bool:
    """Return whether a run has the expected result; False if its checkpoints cannot be loaded."""
    try:
        return read_final_state(out) == expected
    except CheckpointError:
        return False


def read_final_state(out: Path) -> tuple[dict[str, Any], str]:
    """Return a run's record, without the entries that may differ, and the digest of its weights."""
    record = json.loads((out / "record.json").read_text())
    epochs = [{key: value for key, value in epoch.items() if key != "seconds"} for epoch in record["epochs"]]
    return record | {"epochs": epochs, "resumed": []}, compute_digest(checkpoint.load(out)[0].weights.values())


if __name__ == "__main__":
    sys.exit(run_main(main))
