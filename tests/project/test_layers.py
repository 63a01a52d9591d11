"""Tests which modules may import which, that imports have no cycle, and that top folders have few files."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter

import pytest

#: From the lowest to the highest; a package imports only from its line and from lines above it.
LAYERS = (
    ("frameworks",),
    ("parity", "parity.versions", "parity.measuring", "reproduce.trainer"),
    ("parity.cases", "reproduce"),
    ("parity.mistakes", "parity.conformance", "reproduce.study", "reproduce.results"),
    ("parity.vectors", "parity.gate.laws", "parity.gate.training", "parity.port", "reproduce.exercises",
     "reproduce.imagenet"),
    ("parity.gate", "parity.explain"),
    ("parity.conftest", "parity.pages"),
    ("parity.__main__",),
    ("parity.console", "parity.examples"),
)
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}


def imports(tree):
    """Yield the names that a file imports, at its top or later: `from a import b` may mean a or a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module):
    """Return the longest known package name that contains a module."""
    parts = module.split(".")
    return next((name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in LEVEL), None)


def modules(root):
    files = {path.relative_to(root).with_suffix("").as_posix().removesuffix("/__init__").replace("/", "."): path
             for folder in ("frameworks", "parity", "reproduce") for path in sorted((root / folder).rglob("*.py"))}
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in files.items()}


def upward(trees):
    """Return the imports from a lower layer of a higher one, and between parity and reproduce."""
    found = []
    for name, tree in trees.items():
        for imported in imports(tree):
            target = room(imported)
            if target is None or target == room(name):
                continue
            apart = {name.split(".")[0], target.split(".")[0]} == {"parity", "reproduce"}
            if apart or LEVEL[target] > LEVEL[room(name)]:
                found.append(f"{name} imports {imported}")
    return found


def cycle(trees):
    """Return the modules of an import cycle at the tops of files, or None."""
    graph = {}
    for name, tree in trees.items():
        found = (imported for node in tree.body for imported in imports(ast.Module([node], []))
                 if isinstance(node, ast.Import | ast.ImportFrom))
        graph[name] = {known for imported in found
                       if (known := imported if imported in trees else imported.rpartition(".")[0]) in trees} - {name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def test_no_import_goes_up(root):
    trees = modules(root)
    assert [name for name in trees if room(name) is None] == []
    assert upward(trees) == []


def test_no_import_cycle(root):
    assert cycle(modules(root)) is None


@pytest.mark.parametrize(("name", "text", "found"), [
    ("parity.cases.more", "from parity.gate import plan", ["parity.cases.more imports parity.gate.plan"]),
    ("parity.gate.more", "def f():\n    from reproduce import chapter", ["parity.gate.more imports reproduce.chapter"]),
    ("reproduce.more", "import parity.cases", ["reproduce.more imports parity.cases"]),
    ("parity.gate.more", "from parity.cases import CASES\nimport numpy", []),
])
def test_the_check_of_layers_can_fail(name, text, found):
    assert upward({name: ast.parse(text)}) == found


def test_the_check_of_cycles_can_fail():
    one, other = ast.parse("from a import b"), ast.parse("from a.c import thing")
    assert cycle({"a.b": other, "a.c": one}) is not None
    assert cycle({"a.b": other, "a.c": ast.parse("def f():\n    from a import b")}) is None


@pytest.mark.parametrize(("folder", "most"), [
    ("parity", 10), ("reproduce", 15)])  # a script for each experiment, and gpu.sh and imagenet.py, run by path
def test_few_files_at_the_top(folder, most, root):
    found = [path for path in (root / folder).iterdir() if path.is_file()]
    files = [path.name for path in found if path.suffix != ".pyc" and path.name != "py.typed"]
    assert 0 < len(files) <= most, files


def test_every_folder_of_modules_is_a_package(root):
    """Otherwise the wheel lacks it: setuptools finds packages by their __init__.py."""
    plain = {"parity/examples", "parity/examples/notebooks", "parity/pages/guide/code", "frameworks/recipes"}
    folders = {path.parent for name in ("frameworks", "parity", "reproduce") for path in (root / name).rglob("*.py")}
    without = {folder.relative_to(root).as_posix() for folder in folders if not (folder / "__init__.py").exists()}
    assert without == plain
