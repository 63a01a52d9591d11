"""Tests every program of this project: its help, its error for an unknown argument, and that it writes no files."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from frameworks.moved import MOVED

#: The complete example of a plug-in needs JAX, which is installed separately: tox -e optax runs it.
ELSEWHERE = {"parity/examples/optax_backend.py"}
OPTIONS = ("--help", "--no-such-option")


def programs(root):
    """Return the tracked files that are programs, each as arguments of Python."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=root, capture_output=True, text=True, check=True).stdout
    found = {}
    for name in sorted(set(listed.split()) - ELSEWHERE):
        text = (root / name).read_text(encoding="utf-8")
        if '__name__ == "__main__"' in text and (not name.startswith("tests/") or "harness" in name):
            script = "sys.path[0] =" in text or name.endswith("mutants/client.py")
            module = name.removesuffix(".py").removesuffix("/__main__").replace("/", ".")
            found[name] = [str(root / name)] if script else ["-m", module]
    return found


#: Imports what most programs import, then runs each program in a fork: its arguments, its folder, its two files.
FORKS = """
import json, os, runpy, sys
import frameworks.schedule, parity.measuring.processes
from tests.harness import forks
for program, folder, files in map(json.loads, sys.stdin):
    def run_program():
        module = program[1] if program[0] == "-m" else None
        sys.argv = program[bool(module):]
        sys.path[0] = folder if module else os.path.dirname(program[0])
        if module:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(program[0], run_name="__main__")
    with open(files[0], "w") as output, open(files[1], "w") as errors:
        print(forks.wait(forks.start(run_program, output, errors, folder)))
"""


@pytest.fixture(scope="module")
def answers(root, tmp_path_factory):
    """Return the output of each program for each option: help under python -OO, an unknown option under python -O."""
    found, place, before = programs(root), tmp_path_factory.mktemp("programs"), status(root)

    def answer(option):
        environment = os.environ | {"PYTHONPATH": str(root), "PYTHONPYCACHEPREFIX": str(place / "cache")}
        questions, folders = [], {}
        for index, (name, program) in enumerate(found.items()):
            folders[name] = place / f"{option}{index}"
            folders[name].mkdir()
            questions.append([[*program, option], str(folders[name]), [f"{folders[name]}.out", f"{folders[name]}.err"]])
        done = subprocess.run([sys.executable, "-OO" if option == "--help" else "-O", "-c", FORKS], env=environment,
                              input="\n".join(map(json.dumps, questions)), capture_output=True, text=True, check=True)
        codes = map(int, done.stdout.split())
        return {(name, option): (code, *(Path(f"{folder}.{end}").read_text() for end in ("out", "err")),
                                 [path.name for path in folder.iterdir()])
                for (name, folder), code in zip(folders.items(), codes, strict=True)}

    with ThreadPoolExecutor(2) as pool:
        given = {key: result for answered in pool.map(answer, OPTIONS) for key, result in answered.items()}
    assert status(root) == before  # nor were files written into the project
    return given


def status(root):
    return subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, check=True).stdout


def test_every_program_is_known(root):
    """As a counterpart of the search, these programs are among its results."""
    found = programs(root)
    assert found["tests/harness/mutants/client.py"] == [str(root / "tests/harness/mutants/client.py")]
    assert found["reproduce/chapter.py"] == [str(root / "reproduce/chapter.py")]
    assert found["parity/__main__.py"] == ["-m", "parity"]
    assert found["frameworks/schedule/__main__.py"] == ["-m", "frameworks.schedule"]
    assert len(found) > 40
    mains = {path.relative_to(root).as_posix() for folder in ("frameworks", "parity", "reproduce")
             for path in (root / folder).rglob("__main__.py")}
    assert mains <= set(found)


def test_help_without_docstrings_is_printed_and_writes_nothing(answers):
    for (name, option), (code, printed, errors, written) in answers.items():
        if option == "--help":
            assert (code, errors, written) == (0, "", []), name
            assert printed.startswith("usage: "), name


def test_an_unknown_argument_is_refused_in_one_line_and_writes_nothing(answers):
    for (name, option), (code, printed, errors, written) in answers.items():
        if option != "--help":
            assert (code, printed, written) == (2, "", []), name
            assert len(errors.splitlines()) == 1, name


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [
    ["-m", "parity", "--version"], ["-m", "parity.port.scripts.run"], ["reproduce/cosine.py", "--help"],
    ["-m", "reproduce.study", "status", "reproduce/study/plans/chapter.toml"], ["-m", "parity", "schema"],
    ["-m", "parity", "port", "CosineScheduler(20)", "--from", "mxnet", "--to", "torch", "--no-measure"],
    ["-m", "parity", "explain", "CosineScheduler(20)", "CosineScheduler(20)", "--from-a=mxnet", "--from-b=mxnet"]],
    ids=" ".join)
def test_output_that_cannot_be_written_ends_in_one_line(arguments, unbuffered, root):
    """A stdout without a reader, on a full disk, or closed; the write fails in the print or at the end."""
    def read_exit_code(stdout):
        close = None if stdout is not None else partial(os.close, 1)
        return subprocess.run([sys.executable, *arguments], cwd=root, stdout=stdout, stderr=subprocess.PIPE, text=True,
                              check=False, env=os.environ | {"PYTHONUNBUFFERED": unbuffered}, preexec_fn=close)

    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as unread, open("/dev/full", "w") as full:
        found = [(done.returncode, done.stderr) for done in map(read_exit_code, (unread, full, None))]
    assert found == [(1, ""), (1, "cannot print: no space left on device\n"), (1, "cannot print: stdout is closed\n")]
    assert read_exit_code(subprocess.DEVNULL).returncode == 0


OLD = ("parity.broken", "parity.coverage", "parity.coverage.live", "parity.coverage.record", "parity.groups_measure",
       "parity.guide", "parity.guide.optax_record", "parity.guide.run", "parity.laws.rejected", "parity.laws.run",
       "parity.laws.subject", "parity.lockstep.passes", "parity.lockstep.sample", "parity.plateau_run",
       "parity.port.executed", "parity.port.measured", "parity.port.optax_cases", "parity.port.run",
       "parity.report.spellings", "parity.vectors", "frameworks.schedule", "reproduce.reliability",
       "reproduce.results")


def test_the_names_of_before_still_run(root):
    """Each prints its help; a name that never existed does not."""
    def ended(name):
        return subprocess.run([sys.executable, "-m", name, "--help"], cwd=root, capture_output=True, text=True,
                              check=False)

    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(OLD, pool.map(ended, OLD)))
    assert {name: done.returncode for name, done in found.items() if done.returncode} == {}
    assert all(done.stdout.startswith("usage: ") for done in found.values())
    assert ended("parity.guided").returncode == 1
    assert {old.split(".")[0] for old in MOVED} == {"parity", "reproduce"}


def test_no_code_reads_a_docstring_of_its_module(root):
    """python -OO removes docstrings. The counterpart is a line that reads one."""
    def reads(text):
        return any(isinstance(node, ast.Name) and node.id == "__doc__" for node in ast.walk(ast.parse(text)))

    assert reads("print(__doc__.splitlines()[0])")
    for folder in ("frameworks", "parity", "reproduce", "tests"):
        for path in (root / folder).rglob("*.py"):
            assert not reads(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(("arguments", "message"), [
    (["-OO", "-m", "parity.pages.guide", "--check"],
     "python -m parity guide: needs docstrings, which python -OO leaves out"),
    (["-O", "-m", "tests.harness.fuzz", "--cases", "1"],
     "tests.harness.fuzz: needs assert statements, which python -O leaves out"),
    (["-OO", "-m", "parity", "measure", "--framework", "mxnet", "--updates", "1", "SPEC"],
     "mxnet cannot be imported (sequence item 0: expected str instance, NoneType found); run it without python -OO"),
])
def test_what_needs_docstrings_or_assertions_is_named(arguments, message, run, tmp_path):
    """MXNet 1.9.1 builds its docstrings when it is imported, and prints a line when it ends."""
    (tmp_path / "rate.json").write_text('{"kind": "constant", "base_lr": 0.5}')
    result = run(*(tmp_path / "rate.json" if text == "SPEC" else text for text in arguments))
    assert (result.returncode, result.stdout) == (2, "")
    lines = [line for line in result.stderr.splitlines() if "MXNet start using engine" not in line]
    assert lines == [message]


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_a_run_without_docstrings_and_assertions_is_the_same(framework, run, tmp_path):
    specification = '{"kind": "warmup", "updates": 3, "then": {"kind": "cosine", "base_lr": 0.3, "updates": 9}}'
    (tmp_path / "rate.json").write_text(specification)
    measured = [run(*options, "-m", "parity", "measure", "--framework", framework, "--updates", "12",
                    tmp_path / "rate.json") for options in ([], ["-OO"])]
    assert [result.returncode for result in measured] == [0, 0], measured[1].stderr
    assert measured[0].stdout == measured[1].stdout


def test_the_client_of_mutants_writes_only_the_given_file(run, root, tmp_path):
    result = run(root / "tests/harness/mutants/client.py", tmp_path / "absent", tmp_path / "why", cwd=tmp_path)
    assert result.returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["why"]
    assert (tmp_path / "why").read_text() == "[Errno 2] No such file or directory\n"
