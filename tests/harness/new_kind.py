"""A new kind of schedule in its seven places, and the program that checks it, for tests/gate/test_adding_a_kind.py."""

from __future__ import annotations

CLASS = '''

class Fading(ScheduleModel):
    """Decreases as 1 / time, then holds its last rate.

    lr(t) = base_lr * updates / (updates + fall * min(t, updates))

    base_lr: rate. updates: updates until the last rate is reached. fall: from 0 to 4; 1 ends at half of base_lr.
    Source: made up, for tests/gate/test_adding_a_kind.py.

    >>> fading = Fading(base_lr=1.0, updates=4, fall=3.0)
    >>> fading.lr(0), fading.lr(4), fading.lr(5)
    (1.0, 0.25, 0.25)
    """

    kind: Literal["fading"] = "fading"
    base_lr: Rate
    updates: Count
    fall: Annotated[float, Strict(), Field(ge=0, le=4, allow_inf_nan=False), Number] = 1.0
    example = {"base_lr": 0.4, "updates": 20}
    formula = "base_lr * updates / (updates + fall * min(t, updates))"

    def _compute_at(self, t: int) -> float:
        return self.base_lr * self.updates / (self.updates + self.fall * min(t, self.updates))

    def _compute_over(self, t: np.ndarray) -> np.ndarray:
        return self.base_lr * self.updates / (self.updates + self.fall * np.minimum(t, self.updates))

    @property
    def horizon(self) -> int:
        return self.updates

    @property
    def largest(self) -> float:
        return self.base_lr
'''
FUNCTION = '''

@rule.register
def fading(schedule: Fading) -> Rule:
    """{0} has none."""
    return lambda t: {1}
'''
NUMBERS = "schedule.base_lr / (1 + schedule.fall * (min(t, schedule.updates) / schedule.updates))"
TENSORS = ("float64(schedule.base_lr) * schedule.updates / "
           "(schedule.updates + schedule.fall * tf.cast(tf.minimum(t, schedule.updates), tf.float64))")
IMPORT = "from frameworks.schedule import Cosine,"
EXPECTED = "    (Constant(base_lr=0.3), {0: 0.3, 1: 0.3, 10**15: 0.3}),\n"
#: By file: the old text, and the new text in its place, or at the end if the old text is empty.
PLACES = {
    "frameworks/schedule/exponential.py": [
        ("", CLASS), ("from typing import Literal", "from typing import Annotated, Literal"),
        ("from frameworks.schedule.fields import ", "from pydantic import Field, Strict\n\n"
                                                    "from frameworks.schedule.fields import Number, ")],
    "frameworks/mxnet/schedules/curves.py": [
        ("", FUNCTION.format("Gluon", NUMBERS)), (IMPORT, f"{IMPORT} Fading,")],
    "frameworks/torch/schedules/curves.py": [
        ("", FUNCTION.format("torch", NUMBERS)), (IMPORT, f"{IMPORT} Fading,")],
    "frameworks/tensorflow/schedules/curves.py": [
        ("", FUNCTION.format("Keras", TENSORS)), (IMPORT, f"{IMPORT} Fading,")],
    "parity/cases/edges.toml": [("", """
[fading]
description = "To a third, and held."
schedule = {kind = "fading", base_lr = 0.3, updates = 30, fall = 2.0}

[fading_at_once]
description = "Over after one update."
schedule = {kind = "warmup", updates = 3, then = {kind = "fading", base_lr = 0.3, updates = 1}}
""")],
    "tests/schedule/test_schedule_values.py": [
        ("    Factor,\n", "    Factor,\n    Fading,\n"),
        (EXPECTED, f"{EXPECTED}    (Fading(base_lr=0.6, updates=4, fall=2.0), {{0: 0.6, 2: 0.3, 4: 0.2, 5: 0.2}}),\n")],
    "parity/pages/guide/text/fading.md": [("", "1. **It ends too high.** It has an end.\n2. **b.** c\n3. **d.** e\n")],
}
#: Run in the copy: checks the hand-worked rates, the doctest, random schedules, the code, and a million rates.
DERIVED = """
import doctest
from frameworks.schedule import exponential
from hypothesis import given, settings
from frameworks.schedule import KINDS, lrs
from parity.gate.laws.algebra import build_strategy, schedules, simple
from parity.port.write import write_spellings
from tests.harness.benchmark import MILLION, SCHEDULES
from tests.schedule import test_schedule_values as by_hand

by_hand.test_every_kind_is_worked_by_hand()
for schedule, expected in by_hand.EXPECTED:
    if schedule.kind == "fading":
        by_hand.test_lr_is_the_hand_worked_number(schedule, expected)
(doctested,) = [test for test in doctest.DocTestFinder().find(exponential) if test.name.endswith(".Fading")]
assert doctest.DocTestRunner().run(doctested) == (0, 2)

drawn = []

@settings(max_examples=200, database=None, deadline=None, derandomize=True)
@given(build_strategy(KINDS["fading"], schedules))
def same(schedule):
    drawn.append(schedule)
    assert lrs(schedule, 60).tolist() == [schedule.lr(t) for t in range(60)]
    made = {}
    exec(write_spellings(schedule, "torch")[-1].code.split("\\n\\n\\n")[1], made)
    assert [made["lr"](t) for t in range(60)] == [schedule.lr(t) for t in range(60)]

same()
falls = [schedule.fall for schedule in drawn]
assert 0 <= min(falls) < 1 < max(falls) <= 4
(slow,) = [schedule for schedule in SCHEDULES if schedule.kind == "fading"]
assert slow.horizon == MILLION
print("derived")
"""
