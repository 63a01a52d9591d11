"""Compares what the schedule editor reads from copied constructors with `port`, in node: tox -e page"""

from __future__ import annotations

import dataclasses
import json

import pytest

from frameworks.schedule import loads
from parity.port import read_text
from tests.harness.editor_constructors import ROWS, compare
from tests.harness.editor_scripts import ask_scripts, plant
from tests.harness.roundtrip.constructors import Constructor

#: How a constructor stands in a script or on a page from which it is copied.
COPIED = ["scheduler = {}", "self.a = b = {}  # halves", "lr: optim.LRScheduler = {},", "\n\n  {};\n", "return {}  # c",
          "```python\n{}\n```", "\n# it decays\n  # slowly\n  x = {}\n\n# end", "`{}`", "~~~\nx = {},;\n~~~\n", "({},)",
          "\ufeff{}", "x = (\n  {}  # c\n)"]
#: Texts that are near one of these and are refused.
NOT_COPIED = ["if = {}", "x.None = {}", "x: T = y = {}", "x == {}", "x += {}", "[{}]", "x = {}; y = 1", "x = {}\ny = 1",
              "{},,", "{};;", "return x = {}", "``{}`", "x = {}, 5", "return return {}", "x = = {}", "1 = {}", "# {}"]
STEPS = [Constructor("torch", "StepLR(optimizer, 5)", 0.4)]
#: Mistakes in python.js: a text in it, and the text in its place.
PLANTED = [('copied && next(",")', "false"), ('copied) next(";")', "false)"), ("if (copied) skipTargets();", ""),
           ('next("return") || ', ""), ('.replace(COMMENTS, "")', ""), ('.replace(FENCE, "$2")', ""),
           ("KEYWORDS.has(part)", "false"), ("!all.slice(i, place).some", "!all.slice(0, 0).some")]


def wrap(texts, cases):
    """Return each constructor as it stands in each of some texts."""
    return [dataclasses.replace(case, text=text.format(case.text)) for text in texts for case in cases]


def test_a_copied_constructor_is_read_as_by_python():
    only, both = compare(wrap(COPIED, ROWS))
    assert ["sgdr_schedule(" in case.text for case in only] == [True] * len(COPIED)
    assert both > 55 * len(COPIED)


def test_what_is_near_a_copied_constructor_is_refused_as_by_python():
    assert compare(wrap(NOT_COPIED, STEPS)) == ([], 0)


@pytest.mark.parametrize(("text", "source"), [
    ("keras.optimizers.schedules.PolynomialDecay(0.1, 10)", "tensorflow"),
    ("x = tf.keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)", "tensorflow"),
    ("torch.optim.lr_scheduler.LinearLR(optimizer)", "torch"), ("optim.lr_scheduler.LinearLR(optimizer)", "torch"),
    ("optax.exponential_decay(0.1, 10, 0.5)", "optax"), ("mx.lr_scheduler.PolyScheduler(10)", "mxnet"),
    ("optimizers.schedules.CosineDecay(0.1, 10)", "tensorflow")])
def test_the_module_names_the_library(text, source):
    rate = 0.4 if source == "torch" else None
    [answer] = ask_scripts("(...given) => readConstructor(...given)", [[text, None, rate]])
    assert answer["result"]["source"] == source
    assert loads(json.dumps(answer["result"]["schedule"])) == read_text(text, source, lr=rate).schedule


def check(folder):
    """Fail if a script reads less or more than Python."""
    assert compare(wrap(COPIED, STEPS), folder) == ([], len(COPIED))
    compare(wrap(NOT_COPIED, STEPS), folder)


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_mistake_is_caught(planted, tmp_path):
    folder = plant("python.js", *planted, tmp_path)
    with pytest.raises(AssertionError):
        check(folder)
