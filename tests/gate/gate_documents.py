"""Computes in NumPy the documents that a correct back end prints for the gate; for test_gate_rejects.py."""

from __future__ import annotations

import copy
from functools import cache

import numpy as np

from frameworks.observation import SIZES, Observation, format_bits
from frameworks.schedule import Constant, Cosine, Factor, lrs
from parity.cases import CASES, Case
from parity.cases import groups as group_cases
from parity.cases.plateau import CASES as PLATEAU
from parity.gate import test_groups, test_plateau
from parity.gate.groups_rules import compute_expected_weights
from parity.gate.laws.run import count_examples
from parity.gate.training.passes import SEEDS32, UPDATES, UPDATES32, build_schedules, pack_arrays
from parity.measuring.measure import describe_observation

NAME, FRAMEWORK = "warmup_cosine", "torch"
#: A rate 4 * 2^-53 below the middle between two float32 numbers: the contract allows both.
LOW, HIGH = np.float32(0.3), np.nextafter(np.float32(0.3), np.float32(1))
EDGE = Constant(base_lr=(float(LOW) + float(HIGH)) / 2 * (1 - 4 * 2.0**-53))
#: The updates after which a mistake is visible.
SHOWS_AT = 7


def build_case(schedule, updates=50):
    return Case(description="planted", schedule=schedule, updates=updates)


#: Cases that only the tests use.
PLANTED = {"edge": build_case(EDGE), "vanishing": build_case(Factor(base_lr=1.0, factor=0.5), 130)}


def build_specification(name, schedule, updates, built_in=()):
    rates = lrs(schedule, updates).astype(np.float32)
    seen = Observation(np.repeat(rates[:, None], sum(SIZES), axis=1), rates.astype(np.float64))
    return describe_observation(name, schedule, seen) | {"built_in": list(built_in)}


def measure(name=NAME):
    asked = (CASES | PLANTED)[name]
    found = build_specification(name, asked.schedule, asked.updates, asked.built_in.get(FRAMEWORK, []))
    return {"specifications": [found]}


def build_vectors():
    """Return the first 30 rates of a case, and two later ones."""
    digits = measure()["specifications"][0]["bits"]
    return {NAME: {"bits": digits[:30], "far": {"t": [40, 10**9], "bits": [digits[40], "not compared"]}}}


def build_broken():
    """Return a document with two mistakes: one visible at update 7, and one of the first parameter only."""
    schedule = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
    late, first = build_specification("late", schedule, 50), build_specification("first_parameter_different", schedule,
                                                                                 50)
    late["bits"][SHOWS_AT] = format_bits(0.25)
    first["differing"] = [{"update": t, "parameter": p, "bits": first["bits"][t]} for t in range(50) for p in (1, 2)]
    first["bits"] = [format_bits(0.25)] * 50
    return {"specifications": [late, first]}


def build_laws():
    tried = {"examples": count_examples("reading", FRAMEWORK, "quick"), "comparisons": 9000, "outside": 900,
             "broken": None}
    return {"seed": 1, "laws": {"reading": tried}, "resumed": {NAME: {"comparisons": 550, "outside": 0}}}


def build_rejected():
    return {"broken": {"starts_again": {"law": "resume", "found": "resumed at 3: update 3", "everywhere": "update 1"},
                       "counts_reads": {"law": "reading", "found": "read: update 1", "everywhere": None}}}


@cache
def compute_weights(name, framework):
    return compute_expected_weights(group_cases.CASES[name], framework, group_cases.UPDATES)[0]


def build_groups(framework=FRAMEWORK):
    whole = compute_weights("everything", framework)
    lost = whole.copy()
    lost[group_cases.RESUMED_AT:] += 1
    wrong = {name: compute_weights(test_groups.GROUPS[name].where, framework) + 1
             for name in test_groups.list_mistake_ids(framework)}
    runs = ["graph", "xla", "eager"] if framework == "tensorflow" else ["eager"]
    return {"cases": {name: compute_weights(name, framework).copy() for name in group_cases.CASES},
            "runs": {run: whole.copy() for run in runs}, "resumed": whole.copy(),
            "random": {"examples": test_groups.EXAMPLES, "outside": test_groups.EXAMPLES // 4, "wrong": None},
            "random_broken": {"wrong": "update 0"}, "broken": wrong | {"not_loaded": lost}}


#: A mistake in a reduce on plateau, its case, and the number of metrics after which it is visible.
MISTAKE = next(iter(test_plateau.PLATEAU))
SHOWN, SHOWN_AT = test_plateau.find_case(MISTAKE)


def build_plateau():
    right = {name: test_plateau.compute_specified_bits(case.plateau, case.metrics) for name, case in PLATEAU.items()}
    late = copy.deepcopy(right[SHOWN])
    late[SHOWN_AT] = [format_bits(1.0)]
    return {"cases": right, "resumed": copy.deepcopy(right),
            "broken": {"none": list(right["accuracy_torch"]), MISTAKE: late}}


def build_lockstep():
    one = pack_arrays({"logits": np.array([1.0, 2.0])})
    losses = [2.0, *[1.0] * (UPDATES - 1)]
    return {"weights_sha256": "a", "batches_sha256": "b", "logits": one, "gradients": one,
            "float64": {name: {"losses": losses, "rates": lrs(schedule, UPDATES).astype(np.float32).tolist(),
                               "weights": one} for name, schedule in build_schedules().items()},
            "float32": {f"{name}, seed {seed}": [2.0] * UPDATES32 for name in build_schedules() for seed in SEEDS32},
            "wrong": {"samples_swapped": [*losses[:3], *[1.1] * (UPDATES - 3)]}}
