"""Runs the program in JavaScript of parity/vectors/CONSUME.md, in node (Debian's nodejs): tox -e page"""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from frameworks.exit_codes import FAILED, USAGE
from parity.cases import CASES

#: The kinds that the programs have.
COMPUTED = ("constant", "cosine")


@pytest.fixture(scope="module")
def program(root):
    [text] = re.findall(r"```js\n(.*?)```", (root / "parity/vectors/CONSUME.md").read_text(), re.S)
    return text


def run_program(text, root, tmp_path):
    """Return the exit code and the lines that the program prints for all vectors."""
    if shutil.which("node") is None:
        pytest.fail("node not found: apt-get install nodejs", pytrace=False)
    (path := tmp_path / "check.mjs").write_text(text)
    done = subprocess.run(["node", path, *sorted((root / "parity/vectors").glob("*.json"))], capture_output=True,
                          text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_the_program_counts_the_vectors_of_its_kinds(program, root, tmp_path):
    good = sum(case.schedule.kind in COMPUTED for case in CASES.values())
    assert run_program(program, root, tmp_path) == (0, [f"{good} good, {len(CASES) - good} skipped, 0 failed"])


def test_the_program_finds_a_mistake(program, root, tmp_path):
    planted = program.replace("Math.min(t, s.updates)", "(t + 1)")
    code, lines = run_program(planted, root, tmp_path)
    assert (code, "lr-0006 failed" in lines) == (FAILED, True)
    code, lines = run_program(program.replace('"constant"', '"x"').replace('"cosine"', '"y"'), root, tmp_path)
    assert (code, lines) == (FAILED, [f"0 good, {len(CASES)} skipped, 0 failed"])


@pytest.mark.parametrize(("name", "content", "message"), [
    ("x.json", None, "ENOENT: no such file"), ("x.json", "{", "Expected property name"),
    ("x.json", '{"format": 2}', "x.json: format 2")])
def test_the_program_names_a_file_that_is_no_vectors(name, content, message, program, tmp_path):
    (tmp_path / "check.mjs").write_text(program)
    if content is not None:
        (tmp_path / name).write_text(content)
    done = subprocess.run(["node", "check.mjs", name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (USAGE, "", 1)
    assert done.stderr.startswith(message)


def test_the_program_reports_output_that_cannot_be_written(program, root, tmp_path):
    """Also if every vector is good."""
    (path := tmp_path / "check.mjs").write_text(program)
    with open("/dev/full", "w") as full:
        done = subprocess.run(["node", path, root / "parity/vectors/chapter.json"], stdout=full, stderr=subprocess.PIPE,
                              text=True, check=False)
    assert (done.returncode, done.stderr) == (USAGE, "ENOSPC: no space left on device, write\n")


def test_the_other_programs_have_the_same_kinds(root):
    programs = dict(re.findall(r"```(\w+)\n(.*?)```", (root / "parity/vectors/CONSUME.md").read_text(), re.S))
    assert set(programs) == {"rust", "go", "julia", "js"}
    for text in programs.values():
        assert [kind for kind in COMPUTED if f'"{kind}"' in text] == list(COMPUTED)
