"""Checks that the size of files to read is limited, and that written files are replaced as a whole."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

import pytest

from frameworks.schedule import Constant, write
from parity.pages.report.read import MAX_BYTES

NAMES = ("index.html", "parity.json", "parity.md")
constant = {"kind": "constant", "base_lr": 1.0}
cosine = {"kind": "cosine", "base_lr": 1.0, "updates": 100}
#: Bytes of memory, more than any refusal needs and less than the documents below would need.
MEMORY = 400 << 20


def document(schedule=constant, updates=5, cases=1):
    """Return a document whose cases have this number of updates each, all at rate 1, in torch."""
    runs = [["3f800000", updates]]
    applied = {"bits": runs, "built_in": [], "edges": 0, "first_difference": None, "said": ""}
    return {"format": 1, "made": "2026-01-31T12:00:00Z", "command": "python -m parity report",
            "versions": {"torch": "1.0"}, "cases": [
                {"name": f"case_{index}", "schedule": schedule, "updates": updates, "specified": runs,
                 "applied": {"torch": applied}, "natural": {}} for index in range(cases)]}


def limit_file_size():
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def report(run, path, out):
    return run("-m", "parity", "report", "--from", path, "--out", out, timeout=60, preexec_fn=limit_file_size)


REFUSED = {
    "updates": (json.dumps(document({"kind": "minimum", "of": [cosine] * 30}, 1_000_000)),
                "$.cases: 31000000 rates to compute, more than 5000000"),
    "cases": (json.dumps(document(updates=10_000, cases=600)), "$.cases: 6000000 rates to compute, more than 5000000"),
    "composed": (json.dumps(document(
        {"kind": "interpolated", "points": [[t, t % 2] for t in range(1000)]}, 1_000_000)),
        "$.cases: 1500000000 rates to compute, more than 5000000"),
    "runs": (json.dumps(document()).replace('"3f800000", 5', '"3f800000", 1000000'),
             "$.cases[0].specified: 1000000 updates, not 5"),
    "length": (json.dumps(document()).replace('"3f800000", 5', '"3f800000", 1000001'),
               "$.cases[0].specified[0][1]: 1000001 is greater than the maximum of 1000000"),
    "fraction": (json.dumps(document()).replace('"updates": 5', '"updates": 5.0'),
                 "$.cases[0].updates: 5.0 is not of type 'integer'"),
    "part": (json.dumps(document()).replace('"3f800000", 5', '"3f800000", 5.0'),
             "$.cases[0].specified: 5.0 updates, not 5"),
    "edges": (json.dumps(document()).replace('"edges": 0', '"edges": 0.0'),
              "$.cases[0].applied.torch.edges: 0.0 is not of type 'integer'"),
    "more_cases": (json.dumps(document(cases=1001)), None),
    "deep": (json.dumps(document()).replace('"base_lr": 1.0', '"base_lr": ' + "[" * 900 + "]" * 900),
             "nested too deeply"),
    "integer": (json.dumps(document()).replace('"base_lr": 1.0', '"base_lr": ' + "9" * 2000),
                "an integer of more than a thousand digits"),
    "size": (" " * (MAX_BYTES + 1), f"larger than {MAX_BYTES} bytes, which no report is"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_document_claims_is_bounded(name, tmp_path, run):
    text, message = REFUSED[name]
    path = tmp_path / "parity.json"
    path.write_text(text)
    result = report(run, path, tmp_path / "out")
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1), result.stderr
    if message:
        assert result.stderr == f"python -m parity: argument --from: {path}: {message}\n"
    assert len(result.stderr) < 1000
    assert not (tmp_path / "out").exists()


def test_a_document_within_the_bounds_is_drawn(tmp_path, run):
    """The counterpart, with the same memory."""
    path = tmp_path / "parity.json"
    path.write_text(json.dumps(document(updates=1_000_000, cases=5)))
    result = report(run, path, tmp_path / "out")
    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(os.listdir(tmp_path / "out")) == list(NAMES)


@pytest.mark.parametrize(("name", "message"), [
    ("pipe", "not a regular file"), ("link", "not a regular file"), ("folder", "is a directory"),
    ("sparse", f"larger than {MAX_BYTES} bytes, which no report is")])
def test_only_regular_files_are_read(name, message, tmp_path, run):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(4 << 30)
    result = report(run, tmp_path / name, tmp_path / "out")
    assert (result.returncode, result.stderr) == (
        2, f"python -m parity: argument --from: {tmp_path / name}: {message}\n")


@pytest.fixture
def page_folder(tmp_path, run):
    """Return a folder with the files of a report, a plot and a gallery, and their contents."""
    (tmp_path / "first.json").write_text(json.dumps(document()))
    assert report(run, tmp_path / "first.json", tmp_path / "out").returncode == 0
    (tmp_path / "first.json").unlink()
    write(Constant(base_lr=0.5), tmp_path / "s.json")
    for name in ("plot.svg", "plot.png", "gallery.svg"):
        (tmp_path / name).write_text("old")
    return tmp_path, contents(tmp_path)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


COMMANDS = {
    "report": (["report", "--from", "out/parity.json", "--out", "out"], "out"),
    "new": (["report", "--from", "out/parity.json", "--out", "out/new"], "out/new"),
    "plot.svg": (["plot", "s.json", "--out", "plot.svg"], "plot.svg"),
    "plot.png": (["plot", "s.json", "--out", "plot.png"], "plot.png"),
    "gallery": (["gallery", "--out", "gallery.svg"], "gallery.svg"),
}


def limited_to(blocks, arguments, folder, root):
    """Run a command with a limit on the size of files. blocks: the limit in KiB."""
    code = ("import resource, sys; import parity.pages.report.read, parity.measuring.plot; "
            "from parity.__main__ import main; "
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({blocks} * 1024,) * 2); sys.exit(main(sys.argv[1:]))")
    return subprocess.run([sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True, text=True,
                          check=False, env=os.environ | {"PYTHONPATH": str(root)})


@pytest.mark.parametrize("name", COMMANDS)
def test_a_limit_on_the_size_of_files_leaves_what_was_there(name, page_folder, root):
    folder, before = page_folder
    arguments, out = COMMANDS[name]
    result = limited_to(1, arguments, folder, root)
    assert (result.returncode, result.stderr) == (2, f"python -m parity: argument --out: {out}: file too large\n")
    assert contents(folder) == before


@pytest.mark.parametrize("name", COMMANDS)
def test_without_the_limit_they_are_replaced(name, page_folder, root):
    """The counterpart, with a high limit."""
    folder, before = page_folder
    arguments = COMMANDS[name][0]
    result = limited_to(10_000, arguments, folder, root)
    assert (result.returncode, result.stderr) == (0, "")
    if name != "report":  # the same document gives the same bytes
        assert contents(folder) != before
    assert sorted(os.listdir(folder / "out")) == sorted([*NAMES, *["new"] * (name == "new")])


def test_a_folder_that_cannot_be_written_gets_nothing(tmp_path, run):
    (tmp_path / "file").write_text("old")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "parity.md").mkdir()
    for out, message in (("file", "file exists"), ("file/out", "not a directory"), ("out", "is a directory")):
        result = run("-m", "parity", "report", "--out", tmp_path / out)
        assert (result.returncode, result.stderr) == (
            2, f"python -m parity: argument --out: {tmp_path / out}: {message}\n")
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "file", "out", "out/parity.md"]


def test_a_report_that_cannot_be_printed_is_written(tmp_path, root):
    (tmp_path / "parity.json").write_text(json.dumps(document()))
    with open("/dev/full", "w") as full:
        result = subprocess.run([sys.executable, "-m", "parity", "report", "--from", tmp_path / "parity.json",
                                 "--out", tmp_path], cwd=root, stdout=full, stderr=subprocess.PIPE, text=True,
                                check=False)
    assert (result.returncode, result.stderr) == (1, "cannot print: no space left on device\n")
    assert sorted(os.listdir(tmp_path)) == list(NAMES)
