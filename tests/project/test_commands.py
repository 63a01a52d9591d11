"""Tests the commands: their output, and their messages for mistakes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import Cosine, Hold, Polynomial, lrs, write
from parity.measuring.processes import MeasurementError, Processes, measure_command, start_measurements

cosine = Cosine(base_lr=0.3, final_lr=0.01, updates=20)


@pytest.fixture
def specification(tmp_path):
    """Write a cosine to a file and return its path."""
    write(cosine, path := tmp_path / "cosine.json")
    return path


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_measure_prints_one_document(framework, specification, tmp_path, run):
    """`measure` prints one JSON document with the applied rates."""
    other = tmp_path / "line.toml"
    write(Hold(updates=2, of=Polynomial(base_lr=1.0, power=1.0, updates=4)), other)
    result = run("-m", "parity", "measure", "--framework", framework, "--updates", "50,10", specification, other)
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert (document["framework"], document["version"][0].isdigit()) == (framework, True)
    first, second = document["specifications"]
    assert first["rates"] == lrs(cosine, 50).astype(np.float32).tolist()
    assert (first["bits"][0], first["differing"]) == ("3e99999a", [])
    assert first["reported"] == pytest.approx(first["rates"], rel=1e-7)
    assert second["rates"] == [1, 1, 0.75, 0.75, 0.5, 0.5, 0.25, 0.25, 0, 0]


MISTAKES = [
    (["measure", "--framework", "pytroch", "--updates", "5", "x.json"],
     "python -m parity measure: argument --framework: must be one of mxnet, torch, tensorflow, got 'pytroch'; "
     "did you mean 'torch'?"),
    (["measure", "--framework", "torch", "--updates", "0", "x.json"],
     "python -m parity measure: argument --updates: must be a whole number of at least 1, got '0'"),
    (["measure", "--framework", "torch", "--updates", "5,x", "x.json"],
     "python -m parity measure: argument --updates: must be a whole number of at least 1, got 'x'"),
    (["measure", "--framework", "torch", "--updates", "99999999", "x.json"],
     "python -m parity: argument --updates: at most 10000000 updates in all, got 99999999"),
    (["measure", "--framework", "torch", "--updates", "5,6", "x.json"],
     "python -m parity: argument --updates: must be one number or 1, one for each specification, got 2"),
    (["measure", "--framework", "torch", "--updates", "5", "x.json", "y.json"],
     "x.json: no such file or directory\ny.json: no such file or directory"),
    (["measure", "--updates", "5", "x.json"],
     "python -m parity measure: the following arguments are required: --framework"),
    (["plot", "x.json", "--out", "x.jpg"], "python -m parity: argument --out: must end in .svg or .png, got 'x.jpg'"),
    ([], "python -m parity: the following arguments are required: COMMAND"),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=lambda value: value if isinstance(value, str) else "")
def test_mistakes_are_one_line_and_exit_2(arguments, message, run):
    """A mistake in the arguments is one line and exit code 2."""
    result = run("-m", "parity", *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", message + "\n")


def test_every_mistake_of_every_file_is_reported(tmp_path, run):
    """The mistakes of all files are reported at once."""
    for name in "ab":
        (tmp_path / f"{name}.json").write_text('{"kind": "cosine", "base_lr": -1, "updates": 1.5}')
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    result = run("-m", "parity", "measure", "--framework", "torch", "--updates", 5, *files)
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 4)


def test_the_commands_start_without_what_only_tests_need(run):
    """The commands do not import packages that only tests need."""
    code = ("import sys; sys.modules.update(dict.fromkeys(['jsonschema', 'hypothesis', 'pytest', 'selenium'])); "
            "import parity.__main__; sys.exit(parity.__main__.main(['report', '--help']))")
    result = run("-c", code)
    assert (result.returncode, "index.html" in result.stdout) == (0, True), result.stderr


def test_an_unknown_command_is_reported(run):
    """An unknown command is reported in one line."""
    result = run("-m", "parity", "paint")
    assert result.returncode == 2
    assert result.stderr.startswith("python -m parity: argument COMMAND: invalid choice: 'paint' (")
    assert len(result.stderr.splitlines()) == 1


def test_output_that_cannot_be_printed_is_reported(specification, run):
    """A full disk behind stdout is reported with exit code 1."""
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "parity", "measure", "--framework", "torch", "--updates", "5", specification],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (result.returncode, result.stderr.splitlines()[-1]) == (1, "cannot print: no space left on device")


def test_a_closed_stdout_is_reported(specification, root):
    """With `>&-` Python has no stdout."""
    command = f"{sys.executable} -m parity measure --framework torch --updates 5 {specification} >&-"
    result = subprocess.run(command, shell=True, cwd=root, stderr=subprocess.PIPE, text=True, check=False)
    assert (result.returncode, result.stderr) == (1, "cannot print: stdout is closed\n")


def test_labels_are_drawn_as_they_are(tmp_path, run):
    """Tests dollar signs, a leading underscore, bytes that are not UTF-8, and equal names."""
    (tmp_path / "_x").mkdir()
    paths = [tmp_path / "_x" / "a$\\bad$.json", os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.json"),
             tmp_path / "_c.json", tmp_path / "_x" / "_c.json"]
    for path in paths:
        write(cosine, path)
    result = run("-m", "parity", "plot", *paths, "--out", tmp_path / "x.svg")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("text", [
    '{"kind": "factor", "base_lr": 1e37, "factor": 0.5, "min_lr": 1e-320}',
    '{"kind": "hold", "updates": 9007199254740992, "of": ' * 25
    + '{"kind": "cosine", "base_lr": 1, "updates": 1}' + "}" * 25,
])
def test_plot_of_a_strange_horizon(text, tmp_path, run):
    """`plot` of a very long horizon ends without a traceback."""
    (tmp_path / "s.json").write_text(text)
    result = run("-m", "parity", "plot", tmp_path / "s.json", "--out", tmp_path / "s.svg")
    assert result.returncode in (0, 2)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_missing_framework_is_named_with_its_requirements(framework, specification, tmp_path, run):
    """Simulates a missing framework with a module of its name that raises ModuleNotFoundError."""
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / f"{framework}.py").write_text(f"raise ModuleNotFoundError(\"No module named '{framework}'\")")
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import parity.__main__ as m; sys.exit(m.main())"
    result = run("-c", code, "measure", "--framework", framework, "--updates", 5, specification)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (f"{framework} cannot be imported (No module named '{framework}'); "
                             f'pip install ".[{framework}]" in a clone of this project\n')


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_plot_draws_and_measures(suffix, specification, tmp_path, run):
    """`plot` draws the applied rates, with the same bytes each time."""
    drawn = []
    for name in ("first", "second"):
        out = tmp_path / f"{name}.{suffix}"
        result = run("-m", "parity", "plot", specification, "--framework", "torch", "--updates", 30, "--out", out)
        assert result.returncode == 0, result.stderr
        drawn.append(out.read_bytes())
    assert drawn[0] == drawn[1]  # the same input gives the same file
    assert drawn[0][:4] in (b"\x89PNG", b"<?xm")
    if suffix == "svg":
        assert drawn[0].count(b"<use") > 30  # a marker for each measured update


def test_plot_names_the_folder_that_it_cannot_write(specification, tmp_path, run):
    """`plot` reports a folder that does not exist."""
    result = run("-m", "parity", "plot", specification, "--out", tmp_path / "none" / "x.svg")
    message = f"python -m parity: argument --out: {tmp_path}/none/x.svg: no such file or directory\n"
    assert (result.returncode, result.stderr) == (2, message)


def test_a_closed_pipe_gives_no_traceback(specification, root):
    """A closed pipe ends `measure` without a traceback."""
    command = f"{sys.executable} -m parity measure --framework torch --updates 5000 {specification} | head -c 1"
    result = subprocess.run(command, shell=True, cwd=root, capture_output=True, text=True, check=False)
    assert "Traceback" not in result.stderr


def test_help_lists_the_exit_codes(run):
    """The help lists the exit codes."""
    assert "4 parity failed, 130 interrupted" in " ".join(run("-m", "parity", "--help").stdout.split())
    assert "5 data missing or invalid" in " ".join(run("reproduce/cosine.py", "--help").stdout.split())


def test_the_gate_exits_4_if_it_fails(run):
    """Without the measurements the table cannot be compared with the README's."""
    assert run("-m", "pytest", "parity", "-k", "test_cases_are_complete").returncode == 0
    failed = run("-m", "pytest", "parity", "-k", "test_readme_table")
    assert failed.returncode == 4
    assert "run the whole gate to check the table" in failed.stdout


def test_the_gate_fails_where_a_framework_is_missing(tmp_path, monkeypatch):
    """The gate fails if a framework cannot be imported."""
    (tmp_path / "mxnet.py").write_text("raise ModuleNotFoundError(\"No module named 'mxnet'\")")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Processes(3) as pool:
        futures = start_measurements(pool, "parity.__main__", lambda _:
                                     measure_command("mxnet", [(cosine, 3)], tmp_path))
        with pytest.raises(MeasurementError, match=r'exit code 2: mxnet cannot.*pip install "\.\[mxnet\]"'):
            futures["mxnet"].result()
