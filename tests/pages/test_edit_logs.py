"""Compares what the schedule editor reads from logs with `explain`, in node (Debian's nodejs): tox -e page"""

from __future__ import annotations

import io
import json
import random
import re

import numpy as np
import pytest

from frameworks.schedule import lrs
from frameworks.schedule.union import build_examples
from parity.explain.logs.rates import LogOptions
from parity.explain.logs.tables import read_csv, read_json_lines
from parity.mistakes.search.pair import Pair
from parity.mistakes.search.subject import Subject, UnreadableError
from parity.pages.edit.command import HERE
from tests.harness.editor_scripts import ask_scripts, plant

READ_IT = """(text, schedule) => {
  if (!isLog(text)) refuse("no log");
  const log = readLog(text), {rates, digits, unit} = log;
  return {rates: Array.from(rates, rate => Number.isNaN(rate) ? null : rate), digits, unit,
    compared: compareLog(log, build(completed(schedule)).lr)};
}"""
#: Mistakes in the script: a text in it, and the text in its place.
PLANTED = [("most <= 6", "most <= 5"), ("num_update: 1", "num_update: 0"), ("least > 2", "least > 7"),
           ("t <= last", "t < last"), ("unit / 2", "0"), ("(digits - 1)) / 2", "digits)"),
           ("Math.fround(lr(t))", "lr(t)"), ("first === null &&", "false &&")]


def write_logs(number):
    """Return random logs as texts, each with a schedule, some of whose rates it has; always the same."""
    chance, logs = random.Random(20), []
    for index in range(number):
        schedule = chance.choice(list(build_examples().values()))
        count = chance.choice(["t", "step", "num_update", "global_step", None])
        rate = chance.choice(["lr", "learning_rate"])
        first = {"t": 0, "num_update": 1, None: 0}.get(count, chance.choice([0, 1]))
        form = chance.choice([repr, str, "{:.4g}".format, "{:.6f}".format, "{:.3e}".format, "{:.8f}".format])
        rates = lrs(schedule, chance.choice([1, 2, 9, 40])).astype(np.float32 if index % 2 else np.float64).tolist()
        if chance.random() < 0.3:
            rates[chance.randrange(len(rates))] *= 1 + 10.0 ** -chance.randrange(1, 8)
        rows = [(t + first, form(value)) for t, value in enumerate(rates)
                if count is None or t < 2 or chance.random() < 0.8]
        if index % 3:
            head = [rate] if count is None else [count, rate]
            head, end = (head, "") if index % 9 != 1 else ([*head, "time (s)"], ",2")
            cells = (value if count is None else f"{t},{value}" for t, value in rows)
            text = "\n".join([",".join(head), *(f"{line}{end}" for line in cells)])
        elif count is None:
            text = "\n".join(str(float(value)) for _, value in rows)
        else:
            text = "\n".join(json.dumps({count: t, rate: float(value)}) for t, value in rows)
        logs.append((text, schedule))
    return logs


def mutate(logs):
    """Return logs in which a few characters were removed, replaced or inserted."""
    chance, changed = random.Random(20), []
    for text, schedule in logs:
        letters = list(text)
        for _ in range(chance.choice((1, 2))):
            place = chance.randrange(len(letters))
            letter = chance.choice("0123456789.,-+eE {}:lrt\n")
            letters[place:place + chance.randrange(2)] = letter * chance.randrange(2)
        changed.append(("".join(letters), schedule))
    return changed


def compare(logs, folder=HERE):
    """Return how many logs both read, and how many only Python; fail where both differ."""
    questions = [[text.strip(), schedule.model_dump(mode="json")] for text, schedule in logs]
    answers = ask_scripts(READ_IT, questions, folder)
    both, only = 0, 0
    for (text, schedule), answer in zip(logs, answers):
        is_json = re.match(r"\{|-?[\d.]+\s*$", text.strip().partition("\n")[0])
        reader = read_json_lines if is_json else read_csv
        try:
            subject = reader("log", io.StringIO(text.strip(), newline=""), LogOptions())
        except (UnreadableError, OverflowError):
            assert "refused" in answer, text
            continue
        if "refused" in answer:
            only += 1
            continue
        result = answer["result"]
        rates = np.array([np.nan if rate is None else rate for rate in result["rates"]], np.float32)
        assert (result["digits"], result["unit"]) == (subject.digits, pytest.approx(subject.unit, rel=1e-12)), text
        assert np.array_equal(rates, subject.logged, equal_nan=True), text
        pair = Pair(Subject("schedule", schedule=schedule), subject, len(subject.logged))
        first = int(pair.differing[0]) if len(pair.differing) else None
        counted = {"compared": len(pair.compared), "differing": len(pair.differing), "first": first}
        assert result["compared"] == counted, text
        both += 1
    return both, only


def test_logs_are_read_and_compared_as_by_python():
    both, only = compare(write_logs(400))
    assert only == 0
    assert both > 380


def test_mutated_logs_are_refused_or_read_as_by_python():
    both, only = compare(mutate(write_logs(1200)))
    assert both > 250
    assert only < 40


@pytest.mark.parametrize(("text", "planted"), PLANTED)
def test_a_planted_mistake_is_caught(text, planted, tmp_path):
    folder = plant("log.js", text, planted, tmp_path)
    extra = [("step,lr\n5,0.1", build_examples()["cosine"]), ("t,lr\n1,0.1\n1,0.1", build_examples()["cosine"])]
    with pytest.raises(AssertionError):
        compare([*write_logs(400), *extra], folder)


@pytest.mark.parametrize(("build", "message"), [
    ("'lr\\n' + '1'.repeat(1e6) + 'x'", "line 2: lr must be a number"),
    ("JSON.stringify({...Object.fromEntries(Array(20000).fill().map((_, i) => ['k' + i, i])), lr: 0.1})",
     "this page reads logs of at most 1,000 columns"),
    ("JSON.stringify({__proto__: null, ['__proto__']: 1, lr: 0.1})", "the column __proto__ is not understood")])
def test_a_hostile_log_is_refused_at_once(build, message):
    """A pattern or a search that takes time in the square of the length would take minutes."""
    [answer] = ask_scripts("text => readLog(eval(text))", [[build]])
    assert answer["refused"].startswith(message)
