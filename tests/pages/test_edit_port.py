"""Compares what the schedule editor reads from constructors with `port`, in node (Debian's nodejs): tox -e page"""

from __future__ import annotations

import json
import random

import hypothesis
import pytest
from hypothesis import strategies as st

from frameworks.schedule import loads
from parity.gate.laws.algebra import build_increasing_lists, counts, factors, rates
from parity.pages.edit.classes import READ, build_libraries
from parity.port import SOURCES
from tests.harness.editor_constructors import READ_IT, ROWS, compare
from tests.harness.editor_scripts import ask_scripts, plant
from tests.harness.roundtrip.constructors import OPTIMIZER, Constructor, build_constructors, call, powers, shares

_FIRST, _STEPS = {"init_value": rates}, {"decay_steps": counts, "alpha": shares}
_CYCLE = {"transition_steps": st.integers(10, 99), "peak_value": rates}
_SCALES = st.dictionaries(st.integers(1, 40), shares, max_size=3)
#: The required and the optional arguments of optax's functions.
OPTAX = {
    "constant_schedule": ({"value": rates}, {}),
    "linear_schedule": (_FIRST | {"end_value": rates, "transition_steps": counts}, {"transition_begin": counts}),
    "polynomial_schedule": (_FIRST | {"end_value": rates, "power": powers, "transition_steps": counts}, {}),
    "piecewise_constant_schedule": (_FIRST, {"boundaries_and_scales": _SCALES}),
    "piecewise_interpolate_schedule": (
        {"interpolate_type": st.sampled_from(["linear", "cosine"])} | _FIRST, {"boundaries_and_scales": _SCALES}),
    "exponential_decay": (_FIRST | {"transition_steps": counts, "decay_rate": factors | st.floats(1.01, 3)},
                          {"transition_begin": counts, "staircase": st.booleans(), "end_value": rates}),
    "cosine_decay_schedule": (_FIRST | _STEPS, {"exponent": powers}),
    "linear_onecycle_schedule": (_CYCLE, {"div_factor": powers}),
    "cosine_onecycle_schedule": (_CYCLE, {"pct_start": shares}),
    "warmup_constant_schedule": (_FIRST | {"peak_value": rates, "warmup_steps": counts}, {}),
    "warmup_cosine_decay_schedule": (_FIRST | {"peak_value": rates, "warmup_steps": counts, "decay_steps": counts},
                                     {"end_value": rates, "exponent": powers}),
    "warmup_exponential_decay_schedule": (_FIRST | {"peak_value": rates, "warmup_steps": counts,
                                                    "transition_steps": counts, "decay_rate": factors}, {}),
    "join_schedules": ({"schedules": st.just([OPTIMIZER[0].__class__("constant_schedule(0.5)")] * 3),
                        "boundaries": build_increasing_lists(2, 2)}, {}),
}
_optax = st.sampled_from(list(OPTAX)).flatmap(lambda name: call("optax", name, *OPTAX[name])).map(
    lambda text: Constructor("optax", text))
#: Mistakes in the scripts: the file, a text in it, and the text in its place.
PLANTED = [
    ("read_others.js", "steps.map(step => step + 1)", "steps"),
    ("read_others.js", "warm = shift(1, ", "warm = shift(0, "),
    ("read_torch.js", "swing(rateOf(a, c)", "halfCosine(rateOf(a, c)"),
    ("read.js", "later.length === counted.length", "true"),
    ("read_others.js", "end ?? 0", "0"), ("python.js", "/^0_?\\d/", "/^$/"),
]


def draw(strategy: st.SearchStrategy, number: int) -> list[Constructor]:
    """Return random constructors, always the same."""
    drawn: list[Constructor] = []

    @hypothesis.seed(20)
    @hypothesis.settings(max_examples=number, deadline=None, database=None, phases=[hypothesis.Phase.generate],
                         suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(strategy)
    def collect(case):
        drawn.append(case)

    collect()
    return drawn


def mutate(cases: list[Constructor]) -> list[Constructor]:
    """Return constructors in which a few characters were removed, replaced or inserted."""
    chance, changed = random.Random(20), []
    for case in cases:
        text = list(case.text)
        for _ in range(chance.choice((1, 1, 2))):
            place = chance.randrange(len(text))
            letter = chance.choice("0123456789.,=()[]{}-+*/%'\" eE_:abTFnu\n#")
            text[place:place + chance.randrange(2)] = letter * chance.randrange(2)
        changed.append(Constructor(case.source, "".join(text), case.lr, case.optimizer))
    return changed


@pytest.mark.parametrize("source", READ)
def test_random_constructors_are_read_as_by_python(source):
    only, both = compare(draw(_optax if source == "optax" else build_constructors(source), 400))
    assert only == []
    assert both > 300


def test_the_rows_of_the_coverage_table_are_read_as_by_python():
    only, both = compare(ROWS)
    assert [case.text.partition("(")[0] for case in only] == ["sgdr_schedule"]
    assert both > 55


def test_mutated_constructors_are_refused_or_read_as_by_python():
    cases = mutate([*ROWS * 10, *draw(st.one_of(_optax, *map(build_constructors, READ[:3])), 300)])
    only, both = compare(cases)
    assert both > 100
    assert len(only) < 0.01 * len(cases)


@pytest.mark.parametrize(("file", "text", "planted"), PLANTED)
def test_a_planted_mistake_is_caught(file, text, planted, tmp_path):
    folder = plant(file, text, planted, tmp_path)
    extra = [Constructor("optax", "exponential_decay(0.4, 10, 0.5, staircase=True, end_value=0.1)"),
             Constructor("optax", "constant_schedule(01)")]
    with pytest.raises(AssertionError):
        compare([*ROWS, *extra], folder)


@pytest.mark.parametrize(("text", "source", "message"), [
    ("CosineAnnealingLR(optimizer, T_max=epochs)", "torch", "CosineAnnealingLR: T_max needs a number, and this"),
    ("CosineAnnealingLR(optimizer, T_max=20.5)", "torch", "CosineAnnealingLR: T_max must be a whole number, got 20."),
    ("CosineAnnealingLR(optimizer, T_maks=20)", "torch", "CosineAnnealingLR has no argument T_maks"),
    ("CosineAnnealingLR(optimizer)", "torch", "CosineAnnealingLR needs its argument T_max"),
    ("LambdaLR(optimizer, f)", "torch", "LambdaLR cannot be ported: its rates are whatever its function"),
    ("exponential_decay(1, 2, 3)", None, "exponential_decay is a class of optax and mlx: choose"),
    ("NoamDecay(16, 5)", None, "NoamDecay of paddle is read by Python only"),
    ("Unknown(20)", None, "Unknown is not a class that is supported"),
    ("StepLR(optimizer, 5, gamma=np.sqrt(2))", "torch", "StepLR: gamma needs a number, and this page has no"),
    ("StepLR(optimizer, 5", "torch", "the text ends where ) is expected"), ("", None, "the text is empty"),
    ("StepLR(optimizer, " + "[" * 50, "torch", "nested more than 20 deep"), ("20", None, "must be a call"),
    ("StepLR(optimizer, 2 ** 99)", "torch", "a number beyond 2^63"),
    ("StepLR(optimizer, 5, __proto__=5)", "torch", "StepLR has no argument __proto__"),
    ("StepLR(SGD(p, __proto__=3), 5)", "torch", "StepLR: SGD has no argument __proto__"),
    ("StepLR(optimizer, toString)", "torch", "StepLR: step_size needs a number, and this page has no value for"),
    ("ExponentialDecay(0.1, 9, 0.5, name=toString)", "tensorflow", "ExponentialDecay: name needs a number"),
    ("StepLR(optimizer,\xa05)", "torch", "this page does not read '\xa05)'"),
    ("StepLR(optimizer, 5, 9007199254740993 / 9007199254740995)", "torch", "this page reads / of whole numbers up to"),
    ("PolyScheduler(1 / 0)", "mxnet", "division by zero"),
    ("PolynomialDecay(0.1, 10)", "mxnet", "PolynomialDecay is not a supported scheduler of mxnet"),
    ("StepLR(torch.optim.SGD(p, lr=0.1, foo=1), 5)", "torch", "StepLR: SGD has no argument foo"),
])
def test_what_is_not_read_is_named(text, source, message):
    [answer] = ask_scripts(READ_IT, [[text, source, 0.4 if source == "torch" else None]])
    assert answer["refused"].startswith(message)


@pytest.mark.parametrize(("text", "lr", "message"), [
    ("StepLR(optimizer, 5)", None, "StepLR: the rate that the optimizer was made with is needed: fill in"),
    ("get_linear_schedule_with_warmup(optimizer, 5, 9)", 0.1, "get_linear_schedule_with_warmup of transformers is"),
    ("StepDecay(0.1, 5)", 0.1, "the rate of an optimizer is not used by paddle"),
    ("cosine_decay_schedule(0.1, 5)", 0.1, "the rate of an optimizer is not used by optax")])
def test_a_missing_or_useless_rate_of_an_optimizer_is_named(text, lr, message):
    [answer] = ask_scripts(READ_IT, [[text, None, lr]])
    assert answer["refused"].startswith(message)


def test_every_library_and_class_is_listed():
    libraries = build_libraries()
    assert list(libraries) == list(SOURCES)
    for source, module in SOURCES.items():
        assert list(libraries[source]["classes"]) == list(module.READERS)
    examples = [example for library in libraries.values() for example in library["examples"]]
    assert len(examples) > 120
    for example in examples:
        assert loads(json.dumps(example["schedule"]))
