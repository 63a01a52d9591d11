"""frameworks/COVERAGE.md: current, true of the libraries, and a planted mistake in it is seen."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import Repeat, Shift, lrs
from parity.pages.coverage.__main__ import outcome
from parity.pages.coverage.agree import agreement, comparable
from parity.pages.coverage.known import gone, schedulers, unknown
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.measured import measure
from parity.pages.coverage.page import PAGE, PORTED, outline, page, problems
from parity.pages.coverage.read_back import ReadDifferently, read_back
from parity.pages.coverage.reasons import REASONS
from parity.pages.coverage.reference import FRAMEWORK, TOTAL, names
from parity.pages.coverage.row import Row, flat, joined, line
from parity.pages.coverage.told import specified, told

ROWS = [(library, row) for library in LIBRARIES for row in library.rows]
SAID = [(library, row) for library, row in ROWS if row.schedule is not None]
INSTALLED = [library for library in LIBRARIES if library.name in FRAMEWORK]


@pytest.fixture(scope="module")
def found():
    return measure(LIBRARIES)


def test_the_page_is_current(found):
    assert outcome(found, PAGE, check=True) == 0


def test_a_page_that_is_not_current_is_named(found, tmp_path, capsys):
    path = tmp_path / "COVERAGE.md"
    assert outcome(found, path, check=True) == 4
    assert capsys.readouterr().out == "COVERAGE.md is missing: python -m parity coverage\n"
    assert outcome(found, path, check=False) == 0
    assert outcome(found, path, check=True) == 0
    path.write_text(path.read_text().replace("`factor` | exact", "`factor` | no", 1))
    assert outcome(found, path, check=True) == 4
    line = path.read_text().partition("factor` | no")[0].count("\n") + 1
    assert capsys.readouterr().out == f"COVERAGE.md is not current from line {line}: python -m parity coverage\n"


def test_every_row_agrees_with_its_library_and_is_exact_in_all_frameworks(found):
    assert problems(LIBRARIES, found) == []
    for library, row in SAID:
        off = found.agreement[library.name, row.call]
        assert off.first is None, f"{row.call} {off.said()}"
        assert off.updates >= min(50, row.until or 50)
        assert all(found.exact(row, framework) for framework in FRAMEWORKS), row.call


def test_a_row_is_compared_over_two_and_a_half_horizons():
    for _, row in SAID:
        if row.until is None:
            assert comparable(row) >= max(50, 2.5 * row.schedule.horizon), row.call
        else:
            assert row.rounds or row.note or row.until == TOTAL, f"{row.call} ends without a word"


def test_a_specification_one_update_late_is_noticed():
    for library, row in SAID:
        rates = lrs(row.schedule, comparable(row) + 1)
        assert agreement(row, rates.tolist(), library.bits).first is None
        late = rates[1:].tolist()
        if len({*rates.tolist()}) > 1:
            assert agreement(row, late, library.bits).first is not None, row.call


def test_a_planted_wrong_specification_stops_the_page(found, tmp_path, capsys):
    library = LIBRARIES[0]
    row = next(row for row in library.rows if row.of == "LinearLR")
    wrong = dataclasses.replace(row, schedule=Shift(by=1, of=row.schedule))
    off = agreement(wrong, lrs(row.schedule, comparable(wrong)).tolist(), library.bits)
    worse = dataclasses.replace(found, agreement=found.agreement | {(library.name, row.call): off})
    said = [f"PyTorch: {row.call} differs from update 0"]
    assert problems(LIBRARIES, worse) == said
    assert outcome(worse, tmp_path / "COVERAGE.md", check=False) == 4
    assert capsys.readouterr().out.splitlines() == said
    assert not (tmp_path / "COVERAGE.md").exists()


def test_a_framework_that_is_not_exact_stops_the_page(found):
    row = LIBRARIES[0].rows[0]
    worse = dataclasses.replace(
        found, first=found.first | {("torch", row.schedule.model_dump_json()): "update 3: applied ..."})
    assert f"PyTorch: {row.call} is not exact in PyTorch" in problems(LIBRARIES, worse)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_no_scheduler_is_left_out_and_none_is_made_up(found, library):
    assert unknown(library, found.names[library.name]) == []
    assert gone(library, found.names[library.name]) == []
    assert len(found.names[library.name]) >= 2


@pytest.mark.parametrize("library", INSTALLED, ids=lambda library: library.name)
def test_a_scheduler_that_the_table_does_not_know_is_named(library):
    held = dict(names(library.name))
    base = held[library.bases[0]]
    held["PlantedScheduler"] = type("PlantedScheduler", (base,), {})
    assert unknown(library, schedulers(library.name, held)) == ["PlantedScheduler"]
    del held[library.rows[0].of]
    assert gone(library, schedulers(library.name, held)) == [library.rows[0].of]


def test_an_unknown_scheduler_stops_the_page(found):
    worse = dataclasses.replace(found, names=found.names | {"keras": [*found.names["keras"], "WarmUp"]})
    assert problems(LIBRARIES, worse) == ["Keras has WarmUp, of which the table says nothing"]


def test_a_refusal_needs_a_reason_that_has_a_name():
    with pytest.raises(ValueError, match="needs a schedule or a reason, not both"):
        Row("StepLR(optimizer, 5)")
    with pytest.raises(ValueError, match="needs a schedule or a reason, not both"):
        Row("StepLR(optimizer, 5)", flat(0.4), refused="random noise")
    with pytest.raises(ValueError, match="there is no reason 'too hard'; known: a rule of its own for a metric"):
        Row("StepLR(optimizer, 5)", refused="too hard")
    with pytest.raises(ValueError, match="rounds that are written out end somewhere"):
        Row("StepLR(optimizer, 5)", flat(0.4), rounds="random noise")
    used = {reason for _, row in ROWS for reason in (row.refused, row.rounds)}
    assert used - {""} == set(REASONS)


@pytest.mark.parametrize("library", [one for one in LIBRARIES if one.name in PORTED], ids=lambda one: one.name)
def test_what_is_refused_is_not_read_and_what_is_read_is_what_is_said(library):
    read = [read_back(row, PORTED[library.name]) for row in library.rows]
    assert all(row.schedule is not None for row, one in zip(library.rows, read) if one is not None)
    assert any(one is not None for one in read)


def test_a_refusal_of_what_is_read_is_noticed():
    with pytest.raises(ReadDifferently, match=re.escape("refused here (random noise), but it is read as")):
        read_back(Row("StepLR(optimizer, 5)", refused="random noise"), "torch")
    with pytest.raises(ReadDifferently, match=re.escape("update 8 is read as 0.4, said to be 0.5")):
        read_back(Row("LinearLR(optimizer, 0.25, total_iters=8)", line(0.1, 0.5, 8)), "torch")


def test_the_page_holds_every_specification():
    held = {}
    for block in re.findall(r"```json\n(.*?)\n```", PAGE.read_text(), re.S):
        held |= json.loads(block)
    assert len(held) == len(SAID)
    for _, row in SAID:
        assert specified(held[row.call]) == row.schedule


def test_what_is_told_a_metric_is_read_as_said_and_a_patience_of_one_more_is_noticed():
    row = Row("ReduceLROnPlateau(optimizer, eps=0)", told())
    assert read_back(row, "torch") == row.schedule
    with pytest.raises(ReadDifferently, match=re.escape("is read as 0.4, said to be 0.04")):
        read_back(dataclasses.replace(row, schedule=told(patience=9)), "torch")
    assert agreement(row, lrs(told(patience=9), 110).tolist(), 64).first is not None


def test_a_schedule_is_outlined_by_its_kinds():
    assert outline(Repeat(updates=4, of=joined([2], flat(1.0), flat(2.0)))) == "repeat(sequence(constant))"


def test_too_few_rates_are_no_agreement():
    row = SAID[0][1]
    with pytest.raises(ValueError, match="50 rates are to be compared, got 49"):
        agreement(row, np.full(49, 0.4).tolist(), 64)


def test_the_numbers_of_the_page_are_those_of_its_rows(found):
    made = page(LIBRARIES, found)
    said = sum(not row.rounds for _, row in SAID)
    assert f"{said} of {len(ROWS)} rows are said in full, {100 * said / len(ROWS):.0f} %" in made
    cells = [[cell.strip() for cell in one.split("|")] for one in made.splitlines() if one.startswith("| [")]
    totals = next(one for one in made.splitlines() if one.startswith("| **all**")).split("|")
    assert [sum(int(row[at]) for row in cells) for at in range(3, 9)] == [int(totals[at]) for at in range(3, 9)]
    assert sum(made.count(f"**refused**: {reason}") for reason in REASONS) == int(totals[6])
