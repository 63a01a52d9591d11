"""Checks that a new kind needs seven places only, as frameworks/schedule/ADDING.md states."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from frameworks.schedule import union
from parity import __main__ as parity
from parity.pages import kinds
from parity.port.write.dialects import PYTHON
from parity.port.write.expressions import FormulaError, write_formula
from tests.harness.new_kind import DERIVED, NUMBERS, PLACES
from tests.harness.places import find_missing


@pytest.fixture(scope="module")
def copy(root, tmp_path_factory):
    """Return a copy of the project with a new kind, added in exactly the seven places."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("frameworks", "parity", "reproduce", "tests"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "results"))
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(root / name, folder)
    for name, changes in PLACES.items():
        path = folder / name
        text = path.read_text() if path.exists() else ""
        for old, new in changes:
            assert text.count(old) == 1 or not old, f"{name} has changed: {old!r}"
            text = text.replace(old, new) if old else text + new
        path.write_text(text)
    assert python(folder, "-m", "parity", "kinds") == (0, "")
    return folder


def python(folder, *arguments):
    """Run Python in a copy; return its exit code and its whole output."""
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def test_every_kind_has_its_places(root):
    assert find_missing(root) == []


@pytest.mark.parametrize("place", PLACES)
def test_a_place_left_out_is_named(place, copy, root):
    path = copy / place
    whole, before = path.read_text(), root / place
    try:
        path.write_text(before.read_text()) if before.exists() else path.unlink()
        found = find_missing(copy)
    finally:
        path.write_text(whole)
    folder = place if place.startswith("tests/") else place.rpartition("/")[0]
    assert found == [f"fading: {folder}: nothing"]
    assert find_missing(copy) == []


@pytest.mark.parametrize(("line", "what"), [
    ('    example = {"base_lr": 0.4, "updates": 20}\n', "example"), ("    lr(t) = ", "formula in its docstring"),
    ("    >>> ", "doctest"),
    ('    formula = "base_lr * updates / (updates + fall * min(t, updates))"\n', "formula")])
def test_a_part_of_the_class_left_out_is_named(line, what, copy):
    path = copy / "frameworks/schedule/exponential.py"
    whole = path.read_text()
    path.write_text(whole[:whole.index("class Fading")] + whole[whole.index("class Fading"):].replace(line, ""))
    try:
        assert find_missing(copy) == [f"fading: frameworks/schedule: Fading has no {what}"]
    finally:
        path.write_text(whole)


def test_all_else_is_derived(copy):
    assert "import Exponential, Fading\n" in (copy / "frameworks/schedule/kinds.py").read_text()
    assert '"fading": "#/$defs/Fading"' in (copy / "frameworks/schedule/schema.json").read_text()
    row = "| [`fading`](frameworks/porting/fading.md) | custom | custom | custom |\n"
    assert row in (copy / "README.md").read_text()
    assert python(copy, "-c", DERIVED) == (0, "derived\n")
    specification = copy / "fading.toml"
    specification.write_text('kind = "fading"\nbase_lr = 0.4\nupdates = 20\n')
    code, printed = python(copy, "-m", "parity", "port", specification.name, "--to", "all", "--no-measure")
    assert (code, printed.count(" / (20 + ")) == (0, 4), printed


def test_the_gate_compares_its_cases_in_every_framework(copy):
    """As a counterpart, a function that counts from 1 is reported."""
    gate = ["-m", "pytest", "-q", "parity/gate/test_parity.py", "-k"]
    code, printed = python(copy, *gate, "fading or complete")
    assert code == 0, printed
    assert re.search(r"^2 schedules in 3 frameworks, \d+ updates of 3 parameters compared bit for bit: 0 differences",
                     printed, re.M), printed
    path = copy / "frameworks/torch/schedules/curves.py"
    whole = path.read_text()
    path.write_text(whole.replace(NUMBERS, NUMBERS.replace("min(t, ", "min(t + 1, ")))
    code, printed = python(copy, *gate, "fading and torch")
    path.write_text(whole)
    assert code == 4, printed
    assert "fading in torch, update 0: applied 0.28125" in printed, printed


def test_what_is_derived_is_current(root, monkeypatch, tmp_path, capsys):
    files = kinds.derive_files()
    monkeypatch.setattr(kinds, "derive_files", lambda root: files)
    assert (kinds.main(["--check"]), capsys.readouterr().out) == (0, "")
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, tmp_path / name)
    (tmp_path / "README.md").write_text("another")
    (tmp_path / "frameworks/schedule/schema.json").unlink()
    assert (kinds.main(["--check"], root=tmp_path), capsys.readouterr().out) == (4, (
        "frameworks/schedule/schema.json is missing: python -m parity kinds\n"
        "README.md is not current from line 1: python -m parity kinds\n"))
    assert kinds.main([], root=tmp_path) == 0
    assert {name: (tmp_path / name).read_text() for name in files} == files
    assert "parity/examples/gallery.svg" in (root / "frameworks/README.md").read_text()


def test_a_kind_without_a_formula_is_refused_in_one_line(monkeypatch, tmp_path, capsys):
    (tmp_path / "power_law.json").write_text('{"kind": "power_law", "base_lr": 1.0, "power": 2.0}')
    monkeypatch.setattr(union.KINDS["power_law"], "formula", "")
    with pytest.raises(SystemExit) as ended:
        parity.main(["port", str(tmp_path / "power_law.json"), "--to", "all", "--no-measure"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "python -m parity port: no code for the kind 'power_law': its class has no formula, and "
        "parity/port/write/formulas.py no function for it\n")


@pytest.mark.parametrize(("formula", "code"), [
    ("min(t, 7, 3) * base_lr", "min(min(t, 7), 3) * 0.3"), ("cos(0) * base_lr", "math.cos(0.0) * 0.3"),
    *((refused, None) for refused in (
        "-t", "max(t)", "sqrt(t, 2)", "tan(t)", "slope * t", "t if t else 1", "t +", "t.real", "'a'"))])
def test_a_formula_is_written_as_it_is_or_refused(formula, code, monkeypatch):
    monkeypatch.setattr(union.KINDS["power_law"], "formula", formula)
    schedule = union.KINDS["power_law"](base_lr=0.3, power=2.0)
    if code is not None:
        assert write_formula(schedule, PYTHON, "t") == code
    else:
        with pytest.raises(FormulaError, match="no code for the kind 'power_law': its formula has more than"):
            write_formula(schedule, PYTHON, "t")


def test_the_how_to_names_every_place(root):
    text = (root / "frameworks/schedule/ADDING.md").read_text()
    assert len(text.splitlines()) <= 45
    assert "in seven places" in text
    numbers = [int(number) for row in re.findall(r"^\| ([\d, ]+) \|", text, re.M) for number in row.split(", ")]
    assert numbers == [*range(1, len(PLACES) + 1)] == [*range(1, 8)]
    tests = re.findall(r"^    python -m pytest (.*?)(?: -k.*)?$", text, re.M)
    assert len(tests) == 3
    assert all((root / path).exists() for paths in tests for path in paths.split())
    for place in PLACES:
        folder = place if place.startswith("tests/") else place.rpartition("/")[0]
        assert re.sub(r"frameworks/(mxnet|torch|tensorflow)/", "frameworks/{mxnet,torch,tensorflow}/", folder) in text
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (root / "frameworks/schedule" / link).exists(), link


@pytest.mark.parametrize(("out", "code", "said"), [
    ("new.svg", 0, ""), ("new.pdf", 2, "argument --out: must end in .svg or .png, got 'new.pdf'"),
    ("none/new.svg", 2, "argument --out: none/new.svg: no such file or directory")])
def test_the_gallery_is_a_command(out, code, said, run, root, tmp_path):
    result = run("-m", "parity", "gallery", "--out", out, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)})
    assert (result.returncode, result.stderr) == (code, f"python -m parity: {said}\n" if said else "")
    assert (tmp_path / "new.svg").exists() is (code == 0)
