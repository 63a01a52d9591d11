"""Tests the check of the project's text: it reports each kind of fault, and the project has no fault."""

from __future__ import annotations

import subprocess

import pytest

from tests.harness import prose

LONG = " ".join(["word"] * 31)
FAULTS = {
    "docs.md": [("The class knows its rate.", "'knows'"), (f"{LONG}.", "31 words, at most 30"),
                ("| a cell | that tells something |", "'tells'"), ("What it returns is a rate.", "a noun clause")],
    "code.py": [('"""Multiplies for ever."""', "'for ever'"), (f'"""Returns {" ".join(["a"] * 25)}."""', "26 words"),
                ('parser.add_argument("-x", help="the optimizer\'s own schedule")', "'own schedule'"),
                ('raise ValueError(f"the rate {rate} is no number")', "'is no'"),
                ("# The framework asks for 1 first.", "'asks'"),
                ("def measured():\n    return 1", "function 'measured'"),
                ("for one in rates:\n    print(one)", "variable 'one'")],
    "data.toml": [('about = "Rises over 5 updates"', "'Rises'"), ("# the optimizer is told the rate", "'told'")],
}


def check(tmp_path, name: str, text: str, package: str | None = None) -> list[str]:
    """Return the findings in one file of a new repository, beside an `__init__.py` with the text `package`."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    folder = tmp_path / "frameworks" / "torch"
    folder.mkdir(parents=True)
    (folder / name).write_text(text + "\n")
    if package is not None:
        (folder / "__init__.py").write_text(package + "\n")
    return [str(finding) for finding in prose.check(tmp_path)]


@pytest.mark.parametrize(("name", "text", "expected"), [(name, *row) for name, rows in FAULTS.items() for row in rows])
def test_a_fault_is_reported(tmp_path, name, text, expected):
    (finding,) = check(tmp_path, name, text)
    assert finding.startswith(f"frameworks/torch/{name}:1: ")
    assert expected in finding


@pytest.mark.parametrize("text", [
    "The class knows `says`.".replace("knows", "has"), "```\nHe says: for ever\n```", "    python -m asks said told",
    f"{' '.join(['word'] * 29)}. {' '.join(['word'] * 29)}."])
def test_code_and_short_sentences_are_not_reported(tmp_path, text):
    assert check(tmp_path, "docs.md", text) == []


def test_the_name_of_a_field_is_not_reported(tmp_path):
    text = 'RULES = "rise: must be below 5", "updates: must be more than rise (5.0)", "the rise must be below 5"'
    (finding,) = check(tmp_path, "code.py", text)
    assert "message: 'rise'" in finding


def test_the_name_of_a_mistake_is_not_reported(tmp_path):
    (finding,) = check(tmp_path, "code.py", 'NAMES = "rises past its end", "rises past the end"')
    assert "message: 'rises'" in finding


def test_an_exported_argument_needs_a_line(tmp_path):
    text = '"""Does it."""\n\n\ndef build(schedule, device=None):\n    """Build it.\n\n    schedule: any.\n    """'
    (finding,) = check(tmp_path, "code.py", text, package="from frameworks.torch.code import build")
    assert finding == "frameworks/torch/code.py:4: docstring: build has no line 'device: ...'"


def test_the_command_lists_the_findings_and_fails(tmp_path, capsys):
    check(tmp_path, "docs.md", "The class knows its rate.")
    assert prose.main(["--root", str(tmp_path)]) == 1
    assert "frameworks/torch/docs.md:1: document: 'knows'; write: " in capsys.readouterr().out
    assert prose.main(["--root", str(tmp_path), "README.md"]) == 0


def test_the_project_has_none(root):
    assert prose.check(root) == []
