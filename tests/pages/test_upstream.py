"""Checks that a documented difference from a framework's class links to that class, in the pinned version."""

from __future__ import annotations

import ast
import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from frameworks import FRAMEWORKS

LINK = re.compile(r"See https://github\.com/([\w/-]+)/blob/v?([\d.]+)/(?:python/)?(\w+)/([\w/]+\.py)#L(\d+)$", re.M)
REPOSITORIES = {"mxnet": "apache/mxnet", "torch": "pytorch/pytorch", "keras": "keras-team/keras"}
#: Names without a link: they concern the book, all classes, or the class itself.
WITHOUT = {"mxnet": {"inverse_square_root", "warmup"}, "torch": set(), "tensorflow": {"_Native"}}


def differing(root, framework):
    """Yield the name and docstring of each class or function whose docstring describes a difference."""
    for path in sorted((root / "frameworks" / framework).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = ast.get_docstring(node) if isinstance(node, ast.ClassDef | ast.FunctionDef) else None
            if text and "Differs:" in text:
                yield node.name, text


def wrong(text):
    """Return the error in a link as a short phrase; None if the link is correct."""
    if (link := LINK.search(text)) is None:
        return "no link"
    repository, tag, package, path, line = link.groups()
    if (REPOSITORIES[package], version(package)) != (repository, tag):
        return f"{package} is {version(package)} of {REPOSITORIES[package]}"
    lines = Path(find_spec(package).submodule_search_locations[0], path).read_text(encoding="utf-8").splitlines()
    name = re.match(r"class (\w+)", lines[int(line) - 1])
    return None if name and name[1] in text else f"no class of that name at {path}, line {line}"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_each_difference_links_the_class_that_it_is_from(framework, root):
    errors = {name: wrong(text) for name, text in differing(root, framework)}
    assert len(errors) >= 9
    assert {name for name, error in errors.items() if error == "no link"} == WITHOUT[framework]
    assert {name: error for name, error in errors.items() if error not in (None, "no link")} == {}


@pytest.mark.parametrize(("old", "new", "message"), [
    ("#L5", "#L6", "no class of that name"), ("blob/v", "blob/v9", "torch is"), ("See ", "", "no link"),
    ("StepLR", "Step", "no class of that name")])
def test_a_link_that_leads_elsewhere_is_found(old, new, message, root):
    text = dict(differing(root, "torch"))["factor"]
    assert wrong(text) is None
    assert message in wrong(text.replace(old, new))
