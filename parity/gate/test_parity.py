"""Every back end applies the specified rates, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.blocks import extract_block, replace_block
from frameworks.chapter import EPOCH
from frameworks.schedule.union import ADAPTER, KINDS
from frameworks.whole_files import replace_whole
from parity.cases import CASES
from parity.gate.laws.expected import Compared
from parity.gate.plan import build_plan, find_differences
from parity.gate.table import BEGIN, END, PAGE, README, Measured, build_cases_page, build_summary
from parity.measuring.compare import compare
from parity.measuring.measure import read_applied_rates
from parity.measuring.processes import MeasurementError
from parity.mistakes.search.failed import describe_failure


def document(runs, kind, framework):
    """Return the document of one process; fail, with the package to install, if a framework is missing."""
    try:
        return runs[kind][framework].result()
    except MeasurementError as error:
        pytest.fail(str(error), pytrace=False)


def find_result(results, schedule):
    """Return the result of a schedule in a document."""
    return next(result for result in results["specifications"]
                if ADAPTER.validate_python(result["schedule"]) == schedule)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", CASES)
def test_applied_rates(name, framework, runs, measured, ledger):
    """Compare the applied, reported and specified rates of a case, and the built-in classes that computed them."""
    case = CASES[name]
    result = find_result(document(runs, "measure", framework), case.schedule)
    applied = read_applied_rates(result)
    assert applied.shape == (max(case.updates, result["updates"]), 3)
    comparison = compare(case.schedule, applied[:case.updates])
    measured[name, framework] = Measured(comparison, tuple(result["built_in"]))
    ledger[framework, "case", name] = Compared(comparison.updates * applied.shape[1])
    if comparison.first is not None:
        wrong = applied[:case.updates, comparison.first.parameter]
        pytest.fail("\n".join([f"{name} in {framework}, {comparison.first}",
                               *describe_failure(f"{name}-{framework}", case.schedule, wrong)]), pytrace=False)
    assert comparison.updates == case.updates >= max(50, 2.5 * case.schedule.horizon)
    assert comparison.edges == comparison.outside == 0
    reported = np.array(result["reported"]).astype(np.float32)
    assert (reported == applied[:, 0]).all(), "the framework reports another rate than it applies"
    assert list(result["built_in"]) == case.built_in.get(framework, [])


def test_cases_are_complete():
    """Check that the cases contain every kind of schedule."""
    assert len(CASES) >= 30
    text = "".join(case.schedule.model_dump_json() for case in CASES.values())
    assert not [kind for kind in KINDS if f'"kind":"{kind}"' not in text]


def test_book_cases_have_the_measured_numbers():
    """Compare the specified rates of the book's optimizers with those worked by hand from the chapter's code.

    They are float64 rates of the specifications, not applied ones, compared to the digits that were worked.
    """
    book = {name.removeprefix("book_"): case.schedule for name, case in CASES.items() if name.startswith("book_")}
    assert len(book) == 15
    assert book["gluon_square_root"].lr(7049) == pytest.approx(0.1 / 7051**0.5)
    late = [book["torch_square_root"].lr(epoch * EPOCH) for epoch in (0, 1, 2)]
    assert late == pytest.approx([0.1, 0.1, 0.1 / 2**0.5])
    assert [book["gluon_multi_factor"].lr(t) for t in (0, 29, 30, 7049)] == [0.25, 0.25, 0.125, 0.125]
    assert [book["tensorflow_multi_factor"].lr(epoch * EPOCH) for epoch in (14, 15, 29)] == [0.25, 0.125, 0.125]
    assert [book["gluon_cosine"].lr(t) for t in (18, 19, 20)] == pytest.approx([0.0117852, 0.01, 0.01])
    assert [book["torch_warmup"].lr(epoch * EPOCH) for epoch in (0, 1, 2)] == pytest.approx([0.3, 0, 0.06])
    assert [book["tensorflow_warmup"].lr(epoch * EPOCH) for epoch in (0, 1, 5)] == pytest.approx([0, 0.06, 0.3])
    assert [book["gluon_warmup"].lr(t) for t in (0, 4, 19)] == pytest.approx([0.06, 0.3, 0.01])


def test_ledger_is_even(ledger, profile):
    """Check that every planned rate was compared. Runs near the end."""
    assert find_differences(build_plan(profile), ledger) == []


def test_readme_table_is_current(measured, request):
    """Compare the README's sentence and parity/CASES.md with this run; `--write-table` writes both."""
    if len(measured) < len(CASES) * len(FRAMEWORKS):
        pytest.fail("run the whole gate to check the table")
    text, sentence, page = README.read_text(encoding="utf-8"), build_summary(measured), build_cases_page(measured)
    if request.config.getoption("--write-table"):
        replace_whole({README: replace_block(text, sentence, BEGIN, END).encode(), PAGE: page.encode()})
    else:
        assert extract_block(text, BEGIN, END) == sentence, "not current; run: tox -e parity -- --write-table"
        assert PAGE.read_text(encoding="utf-8") == page, "not current; run: tox -e parity -- --write-table"
