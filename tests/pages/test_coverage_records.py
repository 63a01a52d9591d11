"""Checks the recorded rates of other libraries' schedulers, and that a wrong specification is detected."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pytest

from frameworks.schedule import Shift
from parity.pages.coverage import measured
from parity.pages.coverage.agree import compare_rates
from parity.pages.coverage.libraries import LIBRARIES
from parity.pages.coverage.measured import CoverageError
from parity.pages.coverage.metric_driven import MetricDriven
from parity.pages.coverage.record import find_differences, format_record
from parity.pages.coverage.reference import FRAMEWORK


class Early(MetricDriven):
    """Receives each metric one update too early."""

    def _compute_over(self, t):
        return super()._compute_over(t + 1)


def test_a_specification_one_update_early_is_noticed_by_what_the_library_did():
    noticed = 0
    for library in LIBRARIES:
        rates = {} if library.name in FRAMEWORK else measured.record(library)["rates"]
        for row in (row for row in library.rows if row.call in rates):
            shifted = Early(plateau=row.schedule.plateau) if isinstance(row.schedule, MetricDriven) else (
                Shift(by=1, of=row.schedule))
            early = dataclasses.replace(row, schedule=shifted, until=len(rates[row.call]))
            off = compare_rates(early, rates[row.call], library.bits)
            assert (off.first is None) == (len({*rates[row.call]}) == 1), row.call
            noticed += off.first is not None
    assert noticed > 80


def test_a_record_is_written_as_it_is_read_and_says_what_is_not_current():
    record = {"made by": "x", "version": "1", "names": ["a"], "rates": {"f(1)": [0.1, 1e-17], "g('2')": [0.2]}}
    assert json.loads(format_record(record)) == record
    assert find_differences(record, record, 64) == []
    other = record | {"rates": {"f(1)": [0.1, 1e-9], "h()": [0.2]}}
    assert find_differences(record, other, 64) == ["f(1)", "g('2')", "h()"]
    assert find_differences(record, other, 32) == ["g('2')", "h()"]


def test_missing_records_are_reported(tmp_path, monkeypatch):
    library = next(library for library in LIBRARIES if library.name == "fvcore")
    monkeypatch.setattr(measured, "RECORDED", tmp_path)
    with pytest.raises(CoverageError, match=re.escape("not recorded: python -m parity coverage-record fvcore")):
        measured.record(library)


def test_every_record_has_all_rows_and_no_other():
    for library in LIBRARIES:
        if library.name not in FRAMEWORK:
            record = measured.record(library)
            assert set(record["rates"]) == {row.call for row in library.rows if row.schedule is not None}
            assert record["made by"] == f"python -m parity coverage-record {library.name}"


def test_a_gluoncv_drop_is_one_update_early():
    """By hand: its step_iter is compared with num_update, which is 1 at the first update."""
    rates = measured.record(next(library for library in LIBRARIES if library.name == "gluoncv"))["rates"]
    (steps,) = (values for call, values in rates.items() if "'step'" in call)
    assert [steps[t] for t in (3, 4, 10, 11)] == [np.float32(0.4), np.float32(0.2), np.float32(0.2), np.float32(0.1)]


def test_paddle_looks_at_no_metric_in_a_cooldown():
    library = next(library for library in LIBRARIES if library.name == "paddle")
    (row,) = (row for row in library.rows if row.class_name == "ReduceOnPlateau" and "cooldown" in row.call)
    watches = MetricDriven(plateau=row.schedule.plateau.model_copy(update={"in_cooldown": "watch"}))
    rates = measured.record(library)["rates"][row.call]
    assert compare_rates(row, rates, 64).ulp == 0
    assert compare_rates(dataclasses.replace(row, schedule=watches), rates, 64).first is not None
