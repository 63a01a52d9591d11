"""Tests the page of the plug-in protocol: its plug-in passes, a broken copy fails, its tables and numbers agree."""

from __future__ import annotations

import json
import re
import shlex
import sys
from argparse import Namespace

import pytest

from frameworks.arguments import Parser
from frameworks.schedule import KINDS, expand
from frameworks.schedule.named import Named
from parity.cases import CASES
from parity.conformance.check import run

BASIC = {kind: model for kind, model in KINDS.items() if not issubclass(model, Named)}
COMPUTED = ["constant", "cosine", "cosine_per_epoch"]


@pytest.fixture(scope="module")
def page(root):
    """Return the text of the page."""
    return (root / "parity/PROTOCOL.md").read_text()


@pytest.fixture
def check_script(tmp_path, capsys):
    """Check a plug-in, given as the text of a script, and return the exit code and the lines printed."""
    def check(script, cases):
        path = tmp_path / "my_backend.py"
        path.write_text(script)
        command = shlex.join([sys.executable, str(path)])
        code = run(Namespace(plugin=command, python=None, case=cases, timeout=60), Parser(prog="check"))
        return code, capsys.readouterr().out.splitlines()

    return check


def read_blocks(page):
    """Return the page's blocks of Python."""
    return re.findall(r"```python\n(.*?)```", page, re.S)


def test_its_plugin_is_good_and_skips_other_kinds(page, check_script):
    script = read_blocks(page)[0]
    assert len(script.splitlines()) <= 30
    good = [f"{name}: good, {CASES[name].updates} updates" for name in COMPUTED]
    assert check_script(script, COMPUTED) == (
        0, ["my_backend 0.1, protocol 1", *good, "3 cases: 3 good, 0 skipped, 0 failed"])
    code, lines = check_script(script, ["cosine", "polynomial"])
    shown = re.search(r"\$ python -m parity check .*\n((?:    .*\n)+)", page)
    assert (code, lines) == (0, [line[4:] for line in shown[1].splitlines()])


@pytest.mark.parametrize(("right", "wrong", "failure"), [
    ('min(t, schedule["updates"])', 'min(t + 1, schedule["updates"])', "difference: update 0: applied 0.29821482"),
    ('for t in range(question["updates"])', 'for t in range(question["updates"] - 1)', "wrong number: 49 rates for 50"),
    ('"id": question["id"]', '"id": str(question["id"])', "answer to another question: id '2', expected 2"),
    ('"protocol": 1', '"protocol": 2', None),
])
def test_a_broken_copy_fails(right, wrong, failure, page, check_script):
    script = read_blocks(page)[0]
    assert script.count(right) == 1
    code, lines = check_script(script.replace(right, wrong), ["constant", "cosine"])
    assert code == 4
    assert not failure or any(line.startswith(f"cosine: FAILED: {failure}") for line in lines)


def test_its_python_function_is_good(page, tmp_path, monkeypatch, capsys):
    (tmp_path / "of_the_page.py").write_text(read_blocks(page)[1])
    monkeypatch.syspath_prepend(str(tmp_path))
    chosen = Namespace(python="of_the_page:rates", case=["product_of_one", "piecewise"])
    assert run(chosen, Parser()) == 0
    assert "product_of_one: skipped: products are not implemented" in capsys.readouterr().out


def read_rows(page):
    """Return the table of kinds: kind -> field -> default, None for a field that has none."""
    rows = {}
    for kind, cell in re.findall(r"^\| `(\w+)` \| (`[^|]*) \| [^|]* \|$", page, re.M):
        rows[kind] = {name: value or None for name, value in re.findall(r"`(\w+)`(?: \(([^)]*)\))?", cell)}
    return rows


def test_its_table_has_every_kind_with_every_field_and_default(page):
    rows = {kind: fields for kind, fields in read_rows(page).items() if kind in KINDS}
    assert set(rows) == set(BASIC)
    for kind, model in BASIC.items():
        fields = {name: field for name, field in model.model_fields.items() if name != "kind"}
        assert set(rows[kind]) == set(fields), kind
        for name, field in fields.items():
            default = None if field.is_required() else json.dumps(field.default)
            default = default.removesuffix(".0") if default else default
            assert (rows[kind][name] or "").strip("`") == (default or ""), f"{kind}.{name}"


def test_its_numbers_are_true(page):
    updates = [case.updates for case in CASES.values()]
    text = " ".join(page.split())
    assert f"50 to {max(updates):,}; {sum(updates):,} in all cases" in text
    assert f"has all {len(CASES)} names" in text
    assert f"good in all {len(CASES)} cases" in text
    composed = [f"`{kind}`" for kind in KINDS if kind not in BASIC]
    assert len(composed) == 9
    assert f"nine of the {len(KINDS)} kinds: {', '.join(composed[:-1])} and {composed[-1]}." in text


def test_its_questions_are_those_of_the_check(page):
    lines = re.findall(r'^    (\{"id": \d+, "case".*?\})\n\n', page, re.M | re.S)
    assert len(lines) == 2
    for line in lines:
        question = json.loads(line)
        case = CASES[question["case"]]
        assert question["updates"] == case.updates
        assert question["schedule"] == case.schedule.model_dump(mode="json", exclude_none=True)
        if (composed := expand(case.schedule)) is not case.schedule:
            assert question["composed"] == composed.model_dump(mode="json", exclude_none=True)


def test_every_failure_is_in_its_table(page, root):
    code = "".join(path.read_text() for path in (root / "parity/conformance").glob("*.py"))
    kinds = set(re.findall(r'AnswerError\(\s*"([^"]+)"', code))
    assert len(kinds) > 10
    assert set(re.findall(r"^\| `([a-zA-Z ]+)` \| .* (?:continues|restarted) \|$", page, re.M)) == kinds
