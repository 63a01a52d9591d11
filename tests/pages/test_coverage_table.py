"""Checks that frameworks/COVERAGE.md is current and true, and that planted errors in it are detected."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import Repeat, Shift, lrs
from parity.pages.coverage.__main__ import update_page
from parity.pages.coverage.agree import compare_rates, count_comparable
from parity.pages.coverage.known import find_missing, find_schedulers, find_unknown
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.measured import measure
from parity.pages.coverage.metric_driven import build_plateau, read_specification
from parity.pages.coverage.page import PAGE, PORTED, build_page, find_problems, outline
from parity.pages.coverage.read_back import ReadDifferentlyError, read_back
from parity.pages.coverage.reasons import REASONS
from parity.pages.coverage.reference import FRAMEWORK, TOTAL, import_members
from parity.pages.coverage.row import Row, build_constant, build_line, join

ROWS = [(library, row) for library in LIBRARIES for row in library.rows]
SUPPORTED = [(library, row) for library, row in ROWS if row.schedule is not None]
INSTALLED = [library for library in LIBRARIES if library.name in FRAMEWORK]


@pytest.fixture(scope="module")
def results():
    return measure(LIBRARIES)


def test_the_page_is_current(results):
    assert update_page(results, PAGE, check=True) == 0


def test_a_page_that_is_not_current_is_named(results, tmp_path, capsys):
    path = tmp_path / "COVERAGE.md"
    assert update_page(results, path, check=True) == 4
    assert capsys.readouterr().out == "COVERAGE.md is missing: python -m parity coverage\n"
    assert update_page(results, path, check=False) == 0
    assert update_page(results, path, check=True) == 0
    path.write_text(path.read_text().replace("`factor` | exact", "`factor` | no", 1))
    assert update_page(results, path, check=True) == 4
    line = path.read_text().partition("factor` | no")[0].count("\n") + 1
    assert capsys.readouterr().out == f"COVERAGE.md is not current from line {line}: python -m parity coverage\n"


def test_every_row_agrees_with_its_library_and_is_exact_in_all_frameworks(results):
    assert find_problems(LIBRARIES, results) == []
    for library, row in SUPPORTED:
        off = results.agreement[library.name, row.call]
        assert off.first is None, f"{row.call} {off.describe()}"
        assert off.updates >= min(50, row.until or 50)
        assert all(results.is_exact(row, framework) for framework in FRAMEWORKS), row.call


def test_a_row_is_compared_over_two_and_a_half_horizons():
    for _, row in SUPPORTED:
        if row.until is None:
            assert count_comparable(row) >= max(50, 2.5 * row.schedule.horizon), row.call
        else:
            assert row.rounds or row.note or row.until == TOTAL, f"{row.call} ends without a note"


def test_a_specification_one_update_late_is_noticed():
    for library, row in SUPPORTED:
        rates = lrs(row.schedule, count_comparable(row) + 1)
        assert compare_rates(row, rates.tolist(), library.bits).first is None
        late = rates[1:].tolist()
        if len({*rates.tolist()}) > 1:
            assert compare_rates(row, late, library.bits).first is not None, row.call


def test_a_planted_wrong_specification_stops_the_page(results, tmp_path, capsys):
    library = LIBRARIES[0]
    row = next(row for row in library.rows if row.class_name == "LinearLR")
    wrong = dataclasses.replace(row, schedule=Shift(by=1, of=row.schedule))
    off = compare_rates(wrong, lrs(row.schedule, count_comparable(wrong)).tolist(), library.bits)
    worse = dataclasses.replace(results, agreement=results.agreement | {(library.name, row.call): off})
    expected = [f"PyTorch: {row.call} differs from update 0"]
    assert find_problems(LIBRARIES, worse) == expected
    assert update_page(worse, tmp_path / "COVERAGE.md", check=False) == 4
    assert capsys.readouterr().out.splitlines() == expected
    assert not (tmp_path / "COVERAGE.md").exists()


def test_a_framework_that_is_not_exact_stops_the_page(results):
    row = LIBRARIES[0].rows[0]
    worse = dataclasses.replace(
        results, first=results.first | {("torch", row.schedule.model_dump_json()): "update 3: applied ..."})
    assert f"PyTorch: {row.call} is not exact in PyTorch" in find_problems(LIBRARIES, worse)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_no_scheduler_is_left_out_and_none_is_made_up(results, library):
    assert find_unknown(library, results.names[library.name]) == []
    assert find_missing(library, results.names[library.name]) == []
    assert len(results.names[library.name]) >= (1 if library.name in ("megatron", "torchtitan") else 2)


@pytest.mark.parametrize("library", INSTALLED, ids=lambda library: library.name)
def test_a_scheduler_that_the_table_lacks_is_named(library):
    held = dict(import_members(library.name))
    base = held[library.bases[0]]
    held["PlantedScheduler"] = type("PlantedScheduler", (base,), {})
    assert find_unknown(library, find_schedulers(library.name, held)) == ["PlantedScheduler"]
    del held[library.rows[0].class_name]
    assert find_missing(library, find_schedulers(library.name, held)) == [library.rows[0].class_name]


def test_an_unknown_scheduler_stops_the_page(results):
    worse = dataclasses.replace(results, names=results.names | {"keras": [*results.names["keras"], "WarmUp"]})
    assert find_problems(LIBRARIES, worse) == ["Keras has WarmUp, which is not in the table"]


def test_a_refusal_needs_a_reason_that_has_a_name():
    with pytest.raises(ValueError, match="needs either a schedule or a reason"):
        Row("StepLR(optimizer, 5)")
    with pytest.raises(ValueError, match="needs either a schedule or a reason"):
        Row("StepLR(optimizer, 5)", build_constant(0.4), refused="random noise")
    with pytest.raises(ValueError, match="unknown reason 'too hard', expected one of: another rule for a metric"):
        Row("StepLR(optimizer, 5)", refused="too hard")
    with pytest.raises(ValueError, match="a schedule for some cycles only needs `until`"):
        Row("StepLR(optimizer, 5)", build_constant(0.4), rounds="random noise")
    used = {reason for _, row in ROWS for reason in (row.refused, row.rounds)}
    assert used - {""} == set(REASONS)


@pytest.mark.parametrize("library", [library for library in LIBRARIES if library.name in PORTED],
                         ids=lambda library: library.name)
def test_what_is_refused_is_not_read_and_what_is_read_is_what_is_said(library):
    read = [read_back(row, PORTED[library.name]) for row in library.rows]
    assert all(row.schedule is not None for row, schedule in zip(library.rows, read) if schedule is not None)
    assert any(schedule is not None for schedule in read)


def test_a_refusal_of_what_is_read_is_noticed():
    with pytest.raises(ReadDifferentlyError, match=re.escape("not expressible (random noise), but `port` reads")):
        read_back(Row("StepLR(optimizer, 5)", refused="random noise"), "torch")
    with pytest.raises(ReadDifferentlyError, match=re.escape("`port` reads 0.4 at update 8, the table has 0.5")):
        read_back(Row("LinearLR(optimizer, 0.25, total_iters=8)", build_line(0.1, 0.5, 8)), "torch")


def test_the_page_holds_every_specification():
    held = {}
    for block in re.findall(r"```json\n(.*?)\n```", PAGE.read_text(), re.S):
        held |= json.loads(block)
    assert len(held) == len(SUPPORTED)
    for _, row in SUPPORTED:
        assert read_specification(held[row.call]) == row.schedule


def test_what_is_told_a_metric_is_read_as_said_and_a_patience_of_one_more_is_noticed():
    row = Row("ReduceLROnPlateau(optimizer, eps=0)", build_plateau())
    assert read_back(row, "torch") == row.schedule
    with pytest.raises(ReadDifferentlyError, match=r"`port` reads 0\.4 at update \d+, the table has 0\.04"):
        read_back(dataclasses.replace(row, schedule=build_plateau(patience=9)), "torch")
    assert compare_rates(row, lrs(build_plateau(patience=9), 110).tolist(), 64).first is not None


def test_a_schedule_is_outlined_by_its_kinds():
    assert outline(Repeat(updates=4,
                          of=join([2], build_constant(1.0), build_constant(2.0)))) == "repeat(sequence(constant))"


def test_too_few_rates_do_not_agree():
    row = SUPPORTED[0][1]
    with pytest.raises(ValueError, match="expected 50 rates, got 49"):
        compare_rates(row, np.full(49, 0.4).tolist(), 64)


def test_the_numbers_of_the_page_are_those_of_its_rows(results):
    text = build_page(LIBRARIES, results)
    supported = sum(not row.rounds for _, row in SUPPORTED)
    assert f"{supported} of {len(ROWS)} rows are supported, {100 * supported / len(ROWS):.0f} %" in text
    cells = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.startswith("| [")]
    totals = next(line for line in text.splitlines() if line.startswith("| **all**")).split("|")
    assert [sum(int(row[at]) for row in cells) for at in range(3, 9)] == [int(totals[at]) for at in range(3, 9)]
    assert sum(text.count(f"**not expressible**: {reason}") for reason in REASONS) == int(totals[6])
