"""Tests the page of results: its answer, that it is current, and errors in the files that it is made from."""

from __future__ import annotations

import json
import os
import re
import shutil
from types import SimpleNamespace

import pytest

from frameworks.schedule import Constant, Hold
from reproduce.study import __main__ as study_command
from reproduce.study import rows
from reproduce.study.analysis import command, page, registered, tables
from reproduce.study.analysis.answer import answer
from reproduce.study.analysis.samples import Study, read_study
from reproduce.trainer.errors import OutputError
from reproduce.trainer.manifest import compute_json_digest
from tests.study.constructed import build_run, build_study, build_whole


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Return the folder of a copy of the study, from which the page is made."""
    folder = tmp_path / "study"
    shutil.copytree(rows.HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(rows, "HERE", folder)
    return folder


@pytest.fixture
def check(capsys):
    """Return the exit code and the lines of the check."""
    def run_check():
        code = study_command.main(["results", "--check"])
        return code, capsys.readouterr().out.splitlines()

    return run_check


def change_first_row(folder, column, value):
    path = folder / rows.RUNS
    head, line, *others = path.read_text().splitlines()
    cells = line.split(",")
    cells[rows.COLUMNS.index(column)] = value
    path.write_text("\n".join([head, ",".join(cells), *others, ""]))


def test_the_page_and_its_figures_are_current(check):
    assert check() == (0, [])
    files = page.build_files(read_study(rows.HERE))
    assert sum(map(len, files.values())) < 1_500_000
    assert set(re.findall(r"\]\((figures/\w+\.svg)\)", files[page.PAGE])) == set(files) - {page.PAGE}


def test_a_changed_row_is_noticed(copy, check):
    """A row whose curves end elsewhere is refused first."""
    change_first_row(copy, "final_test_accuracy", "0.8865")
    with pytest.raises(OutputError, match="the line of constant described torch 100 30 is of another run than its row"):
        read_study(copy)
    path = copy / rows.CURVES
    first, *others = path.read_text().splitlines()
    curve = json.loads(first)
    curve["test_correct"][-1] = 8865
    path.write_text("\n".join([json.dumps(curve), *others, ""]))
    code, lines = check()
    assert code == 4
    assert re.fullmatch(r"RESULTS.md is not current from line \d+: python -m reproduce.study results", lines[0])
    assert {line.split()[0] for line in lines} == {
        "RESULTS.md", *(f"figures/{name}.svg" for name in ("bands", "effects", "frameworks", "losses", "strips"))}


def test_a_change_that_no_number_shows_is_noticed_by_the_digest(copy, check):
    change_first_row(copy, "final_train_loss", "0.1797")
    code, [line] = check()
    assert (code, line.split()[0]) == (4, "RESULTS.md")


def test_the_order_of_rows_changes_nothing(copy, check):
    """Machines merge their rows in any order."""
    for name, first in ((rows.RUNS, 1), (rows.CURVES, 0)):
        lines = (copy / name).read_text().splitlines()
        (copy / name).write_text("\n".join([*lines[:first], *reversed(lines[first:]), ""]))
    assert check() == (0, [])


@pytest.mark.parametrize(("change", "message"), [
    (lambda lines: lines[1:], "curves.jsonl: has no line of constant described torch 100 30"),
    (lambda lines: ["[1]", *lines[1:]], "curves.jsonl: line 1 must be a run's curves as JSON"),
    (lambda lines: [lines[0].replace("[0.94", "[1,0.94"), *lines[1:]],
     "curves.jsonl: line 1 must have as many values of train_correct as of train_loss"),
    (lambda lines: [lines[0].replace("0.9406397", '"many"'), *lines[1:]], "line 1 must be a run's curves as JSON"),
])
def test_damaged_curves_are_refused(change, message, copy, capsys):
    path = copy / rows.CURVES
    path.write_text("\n".join([*change(path.read_text().splitlines()), ""]))
    assert study_command.main(["results", "--check"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert message in printed.err


@pytest.mark.parametrize("name", [rows.RUNS, rows.CURVES])
def test_files_of_runs_are_regular_files(name, tmp_path):
    for other in {rows.RUNS, rows.CURVES} - {name}:
        shutil.copy(rows.HERE / other, tmp_path)
    os.mkfifo(tmp_path / name)
    with pytest.raises(OutputError, match=f"{name}: cannot be read: not a regular file"):
        read_study(tmp_path)
    (tmp_path / name).unlink()
    shutil.copy(rows.HERE / name, tmp_path)
    assert read_study(tmp_path).runs == read_study(rows.HERE).runs


def test_a_study_without_files_has_a_page(tmp_path, monkeypatch):
    """There are no numbers, and no verdict."""
    shutil.copytree(rows.HERE / "plans", tmp_path / "plans")
    monkeypatch.setattr(rows, "HERE", tmp_path)
    with pytest.raises(OutputError, match="cannot be read: "):
        read_study(tmp_path)
    text = page.build_files(build_study({}))[page.PAGE]
    assert "**Preliminary: 0 of 300 runs, no verdict yet**. There are no runs to compare yet." in text
    assert "| S1 |" in text


def test_a_missing_library_is_one_line(run):
    code = ("import sys; sys.modules[{0!r}] = None; from reproduce.study.__main__ import main; "
            "sys.exit(main([{1!r}, '--check']))")
    for library in ("scipy", "statsmodels"):
        for name in ("results", "simulate"):
            result = run("-c", code.format(library, name))
            assert (result.returncode, result.stdout, result.stderr) == (
                2, "",
                f"{library} is not installed; pip install -r requirements/study.txt in a clone of this project\n")
    result = run("-c", code.replace("--check", "reproduce/study/plans/chapter.toml").format("scipy", "status"))
    assert (result.returncode, result.stderr) == (0, "")


def test_without_a_clone_no_page_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(study_command, "ROOT", tmp_path)
    with pytest.raises(SystemExit) as ended:
        study_command.main(["results"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == ("python -m reproduce.study: needs a clone of this project: it writes files that "
                                       "are not in the package\n")


LARGE, SMALL = (0.02, 0.004), (0.004, 0.002)


@pytest.mark.parametrize(("gains", "dead", "missing", "expected"), [
    ({"cosine": LARGE, "warmup": SMALL}, [], [],
     "Yes, in each framework. On average over the three, among runs that learned, of 100 test images 2.0 more are "
     "right with cosine than with a constant rate, 0.4 more with warm-up.\nSquare root: no effect in each framework; "
     "multi factor: no effect in each framework.\nNo run with a schedule ended without learning."),
    ({}, [], [], "No: with each of the four schedules, the networks of each framework get less than 1 of 100 images "
     "more or fewer right.\nEach schedule was compared with the constant rate from the same first weights and "),
    ({"cosine": (0.004, 0.03)}, ["square_root"], [], "It depends: none of the four schedules has an effect in the same "
     "direction in all three frameworks.\nSquare root: not settled in each framework; multi factor: no effect"),
    ({"cosine": LARGE, "warmup": (-0.02, 0.004)}, ["multi_factor"], [("cosine", "torch", 100)],
     "Of 100 test images 2.0 more are right with cosine than with a constant rate, 0.0 more with square root, 2.0 "
     "fewer with warm-up.\nEach schedule was compared with the constant rate from the same first weights and batches, "
     "in three frameworks; runs that ended without learning are left out of these means.\nWith multi factor, whose "
     "highest rate is 0.5 instead of 0.3, 60 of 60 runs ended without learning, against 0 of 60 runs with the "),
], ids=["an effect", "no effect", "it depends", "preliminary"])
def test_the_answer(gains, dead, missing, expected):
    study = build_whole(gains, dead, missing)
    assert answer(study, registered.evaluate_effects(study)).startswith(expected)


def test_the_book_variant_and_the_stalled_runs_have_tables_once_they_are_run():
    text_variant = build_whole({}).runs
    book = {(name, framework): runs for (name, framework), runs in text_variant["described", 30].items()
            if name in registered.CHAPTER}
    digest = compute_json_digest(Hold(updates=235, of=Constant(base_lr=0.5)).model_dump(mode="json"))[:16]
    stalled = {("half", "torch"): {seed: build_run(stalled=seed < 1100, schedule=digest) for seed in range(1000, 1200)}}
    files = page.build_files(Study(text_variant | {("printed", 30): book, ("described", 3): stalled}, "digest"))
    assert "figures/stalled.svg" in files
    assert "Not run" not in files[page.PAGE]
    assert re.search(r"root \| mxnet \| not settled \|( [^|]+ \|){3} 1 \| 20, 49 \| 0, 0 \| 1 \|", files[page.PAGE])
    assert "| constant | torch | different | - | - | - | none: Kolmogorov-Smirnov | < .0001 |" in files[page.PAGE]
    assert "| 0.5 | torch | 200 | 100 (0.500) | 0.431 to 0.569 | 0 |" in files[page.PAGE]


def test_a_number_is_the_same_whatever_its_last_bits():
    for values, text in (((0.0, -1e-19, 1e-19), "+0.0000"), ((0.00015, 0.00015 - 1e-19, 0.00015 + 1e-19), "+0.0001")):
        assert {tables.format_number(value) for value in values} == {text}


def test_a_whole_study_is_not_preliminary(tmp_path, monkeypatch):
    """Every test has a verdict, also that of all frameworks together."""
    text = page.build_files(build_whole({"cosine": LARGE}))[page.PAGE]
    assert "**Preliminary" not in text
    assert "| preliminary |" not in text
    assert "All of 15 comparisons are equivalent." in text
    assert "| final test accuracy, cosine minus constant: above 0 | true; +0.0200 (" in text
    monkeypatch.setattr(command, "REPRODUCE", tmp_path)
    assert command.write_results(SimpleNamespace(check=True)) == 4
