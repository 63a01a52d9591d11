"""Tests the README: its code runs, its tables agree with the code, and its picture is current."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections import Counter

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import Cosine, Warmup, lrs, read
from parity.cases import CASES
from parity.gate.laws import broken_rates  # noqa: F401  (it registers)
from parity.gate.laws.broken import BREAKING
from parity.gate.test_mistakes import WRONG
from parity.mistakes.native import NATIVE
from parity.port import SOURCES
from parity.port.write import LIBRARIES, TARGETS
from tests.harness.snippets import read_blocks
from tests.pages.test_guide import list_broken_links

schedule = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_code_applies_the_schedule(framework, run):
    (code,) = (block for block in read_blocks() if f"frameworks.{framework} " in block)
    result = run("-c", code)
    rates = [np.float32(line.split()[1]) for line in result.stdout.splitlines()]
    assert rates == lrs(schedule, 25).astype(np.float32).tolist(), result.stderr


def test_every_block_of_code_is_tested(readme):
    assert len(re.findall(r"^```python", readme, re.M)) == len(FRAMEWORKS)


def test_the_commands_run(readme, run):
    commands = re.findall(r"^    python (-m parity .*)$", readme, re.M)
    assert len(commands) == 1
    assert run(*commands[0].split()).returncode == 0


def test_the_commands_print_what_is_shown(readme, run):
    """Compares each block of text with the output of the command above it, from its first line on."""
    shown = re.findall(r"^    lr-parity ([^\n]*)\n\n```text\n(.*?)```", readme, re.M | re.S)
    assert [command.split()[0] for command, _ in shown] == ["port", "explain"]
    for command, text in shown:
        assert text in run("-m", "parity", *shlex.split(command)).stdout


def test_the_readme_is_short(readme):
    assert len(readme.encode()) <= 12_000


@pytest.mark.parametrize("row", [
    "constant | custom | ConstantLR | custom", "factor | FactorScheduler | StepLR | ExponentialDecay",
    "cosine | CosineScheduler | custom | CosineDecay", "warmup | inner | custom | inner",
    "linear | composed | composed | composed"])
def test_a_row_of_the_table_says_what_was_written_by_hand(row, readme):
    kind, rest = row.split(" | ", 1)
    assert f"| [`{kind}`](frameworks/porting/{kind}.md) | {rest} |\n" in readme


def test_the_numbers_in_the_text_are_true(readme, root):
    assert f"{len(CASES)} schedules in {len(FRAMEWORKS)} frameworks" in readme
    assert len(NATIVE) == len(FRAMEWORKS)
    assert (set(FRAMEWORKS) < set(SOURCES), set(TARGETS)) == (True, {*FRAMEWORKS, "optax"})
    assert "`--from` is `mxnet`, `torch`,\n`tensorflow` or [another library]" in readme
    listed = (root / "parity/README.md").read_text().partition("`--to` may also be another library: ")[2][:400]
    assert all(f"`{library}`" in listed for library in LIBRARIES)
    others = ", ".join(f"`{source}`" for source in SOURCES if source not in FRAMEWORKS)
    assert f"`--from` is a framework or {others}" in " ".join((root / "parity/README.md").read_text().split())
    assert f"{len(WRONG)} wrong\nbackends, and {len(BREAKING) * len(FRAMEWORKS)} more" in readme
    answer = (root / "reproduce/RESULTS.md").read_text().split("-->\n\n")[1].splitlines()[0]
    assert f"[Has the schedule an effect?](reproduce/RESULTS.md) {answer}" in " ".join(readme.split())
    each = min(Counter(framework for framework, *_ in WRONG).values()) + len(BREAKING)
    assert f"at least {each} per framework" in (root / "parity/README.md").read_text()


def test_the_picture_is_current(readme, root, run, tmp_path):
    """Made by: python -m parity plot parity/examples/*.json --updates 31 --out parity/examples/off_by_one.svg"""
    names = ["specified", "gluon_asks_for_1_first", "torch_climbs_again"]
    paths = [f"parity/examples/{name}.json" for name in names]
    result = run("-m", "parity", "plot", *paths, "--updates", 31, "--out", tmp_path / "new.svg")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "new.svg").read_bytes() == (root / "parity/examples/off_by_one.svg").read_bytes()
    assert "parity/examples/off_by_one.svg" in readme
    assert read(root / paths[0]) == schedule
    assert read(root / paths[1]) == CASES["book_gluon_warmup"].schedule


def test_every_link_of_every_page_leads_somewhere(root):
    """Texts that are included in other pages have the links of those pages."""
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=root, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split() if not name.startswith("parity/pages/guide/text/")]
    assert {"README.md", "parity/README.md", "reproduce/README.md", "frameworks/schedule/ADDING.md"} <= set(names)
    assert {name: links for name in names if (links := list_broken_links(root / name, (root / name).read_text()))} == {}
