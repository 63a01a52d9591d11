"""Checks the example in C with every vector, and that its check can fail."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from frameworks.exit_codes import FAILED, UNEXPECTED, USAGE
from parity.cases import CASES

#: Mistakes: the file, a text in it, the text in its place, and a vector that shows it.
PLANTED = [
    ("schedule.h", "at->number <= (double)t; at", "at->number < (double)t; at", "multi_factor"),
    ("schedule.h", "cos(PI * fmin(n, updates) / updates)", "cos(PI * n / updates)", "cosine"),
    ("schedule.h", 'is(s, "clock", "restart") ? t - updates : t', 'is(s, "clock", "keep") ? t - updates : t',
     "warmup_cosine"),
    ("schedule.h", "PI = 3.141592653589793", "PI = 3.14159265", "cosine_to_zero"),
    ("schedule.h", "return inner(s, t / length)", "return inner(s, t % length)", "cosine_per_epoch"),
    ("vectors.c", "applied = rate(schedule, t)", "applied = rate(schedule, t + 1)", "factor"),
    ("vectors.c", "applied = rate(schedule, t)", "applied = rate(schedule, t) * (1 + 0x1p-22)", "constant"),
]


@pytest.fixture(scope="module")
def compile_c(tmp_path_factory):
    """Return a function that compiles a folder of the example and returns the program."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.fail("cc not found: apt-get install gcc libc6-dev", pytrace=False)

    def compile_folder(folder):
        program = tmp_path_factory.mktemp("c") / "vectors"
        subprocess.run([compiler, "-std=c11", "-ffp-contract=off", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror",
                        folder / "vectors.c", "-lm", "-o", program], check=True)
        return program

    return compile_folder


@pytest.fixture(scope="module")
def program(compile_c, root):
    return compile_c(root / "parity/examples/c")


@pytest.fixture
def files(root):
    return sorted((root / "parity/vectors").glob("*.json"))


def start(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_every_vector_is_equal_in_its_bits(program, files):
    rates = sum(len(vector["bits"]) + len(vector["far"]["bits"])
                for path in files for vector in json.loads(path.read_text())["vectors"])
    done = start(program, *files)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{len(CASES)} vectors, 0 skipped, {rates} rates: ")
    assert done.stdout.endswith(" 0 below the smallest normal float32, 0 differ\n")


@pytest.mark.parametrize(("file", "text", "planted", "name"), PLANTED)
def test_a_planted_mistake_is_caught(file, text, planted, name, compile_c, root, files, tmp_path):
    folder = shutil.copytree(root / "parity/examples/c", tmp_path / "c")
    content = (folder / file).read_text()
    assert content.count(text) == 1
    (folder / file).write_text(content.replace(text, planted))
    done = start(compile_c(folder), *files)
    assert done.returncode == FAILED
    assert any(line.split()[1] == f"{name}:" for line in done.stdout.splitlines()[:-1]), done.stdout
    assert not done.stdout.endswith(" 0 differ\n")


def change(root, path, edit):
    document = json.loads((root / "parity/vectors/chapter.json").read_text())
    edit(document["vectors"][5])
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(("edit", "message"), [
    (lambda vector: vector["lr"].__setitem__(7, vector["lr"][7] * 1.0000002) or
     vector["bits"].__setitem__(7, "3e8f5c28"), "lr-0006 cosine: t = 7: "),
    (lambda vector: vector["bits"].__setitem__(7, "3e8f5c29"), "lr-0006: t = 7: lr and bits do not match"),
    (lambda vector: vector["far"]["bits"].__setitem__(1, ""), "lr-0006: t = 1000: lr and bits do not match"),
    (lambda vector: vector["bits"].pop(), "lr-0006: lr, bits and t do not match"),
    (lambda vector: vector["far"]["t"].pop(), "lr-0006: lr, bits and t do not match"),
    (lambda vector: vector.pop("far"), "lr-0006: lr, bits and t do not match"),
    (lambda vector: vector["schedule"].update(kind="sine"), "lr-0006 cosine: t = 0: nan"),
    (lambda vector: vector["schedule"].pop("updates"), "lr-0006 cosine: t = 0: nan")])
def test_a_changed_vector_is_caught(edit, message, program, root, tmp_path):
    done = start(program, change(root, tmp_path / "x.json", edit))
    assert done.returncode == FAILED
    assert any(line.lstrip("-").startswith(message) for line in done.stdout.replace("-nan", "nan").splitlines()), done


def test_fields_out_of_range_end_the_program_in_time(program, root, tmp_path):
    """A growth of nearly 1 made 2^53 cycles."""
    def edit(vector):
        vector["schedule"] = {"kind": "cosine_restarts", "base_lr": 0.3, "final_lr": 0.01, "updates": 1, "warmup": 0,
                              "growth": 1.0000000000000002, "decay": 1.0, "sinks": "height"}

    path = change(root, tmp_path / "x.json", edit)
    done = subprocess.run([program, path], capture_output=True, timeout=30, check=False)
    assert done.returncode == FAILED


def test_a_skipped_vector_may_fail_and_must_not_pass(program, root, tmp_path):
    path = change(root, tmp_path / "x.json", lambda vector: vector["schedule"].update(kind="sine"))
    (skips := tmp_path / "skip.txt").write_text("# a comment\nlr-0006 sines are not implemented\n")
    done = start(program, "--skip", skips, path)
    assert (done.returncode, done.stdout.splitlines()[0].split(", ")[1]) == (0, "1 skipped")
    done = start(program, "--skip", skips, root / "parity/vectors/chapter.json")
    assert (done.returncode, done.stdout.splitlines()[0]) == (FAILED, "lr-0006 is skipped, but passes")
    skips.write_text("lr-0006 sines are not implemented\nlr-9999 nor this\n")
    done = start(program, "--skip", skips, path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (FAILED, "lr-9999 is skipped, but no file has it")


@pytest.mark.parametrize(("content", "line"), [
    ("lr-0006", 1), ("lr-0006 ", 1), ("lr-0006\n", 1), ("# c\r\nlr-0006 \t\r\nlr-0007 sines\n", 2),
    ("lr-0007 sines\nlr-0006\tsines\n", 2), ("lr-9999\n", 1)])
def test_a_skip_needs_a_reason(content, line, program, root, tmp_path):
    (skips := tmp_path / "skip.txt").write_text(content, newline="")
    done = start(program, "--skip", skips, root / "parity/vectors/chapter.json")
    got = content.splitlines()[line - 1]
    assert (done.returncode, done.stdout, done.stderr) == (
        USAGE, "", f"{skips}: line {line}: must be an id, a space and a reason, got {got}\n")


@pytest.mark.parametrize("arguments", [["--skip"], ["--skp", "x"], ["--skip", "--skip"], ["x.json", "--skip", "x"]])
def test_wrong_arguments_are_named(arguments, program, tmp_path):
    done = subprocess.run([program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    wrong = next(each for each in reversed(arguments) if each.startswith("--"))
    assert (done.returncode, done.stdout, done.stderr) == (
        USAGE, "", f"{wrong}: wrong here, use: vectors [--skip FILE] FILE.json ...\n")


def test_output_that_cannot_be_written_is_named(program, files):
    """Also if every rate is equal."""
    with open("/dev/full", "w") as full:
        done = subprocess.run([program, *files], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (UNEXPECTED, "stdout: cannot be written\n")


@pytest.mark.parametrize(("content", "message"), [
    ("{", "not JSON at byte 2"), ('{"format": 2}', "format must be 1"), ("[" * 100_000, "not JSON at byte "),
    ('{"format": 1} x', "not JSON at byte 15"), ('{"format": 1}\0', "has a byte 0"),
    (" " * (2**24 - 4) + '{"a"', f"not JSON at byte {2**24 + 1}"),
    ('{"a": "b', "not JSON at byte "), ("", "not JSON at byte 1"),
    (None, "cannot be read")])
def test_a_file_that_is_no_vectors_is_refused(content, message, program, tmp_path):
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content)
    done = start(program, path)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr.startswith(f"{path}: {message}")
    assert len(done.stderr.splitlines()) == 1


def test_no_vectors_are_no_success(program, tmp_path):
    (path := tmp_path / "none.json").write_text('{"format": 1, "vectors": []}')
    assert start(program, path).returncode == FAILED
    assert start(program).returncode == FAILED
