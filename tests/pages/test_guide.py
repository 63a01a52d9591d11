"""Checks that the porting guide is current, and that each number, message and link on its pages is the measured one."""

from __future__ import annotations

import dataclasses
import re
import shutil

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import lrs
from parity.pages.guide import __main__ as command
from parity.pages.guide import kinds, pages
from parity.pages.guide.entries import quote
from parity.pages.guide.examples import EXAMPLES, count_updates, find_kinds_without_page
from parity.pages.guide.measured import GuideError, Off, Run, _run_alone
from parity.pages.guide.messages import MESSAGES
from parity.pages.guide.run import capture_message
from parity.pages.guide.saving import SAVING
from parity.pages.guide.symptoms import SYMPTOMS
from parity.port.measured import observe_code

#: The pages that are not about a single kind.
FIRST = ("PORTING.md", "PORTING_TABLE.md", "PORTING_CODE.md", "RESUMING.md")


@pytest.fixture(scope="module")
def results():
    """Run everything that the guide is made from."""
    return pages.measure_guide()


@pytest.fixture
def guide(results, monkeypatch, tmp_path, capsys):
    """Run the command on a copy of the pages with these measurements; return its folder, exit code and lines."""
    shutil.copytree(pages.FOLDER / "porting", tmp_path / "porting")
    for page in FIRST:
        shutil.copy(pages.FOLDER / page, tmp_path)
    monkeypatch.setattr(command, "build_pages", lambda: pages.build_pages(results))

    def run(*given):
        code = command.main([*given], folder=tmp_path)
        return code, capsys.readouterr().out.splitlines()

    return tmp_path, run


def test_the_pages_are_current(guide):
    _, run = guide
    assert run("--check") == (0, [])


def test_a_changed_page_is_named_and_made_again(guide):
    folder, run = guide
    page, first = folder / "porting/cosine.md", folder / "PORTING.md"
    page.write_text(page.read_text().replace("first at update 2", "first at update 3", 1))
    first.unlink()
    resuming, text = folder / "RESUMING.md", (folder / "RESUMING.md").read_text()
    resuming.write_text(text.replace("Do not `load_states`", "`load_states`"))
    (folder / "porting/none.md").touch()
    code, lines = run("--check")
    assert code == 4
    assert lines[0] == "PORTING.md is missing: python -m parity guide"
    for name, line in zip(("RESUMING.md", "porting/cosine.md"), lines[1:3], strict=True):
        assert re.fullmatch(rf"{name} is not current from line \d+: python -m parity guide", line)
    assert lines[3:] == ["porting/none.md is not generated any more: delete it"]
    assert run()[0] == 0
    assert run("--check") == (4, lines[3:])


def test_a_kind_without_a_page_is_named(guide, monkeypatch):
    assert find_kinds_without_page({path.stem for path in kinds.TEXT.glob("*.md")}) == []
    folder, run = guide
    shutil.copytree(kinds.TEXT, folder / "text", ignore=shutil.ignore_patterns("cosine.md"))
    monkeypatch.setattr(kinds, "TEXT", folder / "text")
    assert run("--check") == (4, ["no page for cosine: no parity/pages/guide/text/cosine.md",
                                  "porting/cosine.md is not generated any more: delete it"])


def test_a_framework_that_cannot_be_run_is_exit_2(monkeypatch, capsys):
    def fails():
        raise GuideError("torch cannot be imported")

    monkeypatch.setattr(command, "build_pages", fails)
    assert command.main([]) == 2
    assert capsys.readouterr().err == "torch cannot be imported\n"


def list_spellings(text, framework):
    """Return the statement and the code of each spelling on a page."""
    part = text.split(f"\n### {kinds.NAMES[framework]}\n")[1].split("\n### ")[0].split("\n## ")[0]
    return re.findall(r"^(Built-in|Self-contained code): (exact|up to .*? off, first at update \d+)"
                      r".*?```python\n(.*?)```", part, re.M | re.S)


def wrong(text, schedule, framework):
    """Return the spellings of a page whose statement differs from the result of the printed code."""
    n = count_updates(schedule)
    return [(kind, said) for kind, said, code in list_spellings(text, framework)
            if Off.from_rates(schedule, observe_code(schedule, framework, code, n)).describe() != said]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_printed_code_applies_what_is_printed(kind, framework):
    schedule, text = EXAMPLES[kind].schedule, (pages.FOLDER / f"porting/{kind}.md").read_text()
    native = [] if kinds.find_built_in(schedule, framework) is None else ["Built-in"]
    assert [kind for kind, *_ in list_spellings(text, framework)] == [*native, "Self-contained code"]
    assert wrong(text, schedule, framework) == []


def test_a_wrong_number_on_a_page_is_seen():
    schedule, text = EXAMPLES["cosine"].schedule, (pages.FOLDER / "porting/cosine.md").read_text()
    (said,) = (said for kind, said, _ in list_spellings(text, "tensorflow") if kind == "Built-in")
    assert wrong(text.replace(said, "exact", 1), schedule, "tensorflow") == [("Built-in", "exact")]


def test_edges_are_printed_as_they_are():
    for kind, example in EXAMPLES.items():
        rows = re.findall(r"^\| (\d+) \| (\S+) \| `(\w{8})`", (pages.FOLDER / f"porting/{kind}.md").read_text(), re.M)
        rates = lrs(example.schedule, 100).astype(np.float32)
        assert len(rows) > 2
        for update, rate, bits in rows:
            assert np.float32(rate) == rates[int(update)]
            assert int(bits, 16) == rates[int(update)].view(np.uint32)


@pytest.mark.parametrize("message", [*MESSAGES, *SAVING], ids=lambda message: message.quoted[:40])
def test_the_quoted_messages_are_those_of_the_frameworks(message):
    text = "".join((pages.FOLDER / name).read_text() for name in ("PORTING_CODE.md", "RESUMING.md"))
    heading = f"\n### {quote(message.quoted)}\n"
    (code,) = re.findall(f"{re.escape(heading)}.*?```python\n(.*?)```", text, re.S)
    assert heading in (text if message in SAVING else (pages.FOLDER / "PORTING.md").read_text())
    said = _run_alone(code) if message.alone else capture_message(code)
    assert message.quoted in " ".join(said.split())


def test_a_message_that_does_not_occur_is_refused(results):
    pages.check(results, [*MESSAGES, *SAVING], SYMPTOMS)
    with pytest.raises(GuideError, match="torch does not print 'nonsense' but 'UserWarning: Detected call"):
        pages.check(results, [dataclasses.replace(one, quoted="nonsense") for one in MESSAGES
                            if "Detected call" in one.quoted], [])
    exact = Run("torch", schedule := EXAMPLES["constant"].schedule, kinds.find_built_in(schedule, "torch").code)
    quiet = dataclasses.replace(SYMPTOMS[0], framework="torch", meant=exact.schedule, code=exact.code)
    with pytest.raises(GuideError, match="it does not happen in torch"):
        pages.check(results, [], [quiet])
    (late,) = (symptom for symptom in SYMPTOMS if "`optimizer.learning_rate`" in symptom.seen)
    with pytest.raises(GuideError, match=r"one step late .*: the mended code differs at update 15"):
        pages.check(results, [], [dataclasses.replace(late, mended=late.code)])


def test_there_are_enough_of_them():
    assert len(MESSAGES) + len(SYMPTOMS) >= 12
    assert {one.framework for one in [*MESSAGES, *SYMPTOMS]} == {*FRAMEWORKS}


def anchors(text):
    """Return GitHub's anchors of a page's headings, and those that it sets itself."""
    headings = re.findall(r"^#+ (.*)$", text := re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    given = {*re.findall(r'<a id="([^"]*)">', text)}
    return given | {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def list_broken_links(path, text):
    """Return the links of a page to files or headings that do not exist."""
    text, links = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.M | re.S), []
    for target, anchor in re.findall(r"\]\((?!http)([^)#]*)(?:#([^)]*))?\)", text):
        page = path.parent / target if target else path
        if not page.exists() or (anchor and anchor not in anchors(page.read_text())):
            links.append(f"{target}#{anchor}")
    return links


def test_every_link_leads_somewhere(root):
    for path in [*pages.FOLDER.glob("porting/*.md"), *(pages.FOLDER / name for name in FIRST)]:
        assert list_broken_links(path, path.read_text()) == [], path
        assert "python -m parity guide" in path.read_text().splitlines()[0]
    links = ["porting/none.md#", "#none", "porting/hold.md#none"]
    assert list_broken_links(pages.FOLDER / "PORTING.md", "".join(f"[a]({link})" for link in links)) == links
    for readme in ("README.md", "parity/README.md"):
        assert re.search(r"\]\((\.\./)?frameworks/PORTING.md\)", (root / readme).read_text())


def test_three_points_not_two(monkeypatch, tmp_path):
    (tmp_path / "cosine.md").write_text("1. **One.** a\n2. **Two.** b\n")
    monkeypatch.setattr(kinds, "TEXT", tmp_path)
    with pytest.raises(GuideError, match=r"cosine\.md must have three points, got 2"):
        kinds.read_mistakes("cosine")


def test_self_contained_code_that_is_not_exact_is_refused(results):
    schedule = EXAMPLES["cosine"].schedule
    code = next(one.code for one in kinds.write_spellings(schedule, "torch") if not one.native)
    worse = dict(results.off)
    run = Run("torch", schedule, code)
    worse[run.key] = Off.from_rates(schedule, np.nextafter(lrs(schedule, 50).astype(np.float32), np.float32(1)))
    with pytest.raises(GuideError, match="cosine: the self-contained code of torch is up to 1 ULP off, first at"):
        kinds.build_page("cosine", dataclasses.replace(results, off=worse))
