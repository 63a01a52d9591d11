"""Kill a training again and again at random instants, and look what is left.

python -m tests.harness.kills --framework torch --kills 20

This process imports the framework once and forks a child for each life of a run; each goes on from the last checkpoint
and is killed by SIGKILL, until the run is done. After each kill the newest checkpoint must be whole, at most one
interval behind the last update, and have the weights of the uninterrupted run at its update; so must, in the end, the
weights and the record. Prints a line of JSON. Exit codes: 0 good, 1 something was lost, 2 usage.
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
from frameworks.arguments import Parser, count, exit_code, framework, seed
from frameworks.memory import keep_freed_memory
from frameworks.weights import digest
from reproduce.trainer import checkpoint
from reproduce.trainer.errors import CheckpointError
from tests.harness.life import Life

#: A checkpoint after so many updates, and after each epoch of five; so many epochs to a run.
INTERVAL, EPOCHS = 2, 30
#: Of the lives, how many are killed at an instant counted from their birth, before or about their first update; the
#: others at an instant counted from one of their first updates, so that a slow machine gets as far as a fast one.
YOUNG, UPDATES = 0.1, 10
#: Of the lives, how many are killed in the midst of saving, and within how many seconds of its beginning.
MIDST, SAVING = 0.3, 0.004


@dataclass
class Found:
    """Counts of kills, and of those in the midst of saving; of what is wrong after a kill; of completed runs, and those
    that came to something else than the uninterrupted run.
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
        return not (self.torn or self.missing or self.other_weights or self.other_runs or self.wrong
                    or self.most_updates_lost > INTERVAL)


def main(arguments: list[str] | None = None) -> int:
    """Kill as often as the arguments say and print what was found."""
    parser = Parser(prog="tests.harness.kills",
                    description="Kill a training again and again at random instants, and check what is left.")
    parser.add_argument("--framework", type=framework, required=True)
    parser.add_argument("--kills", type=count, default=20, metavar="N", help="20")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="of the instants; 0")
    chosen = parser.parse_args(arguments)
    begin = time.monotonic()
    imported(chosen.framework)
    with tempfile.TemporaryDirectory() as folder:
        found = _killed(chosen, Path(folder))
    given = " ".join(f"--{name} {getattr(chosen, name)}" for name in ("framework", "kills", "seed"))
    print(json.dumps({
        "command": f"python -m tests.harness.kills {given}", "framework": chosen.framework,
        "versions": {"python": platform.python_version(), chosen.framework: version(chosen.framework)},
        "interval": INTERVAL, **asdict(found), "seconds": round(time.monotonic() - begin, 1)}))
    return 0 if found.good else 1


def imported(name: str) -> None:
    """Import what each child would import."""
    quiet()
    keep_freed_memory()
    backend(name)
    for module in ("reproduce.trainer.figures", "tqdm", *["torch._dynamo"] * (name == "torch")):
        import_module(module)


def _killed(chosen: Namespace, folder: Path) -> Found:
    options = ["--framework", chosen.framework, "--epochs", str(EPOCHS), "--device", "cpu", "--quiet",
               "--resume", "auto"]
    whole = Life([*options, "--checkpoint-every", "1"], folder / "whole", folder / "weights")
    if code := whole.wait():
        raise RuntimeError(f"the uninterrupted run has ended with {code}: {(folder / 'whole.log').read_text()}")
    weights = dict(line.split() for line in (folder / "weights").read_text().splitlines())
    expected = final(folder / "whole")
    birth, lasted = whole.times[0] - whole.born, (whole.times[-1] - whole.times[0]) / len(weights)
    options += ["--checkpoint-every", str(INTERVAL)]

    found, instants = Found(), random.Random(chosen.seed)
    while found.kills < chosen.kills:
        out, saved = folder / "run", 0
        while True:
            life = Life(options, out)
            updates = 0 if instants.random() < YOUNG else instants.randint(1, UPDATES)
            delay = instants.uniform(0, lasted if updates else birth)
            into_saving = instants.uniform(0, SAVING) if instants.random() < MIDST else None
            if found.kills == chosen.kills or life.kill(updates, delay, into_saving) != -signal.SIGKILL:
                break
            found.kills += 1
            found.kills_while_saving += life.saving
            saved = _look(found, max(life.made, saved), saved, out, weights)
        if code := life.wait():
            found.wrong.append(f"a run has ended with {code}: {(folder / 'run.log').read_text()[-1000:]}")
        else:
            found.other_runs += not _is(out, expected)
        found.runs += 1
        shutil.rmtree(out)
    return found


def _look(found: Found, made: int, saved: int, out: Path, weights: dict[str, str]) -> int:
    """Look what a kill has left, after so many updates made and saved; return how many are saved now."""
    record = out / "record.json"
    try:
        if record.exists():
            json.loads(record.read_text())
        if not checkpoint.exists(out):
            found.missing += saved > 0 or made > INTERVAL
            found.most_updates_lost = max(found.most_updates_lost, made)
            return 0
        left, wrong = checkpoint.load(out)
    except (CheckpointError, ValueError) as error:
        found.torn += 1
        found.wrong.append(str(error))
        return 0
    found.torn += bool(wrong)
    found.wrong += wrong
    found.missing += left.update < saved
    found.other_weights += digest(left.weights.values()) != weights[str(left.update)]
    found.most_updates_lost = max(found.most_updates_lost, made - left.update)
    return left.update


def _is(out: Path, expected: tuple[dict[str, Any], str]) -> bool:
    """Whether a run has come to what is expected; it has not, if its checkpoints cannot be loaded."""
    try:
        return final(out) == expected
    except CheckpointError:
        return False


def final(out: Path) -> tuple[dict[str, Any], str]:
    """What a run has come to, without what may differ."""
    record = json.loads((out / "record.json").read_text())
    epochs = [{key: value for key, value in epoch.items() if key != "seconds"} for epoch in record["epochs"]]
    return record | {"epochs": epochs, "resumed": []}, digest(checkpoint.load(out)[0].weights.values())


if __name__ == "__main__":
    sys.exit(exit_code(main))
