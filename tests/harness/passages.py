"""Reads the passages of text that a person meets: documents, docstrings, help texts, messages, comments."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

CHECKED = ("frameworks", "parity", "reproduce", "tests", "requirements", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
#: They quote words that are not used.
QUOTING = ("tests/harness/prose.toml", "tests/project/test_prose.py")
HELP = ("help", "description", "epilog")
CODE = re.compile(r"``[^`]*``|`[^`]*`|\"[^\"\n]*\"|https?://\S+|(?<=\])\([^)\s]*\)|^(?: {4,}|>>> |\.\.\. ).*$", re.M)


class Passage(NamedTuple):
    """One passage: its file's path, its first line counted from 1, its kind, and its text."""

    path: str
    line: int
    kind: str
    text: str


def list_files(root: Path, only: tuple[str, ...] = ()) -> list[Path]:
    """Return the files that are checked, as git lists them, sorted; `only`: what their paths must begin with."""
    command = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *CHECKED]
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    wanted = (name for name in listed if name.endswith((".py", ".md", ".toml")) and name not in QUOTING)
    return [root / name for name in sorted(wanted) if (root / name).exists() and name.startswith(only or "")]


def replace_code(text: str) -> str:
    """Return a text with each piece of code, quotation, link, and each list of them, as one word."""
    plain = CODE.sub(lambda match: "CODE" if match.group().strip() else "", text)
    return re.sub(r"CODE(?:,? (?:and )?CODE)+", "CODE", plain)


@cache
def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a file of Python, which is parsed once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def read(path: Path, root: Path) -> Iterator[Passage]:
    """Yield the passages of a file."""
    text, name = path.read_text(encoding="utf-8"), str(path.relative_to(root))
    if path.suffix == ".md":
        yield from _document(name, text)
    elif path.suffix == ".py":
        yield from _find_strings(name, parse(path))
        yield from _find_comments(name, text)
    else:
        for number, line in enumerate(text.splitlines(), 1):
            for part in re.findall(r'(?:=\s*|\[|, )"([^"]*\s[^"]*\s[^"]*)"|#\s*(.*)$', line):
                yield Passage(name, number, "message", "".join(part))


def _document(name: str, text: str) -> Iterator[Passage]:
    """Yield paragraphs, list items, headings and cells of tables, without code and blocks that a command writes."""
    blank = re.sub(r"^(```|~~~).*?^\1[^\n]*$", lambda match: "\n" * match.group().count("\n"), text, flags=re.M | re.S)
    for block in (r"<!-- made by.*?<!-- end of.*?-->", r"<!--.*?-->"):
        blank = re.sub(block, lambda match: "\n" * match.group().count("\n"), blank, flags=re.S)
    start, lines = 1, []
    for number, line in enumerate([*blank.split("\n"), ""], 1):
        begins = re.match(r"\s*([-*] |\d+\. |#|\||<)", line)
        if lines and (begins or not line.strip()):
            yield Passage(name, start, "document", "\n".join(lines))
            lines = []
        if line.startswith("    ") and not lines and not begins:
            continue
        if line.lstrip().startswith("|"):
            for cell in re.split(r"(?<!\\)\|", line):
                if re.search(r"\w", cell):
                    yield Passage(name, number, "document", cell.strip())
        elif line.strip():
            start = start if lines else number
            lines.append(re.sub(r"^\s*([-*] |\d+\. |#+ )", "", line).strip())


def _find_strings(name: str, tree: ast.Module) -> Iterator[Passage]:
    """Yield docstrings, and each other string of three words or more: help texts by their argument, else messages."""
    seen, kinds = set(), {}
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node):
            string = node.body[0].value  # type: ignore[attr-defined]
            seen.add(id(string))
            for line, paragraph in _split_paragraphs(ast.get_docstring(node) or "", string.lineno):
                yield Passage(name, line, "docstring", paragraph)
        elif isinstance(node, ast.keyword) and node.arg in HELP:
            kinds[id(node.value)] = "help"
        elif isinstance(node, ast.JoinedStr):
            seen.update(id(part) for part in node.values)
    for node in ast.walk(tree):
        if id(node) not in seen and (text := _read_text(node)) is not None and len(text.split()) > 2:
            yield Passage(name, node.lineno, kinds.get(id(node), "message"), text)  # type: ignore[attr-defined]


def _read_text(node: ast.AST) -> str | None:
    """Return the text of a string in code, its values as one word each; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "VALUE" for part in node.values)
    return None


def _split_paragraphs(docstring: str, line: int) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs of a docstring, and the lines of its arguments, each with its line."""
    for paragraph in re.split(r"\n\s*\n", docstring):
        offset = docstring.count("\n", 0, docstring.index(paragraph))
        for part in re.split(r"\n(?=\s*[`\w*, ]+: |\s*[-*] )", paragraph):
            text = re.split(r"^\s*>>> ", part, maxsplit=1, flags=re.M)[0]
            yield line + offset + paragraph.count("\n", 0, paragraph.index(part)), text


def _find_comments(name: str, text: str) -> Iterator[Passage]:
    """Yield the comments of a file of Python."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield Passage(name, token.start[0], "comment", token.string.lstrip("# "))


def find_names(path: Path) -> Iterator[tuple[str, str, int]]:
    """Yield ("function" or "variable", name, line) of what a file defines; properties count as neither."""
    for node in ast.walk(parse(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if not any("property" in ast.unparse(decorator) for decorator in node.decorator_list):
                yield "function", node.name, node.lineno
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            yield from (("variable", argument.arg, argument.lineno) for argument in arguments)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield "variable", node.id, node.lineno


@cache
def _find_exports(package: Path, root: Path) -> dict[str, set[Path]]:
    """Return the names that a package imports from `frameworks`, each with the files that may define it."""
    names: dict[str, set[Path]] = {}
    for node in parse(package).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("frameworks"):
            file = root / (node.module.replace(".", "/") + ".py")
            for alias in node.names:
                names.setdefault(alias.name, set()).add(file)
    return names


def find_exported_arguments(path: Path, root: Path) -> Iterator[tuple[str, int, str, bool]]:
    """Yield (definition, line, argument or field, whether the docstring has a line for it) of what is exported."""
    packages = [path.parent / "__init__.py", path.parent.parent / "__init__.py"]
    if path.parent.parent.name != "frameworks" and path.parent.parent.parent.name != "frameworks":
        return
    exported = {name for package in packages if package.exists() and package.parent != root
                for name, sources in _find_exports(package, root).items() if path in sources}
    for node in parse(path).body:
        is_kind = isinstance(node, ast.ClassDef) and any(
            isinstance(field, ast.AnnAssign) and ast.unparse(field.target) == "kind" for field in node.body)
        if not (isinstance(node, (ast.ClassDef, ast.FunctionDef)) and (node.name in exported or is_kind)):
            continue
        docstring = ast.get_docstring(node) or ""
        for argument in _list_arguments(node):
            yield node.name, node.lineno, argument, bool(re.search(rf"^[ *]*`?{argument}`?: ", docstring, re.M))


def _list_arguments(node: ast.ClassDef | ast.FunctionDef) -> list[str]:
    """Return the arguments of a function or of a constructor, or the fields of a model."""
    if isinstance(node, ast.ClassDef):
        constructors = [child for child in node.body if isinstance(child, ast.FunctionDef) and child.name == "__init__"]
        if not constructors:
            fields = [child for child in node.body if isinstance(child, ast.AnnAssign)]
            named = [ast.unparse(field.target) for field in fields if "ClassVar" not in ast.unparse(field.annotation)]
            return [name for name in named if name != "kind" and not name.startswith("_")]
        node = constructors[0]
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    return [argument.arg for argument in arguments if argument and argument.arg not in ("self", "cls")]
