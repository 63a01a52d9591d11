"""Compares the code that the schedule editor writes with that of `port`, in node (Debian's nodejs): tox -e page"""

from __future__ import annotations

import ast
import re

import hypothesis
import numpy as np
import pytest

from frameworks.schedule.union import KINDS, build_examples
from parity.cases import CASES
from parity.gate.laws.algebra import schedules
from parity.pages.coverage.torch_rows import LIBRARY
from parity.pages.edit.code_document import build_tree
from parity.pages.edit.command import HERE
from parity.port.write import TARGETS, write_spellings
from tests.harness.editor_scripts import ask_scripts, plant
from tests.harness.roundtrip.constructors import written

#: Every case and kind, and what the classes of torch apply: chains, and cycles up and down.
ALL = [*(case.schedule for case in CASES.values()), *build_examples().values(),
       *(row.schedule for row in LIBRARY.rows if getattr(row.schedule, "kind", None) in KINDS)]
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]\d+)?")
#: Mistakes in the scripts: the file, a text in it, and the text in its place.
PLANTED = [
    ("write.js", "plus(t, -start), 0)", "plus(t, start), 0)"),
    ("write.js", 'kind === "+" && left.value === 0', "false"),
    ("write.js", "turn(e, 25)", "turn(e, 24)"), ("built_in.js", "s.updates === 2 * down.updates", "!s.updates"),
    ("built_in.js", "t * updates - 1", "t * updates"),
    ("built_in.js", 'early ? "" : "A Trainer', '!early ? "" : "A Trainer'),
    ("python.js", "size < -4 ||", "size < -7 ||"),
]


def draw(number):
    """Return random schedules, always the same."""
    drawn = []

    @hypothesis.seed(20)
    @hypothesis.settings(max_examples=number, deadline=None, database=None, phases=[hypothesis.Phase.generate],
                         suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(schedules | written)
    def collect(schedule):
        drawn.append(schedule)

    collect()
    return drawn


def compare(every, folder=HERE):
    """Return how many texts are compared and how many have a number that differs in its last digit; fail for others."""
    asked = [(schedule, target) for schedule in every for target in TARGETS]
    answers = ask_scripts("(schedule, target) => spellingsOf(completed(schedule), target)", [
        [schedule.model_dump(mode="json", exclude_none=True), target] for schedule, target in asked], folder)
    texts, near = 0, 0
    for (schedule, target), answer in zip(asked, answers):
        *native, exact = write_spellings(schedule, target)
        assert answer["result"]["exact"] == exact.code
        found = answer["result"]["built_in"]
        assert (found is None) == (not native), (schedule, target)
        texts += 1 + len(native)
        for spelling in native:
            assert found["note"] == spelling.note
            near += found["code"] != spelling.code
            assert _NUMBER.sub("0", found["code"]) == _NUMBER.sub("0", spelling.code)
            for ours, theirs in zip(_NUMBER.findall(found["code"]), _NUMBER.findall(spelling.code)):
                assert abs(float(ours) - float(theirs)) <= 2 * np.spacing(float(theirs)), (ours, theirs)
    return texts, near


def test_the_code_of_every_case_and_kind_is_that_of_python():
    assert {schedule.kind for schedule in ALL} == set(KINDS)
    texts, near = compare(ALL)
    assert texts > 4 * len(ALL)
    assert near == 0


def test_the_code_of_random_schedules_is_that_of_python():
    """Tests that only a root, as of a gamma, may differ in the last digit of a number."""
    texts, near = compare(draw(400))
    assert texts > 2000
    assert near <= 3


@pytest.mark.parametrize(("file", "text", "planted"), PLANTED)
def test_a_planted_mistake_is_caught(file, text, planted, tmp_path):
    folder = plant(file, text, planted, tmp_path)
    with pytest.raises(AssertionError):
        compare(ALL, folder)


def test_a_formula_with_another_operation_is_refused():
    with pytest.raises(TypeError, match="a formula has no lr\\[0\\]"):
        build_tree(ast.parse("lr[0]", mode="eval").body)
