"""Tests that the table of versions is as measured, and that a wrong rate is reported. `tox -e versions` makes it."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks.blocks import extract_block
from frameworks.observation import format_bits
from frameworks.schedule import lrs
from parity.cases import CASES
from tests.harness.versions.__main__ import BEGIN, END, PAGES, compare_with_record
from tests.harness.versions.measuring import compare_cases
from tests.harness.versions.rows import Row, build_summary, read_measured, read_rows


@pytest.mark.parametrize(("page", "layout"), PAGES.items(), ids=["README", "requirements"])
def test_the_pages_have_the_measured_tables(page, layout):
    assert extract_block(page.read_text(), BEGIN, END) == layout(read_measured())


def test_the_summary_has_the_fewest_schedules_of_a_framework():
    measured = read_measured()
    worse = {name: {**seen, "differences": ["cosine", "factor"] if name.startswith("mxnet==1.6") else []}
             for name, seen in measured.items()}
    assert build_summary(worse).splitlines()[-1].endswith(f"| {len(CASES) - 2} of {len(CASES)} |")


def test_every_row_is_measured_over_today_s_cases():
    measured = read_measured()
    assert {row.name for row in read_rows()} == set(measured)
    assert len(measured) >= 20
    updates = {row.name: row.planned_updates for row in read_rows()}
    for name, seen in measured.items():
        assert seen["cases"] == len(CASES), name
        assert seen["updates"] == updates[name], name


def test_a_difference_is_explained():
    """A row with any difference has a note."""
    for row in read_rows():
        seen = read_measured()[row.name]
        if seen["differences"] or seen["misreported"] or (seen["laws"] or {}).get("broken"):
            assert row.note, row.name


@pytest.fixture
def document():
    """Return the output of `python -m parity measure` for the fixed cases, computed from the specification."""
    results = []
    longest = {case.schedule: case for case in sorted(CASES.values(), key=lambda case: case.updates)}
    for case in longest.values():
        rates = lrs(case.schedule, case.updates).astype(np.float32)
        results.append({"schedule": case.schedule.model_dump(mode="json"),
                        "bits": [format_bits(rate) for rate in rates],
                        "reported": rates.tolist(), "differing": [], "parameters": [[1]],
                        "built_in": case.built_in.get("torch", [])})
    return {"specifications": results}


def test_a_wrong_rate_is_seen(document):
    right = compare_cases("torch", document)
    assert (right["differences"], right["misreported"], right["built_in"]) == ([], [], {})
    names = list(CASES)[:3]
    first, second, third = (next(
        result for result in document["specifications"]
        if result["schedule"] == CASES[name].schedule.model_dump(mode="json")) for name in names)
    first["bits"][7] = format_bits(np.nextafter(np.float32(0.3), np.float32(1)))
    second["reported"][0] = 0.0
    third["built_in"] = ["PolyLR"]
    wrong = compare_cases("torch", document)
    assert names[0] in wrong["differences"]
    assert names[1] in wrong["misreported"]
    assert wrong["built_in"][names[2]] == "PolyLR"


def test_another_result_than_the_recorded_one_is_seen(capsys):
    row, recorded = next((row, seen) for row in read_rows() if (seen := read_measured()[row.name])["laws"])
    assert compare_with_record(row, recorded, recorded) == 0
    assert compare_with_record(row, {**recorded, "differences": ["cosine"]}, recorded) == 4
    assert capsys.readouterr().err == f"{row.name}: differences: recorded [], measured ['cosine']\n"
    laws = {**recorded["laws"], "broken": ["adam"], "found": "a schedule"}
    assert compare_with_record(row, {**recorded, "laws": laws}, recorded) == 4
    assert compare_with_record(Row("torch", "3.9", ("torch==1",)), recorded, None) == 4
