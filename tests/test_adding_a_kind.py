"""A kind that has been added is everywhere: frameworks/schedule/ADDING.md."""

from __future__ import annotations

import importlib
import json
import os
import re

import pytest

import frameworks.schedule as specification
from frameworks import FRAMEWORKS, backend
from frameworks.schedule import KINDS, expanded
from frameworks.schedule.named import Named
from parity.cases import CASES
from parity.gate.laws import algebra, algebra_named
from parity.pages.gallery import draw
from parity.pages.guide.examples import EXAMPLES
from parity.port.write.formulas import _said
from tests.harness.benchmark import SCHEDULES
from tests.test_schedule_values import EXPECTED


def within(schedule):
    """The kinds of a schedule and of all that stand in it."""
    return {schedule.kind}.union(*(within(inner) for inner in schedule.inner()))


def rules(framework, classes):
    """The kinds that a backend has a function for."""
    backend(framework)
    rule = importlib.import_module(f"frameworks.{framework}.schedules.rule").rule
    importlib.import_module(f"frameworks.{framework}.schedules")
    return {kind for kind, model in classes.items() if model in rule.registry}


def composed(classes, known):
    """The named kinds of `classes` whose example is composed of nothing but known kinds."""
    return {kind for kind, model in classes.items()
            if issubclass(model, Named) and kind in EXAMPLES and within(expanded(EXAMPLES[kind].schedule)) <= known}


#: Places that need nothing of a named kind if they have what it is composed of.
AS_COMPOSED = {"parity/examples/optax_backend.py", "parity/port/write/formulas.py",
               *(f"frameworks/{framework}/schedules" for framework in FRAMEWORKS)}
#: By place: the kinds of `classes` that are there.
PLACES = {
    "frameworks.schedule": lambda root, classes: {
        kind for kind, model in classes.items() if model.__name__ in specification.__all__},
    "schema.json": lambda root, classes: set(json.loads(
        (root / "frameworks/schedule/schema.json").read_text())["discriminator"]["mapping"]),
    **{f"frameworks/{framework}/schedules": lambda root, classes, framework=framework: rules(framework, classes)
       for framework in FRAMEWORKS},
    "parity/cases": lambda root, classes: set().union(*(within(case.schedule) for case in CASES.values())),
    "parity/gate/laws/algebra.py": lambda root, classes: {
        kind for kind, model in classes.items()
        if model in (getattr(module, model.__name__, None) for module in (algebra, algebra_named))},
    "parity/examples/optax_backend.py": lambda root, classes: set().union(*(
        re.findall(r"^def (\w+)\(", path.read_text(), re.MULTILINE)
        for path in sorted((root / "parity/examples").glob("optax_*.py")))),
    "parity/port/write/formulas.py": lambda root, classes: {
        kind for kind, model in classes.items() if model in _said.registry},
    "parity/pages/guide/examples.py": lambda root, classes: set(EXAMPLES),
    "parity/pages/guide/text": lambda root, classes: {
        path.stem for path in (root / "parity/pages/guide/text").glob("*.md")},
    "frameworks/porting": lambda root, classes: {path.stem for path in (root / "frameworks/porting").glob("*.md")},
    "tests/harness/benchmark.py": lambda root, classes: {schedule.kind for schedule in SCHEDULES},
    "tests/test_schedule_values.py": lambda root, classes: {schedule.kind for schedule, _ in EXPECTED},
    "README.md": lambda root, classes: set(re.findall(
        r"^\| \[`(\w+)`\]\(", (root / "README.md").read_text(), re.MULTILINE)),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_kind_is_there(place, root):
    found = PLACES[place](root, KINDS)
    assert not KINDS.keys() - found - (composed(KINDS, found) if place in AS_COMPOSED else set())


@pytest.mark.parametrize("place", sorted(AS_COMPOSED))
def test_a_named_kind_of_a_kind_that_is_not_there_is_missed(place, root):
    found = PLACES[place](root, KINDS)
    assert {"linear", "wsd", "cyclic"} <= composed(KINDS, found)
    assert not {"linear", "wsd"} & composed(KINDS, found - {"polynomial", "annealing"})
    assert not {"linear", "wsd"} & found


@pytest.mark.parametrize("place", PLACES)
def test_a_kind_that_is_not_there_is_missed(place, root):
    class Banana(specification.Constant):
        """A kind that nobody has added anywhere."""

    class Bananas(Named):
        """A named kind that nobody has added anywhere."""

    found = PLACES[place](root, {**KINDS, "banana": Banana, "bananas": Bananas})
    assert not {"banana", "bananas"} & found
    assert "bananas" not in composed({**KINDS, "bananas": Bananas}, found)


def test_the_how_to_names_every_place(root):
    text = (root / "frameworks/schedule/ADDING.md").read_text()
    for place in PLACES:
        found = re.sub(r"frameworks/(mxnet|torch|tensorflow)/", "frameworks/{mxnet,torch,tensorflow}/", place)
        assert found in text, place
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (root / "frameworks/schedule" / link).exists(), link


def test_the_gallery_is_current(root, tmp_path):
    draw(tmp_path / "gallery.svg")
    drawn = (tmp_path / "gallery.svg").read_bytes()
    assert drawn == (root / "parity/examples/gallery.svg").read_bytes()
    assert "parity/examples/gallery.svg" in (root / "README.md").read_text()


@pytest.mark.parametrize(("out", "code", "said"), [
    ("new.svg", 0, ""), ("new.pdf", 2, "argument --out: must end in .svg or .png, got 'new.pdf'"),
    ("none/new.svg", 2, "argument --out: none/new.svg: no such file or directory")])
def test_the_gallery_is_a_command(out, code, said, run, root, tmp_path):
    result = run("-m", "parity", "gallery", "--out", out, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)})
    assert (result.returncode, result.stderr) == (code, f"python -m parity: {said}\n" if said else "")
    assert (tmp_path / "new.svg").exists() is (code == 0)
