"""Mutates the specification and the backends, one small change at a time.

python -m tests.harness.mutants [--target torch ...]

cosmic-ray makes the mutants in a copy of the tree; the checks of its target must notice each of them. Prints how many
were noticed, and every survivor. survivors.toml lists the known survivors, with the reason why no check notices them.
Exit codes: 0 if at least 95 % of each target are noticed and every survivor is explained, 4 if not.
"""

from __future__ import annotations

import ast
import hashlib
import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import tomllib

from frameworks import FRAMEWORKS
from frameworks.arguments import Parser, build_choice_type
from frameworks.exit_codes import FAILED
from parity.measuring.processes import ROOT

#: The folder of each target. "mxnet-other": a back end without its schedules: groups, plateau, training.
MODULES = {"schedule": "frameworks/schedule", **{name: f"frameworks/{name}/schedules" for name in FRAMEWORKS},
           **{f"{name}-other": f"frameworks/{name}" for name in FRAMEWORKS}}
SURVIVORS = Path(__file__).with_name("survivors.toml")
#: Left out: `X | None` in a hint, which is not evaluated; shifts and bits for arithmetic, which mostly raise TypeError;
#: `is` for `==`, which makes no difference for words and small numbers.
EXCLUDED = ["core/ReplaceBinaryOperator_BitOr_.*",
            "core/ReplaceBinaryOperator_.*_(RShift|LShift|BitOr|BitAnd|BitXor)",
            "core/ReplaceComparisonOperator_(Eq_Is|NotEq_IsNot)$"]
#: The least share of mutants that must be noticed.
LEAST = 0.95
CONFIG = """\
[cosmic-ray]
module-path = "{module}"
timeout = 240.0
excluded-modules = {left_out}
test-command = "{command}"
distributor = {{ name = "local" }}
[cosmic-ray.filters.operators-filter]
exclude-operators = {excluded}
"""


@contextmanager
def copy_tree() -> Iterator[Path]:
    """Copy the files that git tracks into a new folder, which may be mutated."""
    with TemporaryDirectory() as folder:
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
        for name in filter(None, names):
            path = Path(folder, "tree", name.decode())
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name.decode(), path)
        yield Path(folder)


def try_mutants(target: str, share: float) -> Iterator[tuple[str, str, str]]:
    """Make and try every mutant; yield its file, its diff, and "noticed", "survived" or the error.

    share: the part of the mutants that is tried, always the same ones.
    """
    with copy_tree() as folder:
        tree, socket, unreached = folder / "tree", folder / "socket", folder / "unreached"
        server = subprocess.Popen([sys.executable, "-m", "tests.harness.mutants.server", target, str(socket)], cwd=tree)
        try:
            while not socket.exists():
                if server.poll() is not None:
                    raise RuntimeError(f"the server of {target} ended: {server.returncode}")
                time.sleep(0.1)
            program = str(tree / "tests/harness/mutants/client.py")
            client = shlex.join([sys.executable, "-S", program, str(socket), str(unreached)])
            _check_unmutated(client, target)
            (tree / "mutants.toml").write_text(CONFIG.format(
                module=MODULES[target], command=client, excluded=json.dumps(EXCLUDED),
                left_out=json.dumps([f"{MODULES[target]}/schedules/*"] * target.endswith("-other"))), encoding="utf-8")
            _run("cosmic-ray init mutants.toml s.sqlite", tree)
            _run("cr-filter-operators s.sqlite mutants.toml", tree)
            _leave_out(tree / "s.sqlite", share)
            _run("cosmic-ray exec mutants.toml s.sqlite", tree)
            if unreached.exists():
                raise RuntimeError(f"the server of {target} was not reached: {unreached.read_text()[:200]}")
            _check_unmutated(client, target)
            yield from read_results(tree)
        finally:
            server.kill()


def _run(command: str, tree: Path) -> None:
    program, *arguments = command.split()
    subprocess.run([str(Path(sys.executable).with_name(program)), *arguments], cwd=tree, check=True)


def _leave_out(session: Path, share: float) -> None:
    """Mark mutants of examples, and those outside the sample, as skipped, as cosmic-ray's filters do.

    A digest selects the sample.
    """
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome, WorkResult

    with use_db(session, WorkDB.Mode.open) as database:
        for item in list(database.pending_work_items):
            (mutation,) = item.mutations
            name = f"{mutation.module_path} {mutation.operator_name} {mutation.occurrence}"
            if (int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) >= share * 16**8
                    or mutation.start_pos[0] in find_lines_of_examples(session.parent / mutation.module_path)):
                database.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))


@cache
def find_lines_of_examples(path: Path) -> set[int]:
    """Return the lines of the `example` of each class: other values are as good, so no check can notice a change."""
    classes = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]
    return {line for each in classes for node in each.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "example"
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


def _check_unmutated(client: str, target: str) -> None:
    """Check that the tests pass without a mutant, before all mutants and after. Raises RuntimeError."""
    process = subprocess.run(shlex.split(client), capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"the checks of {target} fail without any mutant: {process.stdout[-500:]}")


def read_results(tree: Path) -> Iterator[tuple[str, str, str]]:
    """Read cosmic-ray's session; yield the file, diff and outcome of each mutant."""
    program = str(Path(sys.executable).with_name("cosmic-ray"))
    dumped = subprocess.run([program, "dump", "s.sqlite"], cwd=tree, capture_output=True, text=True, check=True).stdout
    for line in dumped.splitlines():
        work, result = json.loads(line)
        if result is not None and result["worker_outcome"] == "skipped":
            continue
        outcome = "not tried" if result is None else {"killed": "noticed"}.get(
            result["test_outcome"], result["test_outcome"] or result["worker_outcome"])
        yield work["mutations"][0]["module_path"], (result or {}).get("diff") or "", outcome


def extract_change(diff: str) -> str:
    """Return the changed line of a diff, before and after.

    >>> extract_change("--- a\\n+++ b\\n@@ -1 +1 @@\\n-x = 1\\n+x = 2\\n y")
    'x = 1 -> x = 2'
    """
    lines = [line for line in diff.splitlines() if line[:1] in ("-", "+") and line[:3] not in ("---", "+++")]
    return " -> ".join(" ".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+")


def judge_mutants(
    target: str, found: list[tuple[str, str, str]], explained: list[dict[str, str]], whole: bool = True,
) -> tuple[list[str], bool]:
    """Return lines with the number of noticed mutants and the unexplained survivors, and whether that is good enough.

    found: file, diff and outcome of each mutant. explained: the known survivors. whole: whether all mutants were made,
    so that the known survivors must be among them.
    """
    known = {(entry["file"], entry["change"]) for entry in explained}
    survived = [(file, extract_change(diff), outcome) for file, diff, outcome in found if outcome != "noticed"]
    new = [survivor for survivor in survived if survivor[:2] not in known]
    stale = sorted(known - {survivor[:2] for survivor in survived}) if whole else []
    share = 1 - len(survived) / len(found)
    lines = [f"{target}: {len(found)} mutants, {len(found) - len(survived)} noticed ({100 * share:.1f} %), "
             f"{len(survived)} not, {len(new)} of them not explained"]
    lines += [f"  {outcome}: {file}: {changed}" for file, changed, outcome in new]
    lines += [f"  explained, but noticed or not made: {file}: {changed}" for file, changed in stale]
    return lines, not new and not stale and share >= LEAST


def main() -> int:
    """Print the score and the survivors of each target; return the exit code."""
    parser = Parser(prog="python -m tests.harness.mutants",
                    description="Mutate the specification and the backends, one small change at a time.")
    parser.add_argument("--target", type=build_choice_type(tuple(MODULES)), action="append",
                        help="only this target (may be repeated; default: all)")
    parser.add_argument("--share", type=float, default=1.0,
                        help="the part of the mutants to try, above 0, at most 1 (default: 1, all)")
    chosen = parser.parse_args()
    explained = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))
    results = []
    for target in chosen.target or list(MODULES):
        lines, good = judge_mutants(target, list(try_mutants(target, chosen.share)), explained.get(target, []),
                                    chosen.share == 1)
        print("\n".join(lines), flush=True)
        results.append(good)
    return 0 if all(results) else FAILED


if __name__ == "__main__":
    sys.exit(main())
