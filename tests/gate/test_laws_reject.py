"""Tests the laws on a back end in NumPy: a correct one passes all laws, and each mistake is detected by its law.

The gate runs the same mistakes in each framework (tox -e parity); here they take seconds.
"""

from __future__ import annotations

import dataclasses
import json
import sys

import numpy as np
import pytest

from frameworks.observation import SIZES, Observation
from frameworks.schedule import Constant, Cosine, Scale
from parity.cases import CASES
from parity.gate.laws import broken_rates, laws, rejected, run  # noqa: F401  (the first registers)
from parity.gate.laws.broken import BREAKING
from parity.gate.laws.expected import Compared, ViolationError, compute_allowed, round_rate
from parity.gate.laws.laws import FEW, UPDATES, WEIGHTS
from parity.gate.laws.rejected import SEED, find_broken_law
from parity.gate.laws.run import LAWS, count_comparisons, resume_cases, try_law
from parity.gate.laws.subject import Here, Subject
from tests.gate.gate_documents import EDGE, HIGH, LOW

#: The constants of a back end's `watched`, here those of torch.
REPORTS_NEXT, VELOCITY, FASTEST = True, False, "eager"
DTYPES, RUNS = ("float32", "float64", "float16", "bfloat16"), ("eager", "compiled")


class Watched:
    """An optimizer that applies the specified rates."""

    def __init__(self, schedule, *, multipliers=None, dtype="float32", optimizer="sgd", accumulation=1, run="eager"):
        self.schedule, self.multipliers, self.dtype = schedule, multipliers or (1.0, 1.0, 1.0), dtype
        self.optimizer, self.accumulation, self.t = optimizer, accumulation, 0

    def rate(self):
        """Return the rate of the next update."""
        return np.float32(self.schedule.lr(self.t))

    def update(self, *, overflow=False):
        """Make an update and return the rate of each weight."""
        if overflow:
            return np.zeros(WEIGHTS)
        rate = self.rate() * np.float32(2 - 2.0**-self.t if self.optimizer == "momentum" else 1)
        self.t += 1
        each = [round_rate(float(np.float32(float(rate) * by)), self.dtype) for by in self.multipliers]
        return np.repeat(each, SIZES)

    def goto(self, t):
        """Set the count."""
        self.t = t

    def read(self):
        """Do nothing."""

    def read_reported_rate(self):
        """Return the reported rate."""
        return float(self.rate())

    def save(self):
        """Return the state."""
        return json.dumps(self.t).encode()

    def load(self, saved):
        """Load a state."""
        self.t = json.loads(saved)


def subject_of(watched=Watched):
    """Return an implementation around a class of optimizers."""
    def observe(schedule, updates):
        trained = watched(schedule)
        return Observation(np.float32([trained.update() for _ in range(updates)]), np.zeros(updates))

    return Subject("torch", sys.modules[__name__], observe, watched, Here(watched))


@pytest.mark.parametrize("law", LAWS)
def test_a_right_backend_holds_every_law(law, monkeypatch):
    monkeypatch.setitem(run.PROFILES, "quick", (6, 6))
    monkeypatch.setitem(run.COMPILED, "quick", 6)
    result = try_law(law, subject_of(), 6, SEED)
    assert (result["broken"], result["examples"]) == (None, 6)
    assert result["comparisons"] + result["outside"] == count_comparisons(law, "torch", "quick")
    assert result["outside"] <= result["comparisons"]


@pytest.mark.parametrize("name", BREAKING)
def test_a_broken_backend_is_caught_by_its_law(name, monkeypatch):
    monkeypatch.setattr(rejected, "MUST_NOT", 1)  # the gate tries more
    result = find_broken_law(subject_of(), BREAKING[name])
    assert result["law"] == BREAKING[name].where, result
    assert (result["everywhere"] is not None) == (BREAKING[name].where == "resume")


class NeverZero(Watched):
    """Replaces a rate of 0 by a small one, as if 0 meant "not given"."""

    def rate(self):
        """Return the rate, never 0."""
        return super().rate() or np.float32(1e-3)


class SecondIgnored(Watched):
    """Makes an update at a read of every second optimizer."""

    made = 0

    def __init__(self, schedule, **options):
        super().__init__(schedule, **options)
        SecondIgnored.made += 1
        self.second = SecondIgnored.made % 2 == 0

    def read(self):
        """Make an update if this is a second optimizer."""
        self.t += self.second


GIVEN = {"applied": (), "random_access": ([0, 1, 9, 2, 0, 30],), "reading": ([True] * FEW,), "resume": (3,),
         "resume_everywhere": (5,), "multipliers": ((1.0, 0.5, 2.0),), "dtypes": ("float16",), "adam": (),
         "momentum": (), "accumulation": (2,), "skipping": ([False, True] * (FEW // 2),), "runs": ("compiled",)}


@pytest.mark.parametrize("schedule", [Constant(base_lr=0.0), Cosine(base_lr=0.5, updates=4)], ids=["always", "from 4"])
@pytest.mark.parametrize("law", GIVEN)
def test_a_rate_of_0_is_compared(law, schedule):
    """Every law detects a back end that replaces only rates of 0."""
    right = getattr(laws, law)(subject_of(), schedule, *GIVEN[law])
    assert (right.outside, right.rates > 0) == (0, True)
    with pytest.raises(ViolationError):
        getattr(laws, law)(subject_of(NeverZero), schedule, *GIVEN[law])


def test_both_optimizers_are_read():
    with pytest.raises(ViolationError, match="read"):
        laws.reading(subject_of(SecondIgnored), Cosine(base_lr=0.5, updates=9), [True] * FEW)


@pytest.mark.parametrize(("weights", "updates"), [(WEIGHTS - 1, UPDATES), (WEIGHTS, UPDATES - 1), (WEIGHTS, 0)])
def test_fewer_rates_than_requested_are_a_violation(weights, updates):
    def observe(schedule, n):
        return Observation(np.full((updates, weights), 0.5, np.float32), np.full(updates, 0.5))

    with pytest.raises(ViolationError, match=r"rates of shape"):
        laws.applied(dataclasses.replace(subject_of(), observe=observe), Constant(base_lr=0.5))


@pytest.mark.parametrize("law", ["resume", "resume_everywhere"])
def test_fewer_resumed_updates_are_a_violation(law):
    class Few(Here):
        def resume(self, schedule, saves, updates):
            rates = super().resume(schedule, saves, updates)
            return rates[:, :-1] if len(saves) == 1 else rates[:-1]

    with pytest.raises(ViolationError, match=r"updates, not"):
        getattr(laws, law)(dataclasses.replace(subject_of(), elsewhere=Few(Watched)), Constant(base_lr=0.5), 5)


def test_a_case_that_does_not_resume_is_named(monkeypatch):
    monkeypatch.setattr(run, "CASES", {name: CASES[name] for name in ("constant", "warmup_cosine")})
    wrong = BREAKING["resumes_one_late"].make(Watched)
    assert resume_cases(subject_of(), 3) == {name: {"comparisons": 33, "outside": 0} for name in run.CASES}
    result = resume_cases(dataclasses.replace(subject_of(), elsewhere=Here(wrong)), 3)
    assert result["constant"] == {"comparisons": 33, "outside": 0}
    assert result["warmup_cosine"]["broken"] == "resumed there: update 0 applied [0.05999999865889549], not [0.0]"


@pytest.mark.parametrize(("when_used", "update"), [(False, 3), (True, 1)])
def test_new_and_used_optimizers_load_every_state(when_used, update):
    class Wrong(Watched):
        def load(self, saved):
            if (self.t > 0) == when_used:
                super().load(saved)

    subject = dataclasses.replace(subject_of(), elsewhere=Here(Wrong))
    with pytest.raises(ViolationError, match=f"resumed there: update {update} applied"):
        laws.resume_everywhere(subject, CASES["warmup_cosine"].schedule, 12)


@pytest.mark.parametrize(("schedule", "t", "rates"), [
    (Constant(base_lr=0.0), 7, [0.0]), (Constant(base_lr=1e-39), 7, []), (Constant(base_lr=2.0**-126), 0, [2.0**-126]),
    (EDGE, 3, [float(LOW), float(HIGH)]), (Scale(by=0.5, of=Constant(base_lr=0.5)), 2**53, [0.25]),
    (Cosine(base_lr=1.0, updates=2), 1, [0.5]), (Cosine(base_lr=1.0, updates=2), 2, [0.0, 2.0**-50])])
def test_the_contract_allows(schedule, t, rates):
    assert compute_allowed(schedule, t) == rates


def test_counts_are_added():
    assert Compared(3, 5) + Compared(40, 60) == Compared(43, 65)
