"""Tests that each comparison of the gate accepts a correct document, and rejects a document with one wrong value.

The checks are the functions of the gate; gate_documents.py makes the documents.
"""

from __future__ import annotations

import copy
import inspect
from concurrent.futures import Future
from functools import partial

import numpy as np
import pytest

from frameworks import FRAMEWORKS
from frameworks.observation import format_bits
from parity.cases import CASES
from parity.cases.groups import CASES as GROUPS
from parity.cases.plateau import CASES as PLATEAU
from parity.gate import test_groups, test_laws, test_mistakes, test_parity, test_plateau, test_training, test_vectors
from parity.gate.groups_rules import compare
from parity.gate.training.passes import pack_arrays
from tests.gate import gate_documents as right
from tests.gate.gate_documents import FRAMEWORK, MISTAKE, NAME, PLANTED, SHOWN, SHOWN_AT, SHOWS_AT


def check(function, arguments, kind, edit=lambda results: None):
    """Call a test of the gate with one document per framework; the document of FRAMEWORK is edited."""
    documents = {}
    for framework in FRAMEWORKS:
        results = copy.deepcopy(kind())
        if framework in (FRAMEWORK, *arguments):
            edit(results)
        documents[framework] = Future()
        documents[framework].set_result(encode_document(results))
    name = getattr(kind, "func", kind).__name__.removeprefix("build_")
    fixtures = {"runs": {name: documents}, "documents": documents, "measured": {}, "ledger": {}, "profile": "quick",
                "lockstep": [], "vectors": right.build_vectors()}
    names = [name for name in inspect.signature(function).parameters if name in fixtures]
    function(*arguments, **{name: fixtures[name] for name in names})


def encode_document(results):
    """Return a document as JSON transports it: arrays of weights as text."""
    if isinstance(results, np.ndarray):
        return results.astype("<f4").tobytes().hex()
    return {key: encode_document(value) for key, value in results.items()} if isinstance(results, dict) else results


def put(*path):
    """Return a function that sets the value at a path; the last item is the value."""
    *keys, last, value = path

    def edit(results):
        for key in keys:
            results = results[key]
        results[last] = value(results[last]) if callable(value) else value
    return edit


def wrong_at(update, results):
    """Change one rate, both applied and reported."""
    results["specifications"][0]["bits"][update] = format_bits(0.25)
    results["specifications"][0]["reported"][update] = 0.25


def fewer(results):
    for name in ("bits", "rates", "reported"):
        results["specifications"][0][name].pop()
    results["specifications"][0]["updates"] -= 1


def one_more(weights, t, element):
    weights[t, 0, element] = np.nextafter(weights[t, 0, element], np.float32(2))
    return weights


def element(t, at):
    return partial(one_more, t=t, element=at)


def off(by):
    return pack_arrays({"logits": np.array([1.0, 2 + by])})


RUN, TRAINED, EVERYTHING = (NAME, FRAMEWORK), ("cosine", FRAMEWORK), ("everything", FRAMEWORK)
RATES, VECTORS = test_parity.test_applied_rates, test_vectors.test_applied_rates_are_the_vectors
REJECTED, CAUGHT = test_mistakes.test_wrong_backend_is_rejected, test_laws.test_broken_backend_is_caught_by_its_law
LATE = FRAMEWORK, "late", "cosine", SHOWS_AT
HOLDS, RESUMED = test_laws.test_law_holds, test_laws.test_case_resumes_anywhere
RANDOM, FLOAT32 = test_groups.test_random_groups, test_training.test_float32_starts_the_same
TRAINS, WRONG = test_training.test_same_losses_and_weights, test_training.test_wrong_training_is_seen
NOT_WRONG = right.compute_weights(test_groups.GROUPS["multiplier_ignored"].where, FRAMEWORK)
RIGHT_AT_7 = format_bits(CASES["cosine"].schedule.lr(7))
S, L, C = ("specifications", 0), ("laws", "reading"), ("float64", "cosine")
#: A check of the gate, its arguments, the document, and the edit that adds the error.
CHECKS = {
    "reported": (RATES, RUN, right.measure, put(*S, "reported", 7, lambda rate: rate * (1 + 2.0**-23))),
    "first update": (RATES, RUN, right.measure, partial(wrong_at, 0)),
    "last update": (RATES, RUN, right.measure, partial(wrong_at, -1)),
    "another parameter": (RATES, RUN, right.measure, put(
        *S, "differing", [{"update": 9, "parameter": 2, "bits": format_bits(0.25)}])),
    "an update fewer": (RATES, RUN, right.measure, fewer),
    "an update more": (RATES, RUN, right.measure, put(*S, "bits", lambda digits: [*digits, "3c23d70a"])),
    "another class": (RATES, RUN, right.measure, put(*S, "built_in", ["LambdaLR", "StepLR"])),
    "vector": (VECTORS, RUN, right.measure, put(*S, "bits", 29, "00800000")),
    "far vector": (VECTORS, RUN, right.measure, put(*S, "bits", 40, "00800000")),
    "mistake earlier": (REJECTED, LATE, right.build_broken, put(*S, "bits", 6, format_bits(0.25))),
    "mistake later": (REJECTED, LATE, right.build_broken,
                      put(*S, "bits", slice(7, 9), [RIGHT_AT_7, format_bits(0.25)])),
    "mistake never": (REJECTED, LATE, right.build_broken, put(*S, "bits", 7, RIGHT_AT_7)),
    "all parameters": (REJECTED, (FRAMEWORK, "first_parameter_different", "cosine", 0), right.build_broken,
                       put("specifications", 1, "differing", [])),
    "law broken": (HOLDS, ("reading", FRAMEWORK), right.build_laws, put(*L, "broken", {"found": "update 1"})),
    "an example fewer": (HOLDS, ("reading", FRAMEWORK), right.build_laws, put(*L, "examples", 24)),
    "many outside": (test_laws.test_few_rates_are_outside, (FRAMEWORK,), right.build_laws, put(*L, "outside", 901)),
    "case not resumed": (RESUMED, RUN, right.build_laws, put("resumed", NAME, "broken", "update 3")),
    "another law": (CAUGHT, ("counts_reads", FRAMEWORK), right.build_rejected,
                    put("broken", "counts_reads", "law", "adam")),
    "an error": (CAUGHT, ("counts_reads", FRAMEWORK), right.build_rejected, put(
        "broken", "counts_reads", "found", "KeyError: 1")),
    "not everywhere": (CAUGHT, ("starts_again", FRAMEWORK), right.build_rejected, put(
        "broken", "starts_again", "everywhere", None)),
    "group": (test_groups.test_every_weight_is_what_the_groups_say, EVERYTHING, right.build_groups,
              put("cases", "everything", element(12, 3))),
    "group's zero": (test_groups.test_every_weight_is_what_the_groups_say, EVERYTHING, right.build_groups,
                     put("cases", "everything", lambda results: results + np.float32(0.5) * (results == 0))),
    "group's rate": (test_groups.test_the_rates_of_all_groups_are_the_same_in_all_frameworks, ("everything",),
                     right.build_groups, put("cases", "everything", element(12, 12))),
    "momentum": (test_groups.test_the_momentum_of_every_update_is_in_the_weights, ("momenta", FRAMEWORK),
                 right.build_groups, put("cases", "momenta", element(13, 12))),
    "decay": (test_groups.test_the_decay_of_every_update_is_in_the_weights, (FRAMEWORK,), right.build_groups,
              put("cases", "decays", lambda results: results + np.float32(2.0**-24))),
    "run": (test_groups.test_every_way_of_running_an_update, ("tensorflow",), partial(right.build_groups, "tensorflow"),
            put("runs", "xla", element(12, 12))),
    "groups resumed": (test_groups.test_resumed_in_the_middle, (FRAMEWORK,), right.build_groups,
                       put("resumed", element(12, 12))),
    "nothing lost": (test_groups.test_resumed_in_the_middle, (FRAMEWORK,), right.build_groups,
                     put("broken", "not_loaded", element(1, 1))),
    "random groups": (RANDOM, (FRAMEWORK,), right.build_groups, put("random", "wrong", "update 0")),
    "random groups fewer": (RANDOM, (FRAMEWORK,), right.build_groups, put("random", "examples", 11)),
    "random groups outside": (RANDOM, (FRAMEWORK,), right.build_groups, put("random", "outside", 4)),
    "random groups right": (RANDOM, (FRAMEWORK,), right.build_groups, put("random_broken", "wrong", None)),
    "wrong groups right": (test_groups.test_wrong_groups_are_rejected, (FRAMEWORK, "multiplier_ignored"),
                           right.build_groups, put("broken", "multiplier_ignored", NOT_WRONG)),
    "plateau": (test_plateau.test_the_applied_rates_are_those_specified, (FRAMEWORK, SHOWN), right.build_plateau,
                put("cases", SHOWN, -1, [format_bits(1.0)])),
    "plateau resumed": (test_plateau.test_resumed_after_every_metric_is_uninterrupted, (FRAMEWORK, SHOWN),
                        right.build_plateau, put("resumed", SHOWN, -1, [format_bits(1.0)])),
    "plateau earlier": (test_plateau.test_a_broken_implementation_is_rejected, (FRAMEWORK, MISTAKE),
                        right.build_plateau, put("broken", MISTAKE, SHOWN_AT - 1, [format_bits(1.0)])),
    "plateau never": (test_plateau.test_a_broken_implementation_is_rejected, (FRAMEWORK, MISTAKE), right.build_plateau,
                      put("broken", MISTAKE, SHOWN_AT, test_plateau.compute_specified_bits(PLATEAU[SHOWN].plateau,
                                                                                     PLATEAU[SHOWN].metrics)[SHOWN_AT])),
    "plateau without mistake": (test_plateau.test_without_a_mistake_it_is_not_rejected, (FRAMEWORK,),
                                right.build_plateau, put("broken", "none", -1, [format_bits(1.0)])),
    "first weights": (test_training.test_same_start, (FRAMEWORK,), right.build_lockstep, put("weights_sha256", "c")),
    "batches": (test_training.test_same_start, (FRAMEWORK,), right.build_lockstep, put("batches_sha256", "c")),
    "logits": (test_training.test_same_logits_and_gradients, (FRAMEWORK,), right.build_lockstep,
               put("logits", off(4e-12))),
    "gradients": (test_training.test_same_logits_and_gradients, (FRAMEWORK,), right.build_lockstep,
                  put("gradients", off(4e-11))),
    "last loss": (TRAINS, TRAINED, right.build_lockstep, put(*C, "losses", -1, 1 + 2e-9)),
    "no loss": (TRAINS, TRAINED, right.build_lockstep, put(*C, "losses", -1, float("nan"))),
    "last weights": (TRAINS, TRAINED, right.build_lockstep, put(*C, "weights", off(4e-8))),
    "rates": (TRAINS, TRAINED, right.build_lockstep, put(*C, "rates", -1, 0.0101)),
    "many losses": (FLOAT32, (FRAMEWORK,), right.build_lockstep, lambda results: [
        losses.__setitem__(3, 2.001) for losses in list(results["float32"].values())[:3]]),
    "a loss far off": (FLOAT32, (FRAMEWORK,), right.build_lockstep, put("float32", "cosine, seed 0", 4, 2.1)),
    "an early loss": (FLOAT32, (FRAMEWORK,), right.build_lockstep, put("float32", "cosine, seed 0", 1, 2.001)),
    "wrong training": (WRONG, ("samples_swapped", FRAMEWORK), right.build_lockstep,
                       put("wrong", "samples_swapped", 3, 1.0)),
}


@pytest.mark.parametrize("name", CHECKS)
def test_one_wrong_value_is_rejected(name):
    function, arguments, kind, edit = CHECKS[name]
    check(function, arguments, kind)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(function, arguments, kind, edit)


@pytest.mark.parametrize("name", PLANTED)
def test_a_case_has_no_rate_at_the_bound_or_outside_the_contract(name, monkeypatch):
    """The comparison accepts them, the gate does not: a fixed case must not have such rates."""
    monkeypatch.setitem(CASES, name, PLANTED[name])
    edit = put(*S, "bits", [format_bits(right.HIGH)] * 50) if name == "edge" else None
    with pytest.raises(AssertionError, match="edges"):
        check(RATES, (name, FRAMEWORK), partial(right.measure, name), edit or (lambda results: None))


def test_weights_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"weights of shape \(24, 1, 48\), not \(24, 3, 48\)"):
        compare(GROUPS["everything"], FRAMEWORK, right.compute_weights("everything", FRAMEWORK)[:, :1])
