"""Tests that cases are data: a JSON file adds one, and every mistake in a file is reported."""

from __future__ import annotations

import json
import shutil

import pytest

from frameworks import FRAMEWORKS
from frameworks.schedule import SpecificationError, write
from parity.cases import (
    CASES,
    FILES,
    FOLDER,
    GROUPS,
    OTHER_FILES,
    Case,
    list_case_files,
    read_all,
    read_cases,
    read_records,
)
from parity.cases.groups import CASES as GROUP_CASES
from parity.cases.plateau import CASES as PLATEAU_CASES
from parity.cases.plateau import PlateauCase
from parity.gate.training.passes import TRAINED
from parity.measuring.compare import compare, count_compared_updates
from parity.measuring.measure import read_applied_rates
from reproduce.chapter import EXPERIMENTS

COSINE = {"kind": "cosine", "base_lr": 0.3, "updates": 40}
GOOD = {"description": "Cosine decay to 0.", "schedule": COSINE}


def cases(tmp_path, given, name="more.json"):
    path = tmp_path / name
    path.write_text(given if isinstance(given, str) else json.dumps(given))
    return path


def test_every_file_is_read_in_order():
    assert list(GROUPS) == [path.stem for path in list_case_files()]
    assert tuple(GROUPS)[:len(FILES)] == FILES  # files added later follow
    assert len(CASES) == sum(map(len, GROUPS.values())) >= 174
    assert {*FILES, *OTHER_FILES} <= {path.stem for path in FOLDER.glob("*.toml")}


def test_the_records_of_other_kinds_are_checked_too(tmp_path):
    path = cases(tmp_path, {"a": {"description": "b", "metrics": [1, "c"], "falls": [2.5], "plateau": {"base_lr": 1}}})
    with pytest.raises(SpecificationError) as raised:
        read_records(path, PlateauCase)
    assert raised.value.mistakes[2:] == [
        f'{path}: a.metrics[1]: input should be a valid number, got "c"',
        f"{path}: a.falls[0]: input should be a valid integer, got 2.5"]
    assert len(GROUP_CASES) == 12
    assert len(PLATEAU_CASES) == 37


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_case_in_json_runs(framework, tmp_path, run):
    """The added case is read with the others, and the rates that the framework applies are compared."""
    cases(tmp_path, {"mine": GOOD})
    groups = read_all(list_case_files(tmp_path))
    case = groups["more"]["mine"]
    assert (case.updates, case.built_in) == (100, {})
    write(case.schedule, tmp_path / "schedule.toml")
    result = run("-m", "parity", "measure", "--framework", framework, "--updates", case.updates,
                 tmp_path / "schedule.toml")
    (measured,) = json.loads(result.stdout)["specifications"]
    assert compare(case.schedule, read_applied_rates(measured)).first is None


def test_updates_are_those_of_the_case(tmp_path):
    found = read_cases(cases(tmp_path, {"far": GOOD | {"updates": 700}, "near": GOOD}))
    assert {name: case.updates for name, case in found.items()} == {"far": 700, "near": 100}


@pytest.mark.parametrize(("given", "lines"), [
    ("[1]", ["must be an object of cases by name, got [1]"]),
    ("", ["empty"]),
    ({"Bad": GOOD}, ['the name of a case must be small letters, digits and _, got "Bad"']),
    ({"a": 3}, ["a: must be a case: an object with a description and a schedule, got 3"]),
    ({"a": {"schedul": COSINE}}, [
        "a.description: missing; a case needs it", "a.schedule: missing; a case needs it",
        'a.schedul: unknown field; did you mean \'schedule\'?, got {"kind": "cosine", "base_lr": 0.3, "updates": 40}']),
    ({"a": GOOD | {"schedule": COSINE | {"base_lr": -1}}}, ["a.schedule.base_lr: must be at least 0, got -1"]),
    ({"a": GOOD | {"schedule": {"kind": "sequence", "parts": [COSINE, 3], "boundaries": [4]}}}, [
        "a.schedule.parts[1]: must be a schedule: an object with a kind, got 3"]),
    ({"a": GOOD | {"schedule": {"kind": "warmup"}}}, [
        "a.schedule.updates: missing; a schedule of kind 'warmup' needs it",
        "a.schedule.then: missing; a schedule of kind 'warmup' needs it"]),
    ({"a": GOOD | {"updates": 99}}, ["a.updates: must be at least 100: 2.5 times the horizon, at least 50, got 99"]),
    ({"a": GOOD | {"updates": 10**14}}, [
        "a.updates: must be at most 1000000: as many as are compared in reasonable time, got 100000000000000"]),
    ({"a": GOOD | {"schedule": COSINE | {"updates": 10**12}}}, [
        "a.updates: must be at most 1000000: as many as are compared in reasonable time"]),
    ({"a": GOOD | {"description": "a|b"}}, ['a.description: must be a line of text without |, got "a|b"']),
    ({"a": GOOD | {"description": "a\nb"}}, ['a.description: must be a line of text without |, got "a\\nb"']),
    ({"a": GOOD | {"built_in": {"torch": ["StepLR", "LinearLR"]}}}, [
        'a.built_in.torch: must be sorted, each name once, got ["StepLR", "LinearLR"]']),
    ({"a": GOOD | {"updates": 1.5}}, ["a.updates: input should be a valid integer, got 1.5"]),
    ({"a": GOOD | {"built_in": {"jax": ["x"]}}}, [
        "a.built_in.jax: unknown framework, must be one of mxnet, torch, tensorflow"]),
    ({"a": GOOD | {"built_in": {"torch": "StepLR"}}}, [
        'a.built_in.torch: input should be a valid list, got "StepLR"']),
    ('{"a": {}, "a": 3}', ["a: given more than once",
                           "a: must be a case: an object with a description and a schedule, got 3"]),
], ids=str)
def test_mistakes_are_said(given, lines, tmp_path):
    path = cases(tmp_path, given)
    with pytest.raises(SpecificationError) as raised:
        read_cases(path)
    assert raised.value.mistakes == [f"{path}: {line}" for line in lines]


def test_a_name_is_given_once(tmp_path):
    first, second = (cases(tmp_path, {"mine": GOOD}, name) for name in ("a.json", "b.json"))
    cases(tmp_path, "[b.c]", "a.toml")
    with pytest.raises(SpecificationError) as raised:
        read_all(list_case_files(tmp_path))
    assert raised.value.mistakes == [
        f"{tmp_path}/a.toml: b.description: missing; a case needs it",
        f"{tmp_path}/a.toml: b.schedule: missing; a case needs it",
        f"{tmp_path}/a.toml: b.c: unknown field; must be one of description, schedule, updates, built_in, got {{}}",
        f"{second}: mine: is the name of a case in {first} too"]


def test_a_mistake_ends_the_gate_without_a_traceback(root, tmp_path, run):
    for name in ("frameworks", "parity"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.svg"))
    path = cases(tmp_path / "parity/cases", {"mine": {"description": "x"}})
    done = run("-m", "pytest", "parity", "--collect-only", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{path}: mine.schedule: missing; a case needs it\n")
    path.write_text(json.dumps({"mine": GOOD}))
    done = run("-m", "pytest", "parity/gate/test_parity.py", "--collect-only", "-q", cwd=tmp_path)
    assert f"test_applied_rates[mine-{FRAMEWORKS[0]}]" in done.stdout


def test_the_cases_of_the_book_are_what_the_experiments_train_with():
    """The scripts of reproduce/ and the cases specify the same schedules, each in a different form."""
    tabs = {"mxnet": "gluon", "torch": "torch", "tensorflow": "tensorflow"}
    assert {experiment.name: experiment.schedule for experiment in EXPERIMENTS} == TRAINED
    printed = {f"book_{tabs[framework]}_{experiment.name}": schedule
               for experiment in EXPERIMENTS for framework, schedule in experiment.printed.items()}
    assert printed == {name: case.schedule for name, case in GROUPS["book"].items()}


def test_the_least_number_of_updates_is_the_default():
    given = Case(description="a", schedule=CASES["cosine"].schedule)
    assert given.updates == count_compared_updates(given.schedule.horizon) == 50
