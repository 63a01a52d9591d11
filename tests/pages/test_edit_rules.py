"""Checks what the schedule editor accepts and writes, in headless Chromium: tox -e page"""

from __future__ import annotations

import json

import hypothesis
import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import SpecificationError, loads
from frameworks.schedule.union import KINDS, build_examples
from parity.cases import CASES
from parity.gate.laws.algebra import schedules
from parity.port.write import write_spellings
from tests.harness.editor import build_hash, read_texts

COSINE = {"kind": "cosine", "base_lr": 0.3, "updates": 20}
#: Schedules that break one rule each, and the field that both the page and Python name.
REFUSED = [
    ({"kind": ["cosine"], "base_lr": 0.3, "updates": 10}, "kind"),
    ({**COSINE, "base_lr": -1}, "base_lr"), ({**COSINE, "updates": 1.5}, "updates"),
    ({**COSINE, "updates": True}, "updates"), ({**COSINE, "base_lr": "1"}, "base_lr"),
    ({**COSINE, "updates": 0}, "updates"), ({**COSINE, "base_lr": 1e38}, "base_lr"), ({**COSINE, "x": 1}, "x"),
    ({"kind": "cosine", "base_lr": 0.3}, "updates"), ({"kind": "cosin"}, "kind"), ({}, "kind"),
    ({"kind": "factor", "base_lr": 0.1, "factor": 0.5, "min_lr": 0.2}, "min_lr"),
    ({"kind": "factor", "base_lr": 0.1, "factor": 0}, "factor"),
    ({"kind": "multi_factor", "base_lr": 0.1, "factor": 0.5, "milestones": [5, 5]}, "milestones"),
    ({"kind": "multi_factor", "base_lr": 0.1, "factor": 0.5, "milestones": []}, "milestones"),
    ({"kind": "multi_factor", "base_lr": 0.1, "factor": 0.5, "milestones": [3, "5"]}, "milestones[1]"),
    ({"kind": "exponential", "base_lr": 0.1, "factor": 2, "updates": 5}, "factor"),
    ({"kind": "exponential", "base_lr": 0.1, "max_lr": 0.05, "factor": 2, "updates": 5}, "max_lr"),
    ({"kind": "exponential", "base_lr": 1e-38, "max_lr": 1, "factor": 2, "updates": 5}, "factor"),
    ({"kind": "annealing", "shape": "exponential", "base_lr": 0.1, "updates": 5}, "final_lr"),
    ({"kind": "annealing", "shape": "exponential", "base_lr": 1, "final_lr": 1, "power": 2, "updates": 5}, "power"),
    ({"kind": "annealing", "shape": "sine", "base_lr": 0.1, "updates": 5}, "shape"),
    ({"kind": "cosine_restarts", "base_lr": 0.1, "updates": 5, "warmup": 5}, "warmup"),
    ({"kind": "warmup", "updates": 5, "mode": "polynomial", "then": COSINE}, "power"),
    ({"kind": "warmup", "updates": 5, "power": 2, "then": COSINE}, "power"),
    ({"kind": "warmup", "updates": 5, "then": {**COSINE, "updates": 0}}, "then.updates"),
    ({"kind": "sequence", "parts": [COSINE], "boundaries": [5]}, "boundaries"),
    ({"kind": "sequence", "parts": [COSINE, 5], "boundaries": [5]}, "parts[1]"),
    ({"kind": "piecewise", "values": [0.1], "boundaries": [5]}, "boundaries"),
    ({"kind": "interpolated", "points": [[5, 0.1], [5, 0.2]]}, "points"),
    ({"kind": "interpolated", "points": [[5, 0.1, 1]]}, "points[0]"),
    ({"kind": "clamp", "min_lr": 0.2, "max_lr": 0.1, "of": COSINE}, "max_lr"),
    ({"kind": "one_cycle", "base_lr": 0, "peak_lr": 1, "rise": 5, "updates": 10, "phases": 3}, "updates"),
    ({"kind": "wsd", "base_lr": 1, "warmup": 2**53, "stable": 1, "decay": 1}, "stable"),
    ({"kind": "wsd", "base_lr": 1, "warmup": 1, "stable": 1, "decay": 1, "tail": "exponential"}, "final_lr"),
    ({"kind": "cyclic", "low": 0.2, "high": 0.1, "up": 5}, "high"),
    ({"kind": "cyclic", "low": 0, "high": 0.1, "up": 5, "gamma": 0.5}, "gamma"),
    ({"kind": "cyclic", "low": 0, "high": 0.1, "up": 2**53}, "down"),
    ({"kind": "scale", "by": 1e37, "of": {"kind": "constant", "base_lr": 10}}, ""),
    (json.loads('{"kind": "shift", "by": 1, "of": ' * 64 + json.dumps(COSINE) + "}" * 64), ""),
    ({"kind": "__proto__"}, "kind"), ({"kind": "constructor"}, "kind"), ({**COSINE, "constructor": 1}, "constructor"),
]


def test_mistakes_are_refused_as_in_python(editor):
    """Tests that both name the same field, and it alone."""
    driver = editor()
    for schedule, path in REFUSED:
        mistakes = driver.execute_script("return check(arguments[0]).mistakes", schedule)
        with pytest.raises(SpecificationError) as refused:
            loads(json.dumps(schedule))
        for lines, start in ((mistakes, ""), (refused.value.mistakes, "text: ")):
            assert len(lines) == 1, (schedule, lines)
            assert not path or lines[0].startswith(f"{start}{path}: "), (path, lines)


def test_every_mistake_is_reported_at_once(editor):
    wrong = {"kind": "warmup", "updates": 0, "then": {"kind": "cosine", "base_lr": -1, "x": 1}}
    mistakes = editor().execute_script("return check(arguments[0]).mistakes", wrong)
    assert sorted(line.split(":")[0] for line in mistakes) == ["then.base_lr", "then.updates", "then.x", "updates"]


def test_the_page_accepts_and_writes_what_python_does(editor):
    """Tests every case and random schedules: the JSON and the Python constructor are of the same schedule."""
    driver, known = editor(), {model.__name__: model for model in KINDS.values()}

    def ask(schedule):
        mistakes, text, constructor = driver.execute_script(
            "const {schedule, mistakes} = check(arguments[0]);"
            "return [mistakes, schedule && jsonOf(schedule), schedule && pythonOf(schedule, new Set())]",
            schedule.model_dump(mode="json", exclude_none=True))
        assert mistakes == []
        assert loads(text) == eval(constructor, {**known}) == schedule

    for case in CASES.values():
        ask(case.schedule)
    hypothesis.seed(20)(hypothesis.settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(
        hypothesis.HealthCheck))(hypothesis.given(schedules)(ask)))()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_code_runs(framework, editor):
    """Tests the code of every kind with its framework."""
    import keras
    import torch
    from mxnet import gluon

    driver = editor(build_hash(CASES["cosine"].schedule))
    assert read_texts(driver, "#card-A .code") == [write_spellings(CASES["cosine"].schedule, "torch")[-1].code]
    for schedule in build_examples().values():
        code = driver.execute_script("return codeOf(check(arguments[0]).schedule, arguments[1])",
                                     schedule.model_dump(mode="json", exclude_none=True), framework)
        net = gluon.nn.Dense(1, in_units=1)
        net.initialize()
        names = {"optimizer": torch.optim.SGD([torch.zeros(1, requires_grad=True)]), "keras": keras, "gluon": gluon,
                 "net": net}
        exec(code, names)
        assert names["schedule"] == schedule
