"""Where a back end says that it differs from a framework's class, a link leads to that class, in the pinned version."""

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
#: What is of no single class: of the book, of all of them, or that class itself.
WITHOUT = {"mxnet": {"inverse_square_root", "warmup"}, "torch": set(), "tensorflow": {"_Native"}}


def differing(root, framework):
    """The docstrings that say how something differs, by what they are of."""
    for path in sorted((root / "frameworks" / framework).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = ast.get_docstring(node) if isinstance(node, ast.ClassDef | ast.FunctionDef) else None
            if text and "Differs:" in text:
                yield node.name, text


def wrong(text):
    """What is wrong with a link; None if it leads where it should."""
    if (link := LINK.search(text)) is None:
        return "no link"
    repository, tag, package, path, line = link.groups()
    if (REPOSITORIES[package], version(package)) != (repository, tag):
        return f"{package} is {version(package)} of {REPOSITORIES[package]}"
    lines = Path(find_spec(package).submodule_search_locations[0], path).read_text(encoding="utf-8").splitlines()
    found = re.match(r"class (\w+)", lines[int(line) - 1])
    return None if found and found[1] in text else f"no class that is named at {path}, line {line}"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_each_difference_links_the_class_that_it_is_from(framework, root):
    found = {name: wrong(text) for name, text in differing(root, framework)}
    assert len(found) >= 9
    assert {name for name, said in found.items() if said == "no link"} == WITHOUT[framework]
    assert {name: said for name, said in found.items() if said not in (None, "no link")} == {}


@pytest.mark.parametrize(("old", "new", "said"), [
    ("#L5", "#L6", "no class that is named"), ("blob/v", "blob/v9", "torch is"), ("See ", "", "no link"),
    ("StepLR", "Step", "no class that is named")])
def test_a_link_that_leads_elsewhere_is_found(old, new, said, root):
    text = dict(differing(root, "torch"))["factor"]
    assert wrong(text) is None
    assert said in wrong(text.replace(old, new))
