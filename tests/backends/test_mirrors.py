"""Checks that the back ends have the same files and names, are independent, and import only their framework."""

from __future__ import annotations

import ast

import pytest

from frameworks import FRAMEWORKS

INDEX = "`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`."


def trees(root, framework):
    """Return the syntax trees of the files of a back end, by their paths."""
    folder = root / "frameworks" / framework
    return {path.relative_to(folder).as_posix(): ast.parse(path.read_text()) for path in sorted(folder.rglob("*.py"))}


def public(tree):
    """Return the names of public functions and classes, in order."""
    return [node.name for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")]


@pytest.mark.parametrize("framework", FRAMEWORKS[1:])
def test_same_files_same_names_same_order(framework, root):
    """Files and public names are those of the first back end."""
    reference, other = trees(root, FRAMEWORKS[0]), trees(root, framework)
    assert list(other) == list(reference)
    extra = {"mxnet": {"ask_factor", "ask_multi_factor", "Weighted"},  # that only this framework needs
             "torch": {"is_product_exact", "find_built_in", "find_cosine_restarts", "copy_smallest"},
             "tensorflow": {"convert_to_canonical"}}
    for name in reference:
        kept = [n for n in public(reference[name]) if n not in extra["mxnet"]]
        assert [n for n in public(other[name]) if n not in extra[framework]] == kept, name


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_backend_never_calls_the_formulas_of_the_specification(framework, root):
    """A back end does not name the formulas of the specification; test_independent.py finds calls without the names."""
    formulas = ("lr", "lrs", "_compute_at", "_compute_over", "formula")

    def asks(tree):
        return [node.lineno for node in ast.walk(tree)
                if (isinstance(node, ast.Attribute) and node.attr in formulas)
                or (isinstance(node, ast.alias) and node.name in ("lr", "lrs"))]

    assert asks(ast.parse("schedule.lr(0)"))  # the check can fail
    assert asks(ast.parse("from frameworks.schedule import lrs"))
    assert {name: asks(tree) for name, tree in trees(root, framework).items() if asks(tree)} == {}


LOADED = "import sys, {0}; print([m for m in ('mxnet', 'torch', 'tensorflow', 'keras') if m in sys.modules])"


@pytest.mark.parametrize(("package", "loaded"), [
    ("frameworks.schedule", []), ("parity.cases", []), ("parity.__main__", []),
    ("parity.conformance.check", []), ("parity.pages.gallery", []),
    ("parity.pages.report.command", []), ("parity.port.command", []),
    ("parity.explain.command", []), ("reproduce.chapter", []),
    ("frameworks.mxnet", ["mxnet"]), ("frameworks.torch", ["torch"]),
    ("frameworks.tensorflow", ["tensorflow", "keras"]),
])
def test_importing_loads_no_other_framework(package, loaded, run):
    """An import loads only the framework that the package needs."""
    result = run("-c", LOADED.format(package))
    assert result.stdout.strip().splitlines()[-1] == str(loaded), result.stderr


def test_the_index_sentence_stands_everywhere(root):
    """README, specification and back ends define `t` in the same words."""
    places = [root / "README.md", root / "frameworks/schedule/__init__.py"]
    places += [root / "frameworks" / framework / "__init__.py" for framework in FRAMEWORKS]
    assert [place for place in places if INDEX not in " ".join(place.read_text().split())] == []


def test_numpy_bool_is_restored_only_if_absent(run):
    """`frameworks.numpy_bool` does not replace an existing `numpy.bool`."""
    code = "import numpy; {} import frameworks.numpy_bool; print(numpy.bool)"
    assert run("-c", code.format("")).stdout == "<class 'bool'>\n"
    assert run("-c", code.format("numpy.bool = 'mine';")).stdout == "mine\n"


def test_files_stay_short(root):
    """No file of Python has more than 200 lines."""
    long = {path.relative_to(root).as_posix(): lines for path in root.glob("*/**/*.py")
            if ".tox" not in path.parts and (lines := len(path.read_text().splitlines())) > 200}
    assert long == {}
