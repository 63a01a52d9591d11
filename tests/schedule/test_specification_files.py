"""Tests files of specifications: what is refused, and with which message."""

from __future__ import annotations

import json
import os

import jsonschema
import pytest

from frameworks.schedule import KINDS, Constant, Cosine, SpecificationError, Warmup, dumps, loads, read, write
from frameworks.schedule.union import build_json_schema
from parity.cases import CASES

KIND_NAMES = ", ".join(KINDS)


def multi(milestones):
    return f'{{"kind": "multi_factor", "base_lr": 1, "factor": 0.5, "milestones": {milestones}}}'


REFUSED = {
    "": ["empty"],
    " \n": ["empty"],
    "{": ["not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"],
    "[]": ["must be a schedule: an object with a kind, got []"],
    '{"kind": "cosin"}': ["""kind: unknown kind; did you mean 'cosine'?, got "cosin\""""],
    '{"kind": "banana"}': [f'kind: unknown kind; must be one of {KIND_NAMES}, got "banana"'],
    '{"kind": 5}': [f"kind: unknown kind; must be one of {KIND_NAMES}, got 5"],
    '{"base_lr": 1}': [f"kind: missing; must be one of {KIND_NAMES}"],
    '{"kind": "cosine", "base_lr": 0.3}': ["updates: missing; a schedule of kind 'cosine' needs it"],
    '{"kind": "cosine", "base_lr": 0.3, "updates": 9, "fnal_lr": 0.1}':
        ["fnal_lr: unknown field; did you mean 'final_lr'?, got 0.1"],
    '{"kind": "shift", "by": 1, "of": {"kind": "cosine", "base_lr": 1, "updates": 9, "fnal_lr": 0.1}}':
        ["of.fnal_lr: unknown field; did you mean 'final_lr'?, got 0.1"],
    '{"kind": "sequence", "parts": [{"kind": "hold", "updates": 2, "of": {"kind": "cosine"}}], "boundaries": []}': [
        "parts[0].of.base_lr: missing; a schedule of kind 'cosine' needs it",
        "parts[0].of.updates: missing; a schedule of kind 'cosine' needs it"],
    '{"kind": "shift", "by": 1, "of": {"kind": "constant", "base_lr": 1, "base_lr": 2}}': [
        "of.base_lr: given more than once"],
    '{"kind": "clamp", "min_lr": -1, "max_lr": 0.5, "of": {"kind": "constant", "base_lr": 1}}': [
        "min_lr: must be at least 0, got -1"],
    '{"kind": "clamp", "min_lr": 2, "max_lr": 1, "of": {"kind": "constant", "base_lr": 1}}': [
        "max_lr: must be at least min_lr (2.0), got 1"],
    f'{{"kind": "constant", "base_lr": "{"x" * 58}"}}': [f'base_lr: must be a number, got "{"x" * 58}"'],
    f'{{"kind": "constant", "base_lr": "{"x" * 59}"}}': [f'base_lr: must be a number, got "{"x" * 56}...'],
    f'{{"kind": "constant", "base_lr": {2**4096 - 1}}}': [
        f"base_lr: too large for a number, got {str(2**4096 - 1)[:57]}..."],
    f'{{"kind": "constant", "base_lr": {2**4096}}}': ["an integer of more than a thousand digits"],
    '{"kind": "constant", "base_lr": ' + "[" * 64 + "]" * 64 + "}": [
        "base_lr: must be a number, got " + "[" * 57 + "..."],
    '{"kind": "constant", "base_lr": ' + "[" * 65 + "]" * 65 + "}": [
        "nested too deeply, a schedule goes at most 64 deep"],
    '{"kind": "constant", "base_lr": NaN}': ["base_lr: must be finite, got nan"],
    '{"kind": "constant", "base_lr": 1e999}': ["base_lr: must be finite, got inf"],
    '{"kind": "constant", "base_lr": -1}': ["base_lr: must be at least 0, got -1"],
    '{"kind": "constant", "base_lr": 1e38}': ["base_lr: must be at most 1e+37, got 1e+38"],
    '{"kind": "constant", "base_lr": true}': ["base_lr: must be a number, got true"],
    '{"kind": "constant", "base_lr": "0.3"}': ['base_lr: must be a number, got "0.3"'],
    '{"kind": "constant", "base_lr": null}': ["base_lr: must be a number, got null"],
    '{"kind": "constant", "base_lr": ' + "9" * 400 + "}":
        ["base_lr: too large for a number, got " + "9" * 57 + "..."],
    '{"kind": "constant", "base_lr": 1, "base_lr": 2}': ["base_lr: given more than once"],
    '{"kind": "cosine", "base_lr": 0.3, "updates": true}': ["updates: must be an integer, got true"],
    '{"kind": "cosine", "base_lr": 0.3, "updates": 3.5}': ["updates: must be an integer, got 3.5"],
    '{"kind": "cosine", "base_lr": 0.3, "updates": 3.0}': ["updates: must be an integer, got 3.0"],
    '{"kind": "cosine", "base_lr": 0.3, "updates": 0}': ["updates: must be at least 1, got 0"],
    '{"kind": "polynomial", "base_lr": 0.3, "updates": 3, "power": 0}': ["power: must be at least 1e-37, got 0"],
    '{"kind": "factor", "base_lr": 0.1, "factor": 0.5, "min_lr": 0.5}': [
        "min_lr: must be at most base_lr (0.1), got 0.5"],
    '{"kind": "factor", "base_lr": 0.1, "factor": 1.5, "every": 0}': [
        "factor: must be at most 1, got 1.5", "every: must be at least 1, got 0"],
    multi([30, 15]): ["milestones: must be strictly increasing, got [30, 15]"],
    multi([15, 15]): ["milestones: must be strictly increasing, got [15, 15]"],
    multi([]): ["milestones: must not be empty, got []"],
    multi('"15"'): ['milestones: must be a list, got "15"'],
    multi("[0, 3.5, true]"): ["milestones[0]: must be at least 1, got 0", "milestones[1]: must be an integer, got 3.5",
                              "milestones[2]: must be an integer, got true"],
    '{"kind": "warmup", "updates": 5, "mode": "lin", "then": {"kind": "cosine", "base_lr": -1, "updates": 2}}': [
        """mode: must be 'linear', 'polynomial', 'cosine', 'exponential' or 'constant', got "lin\"""",
        "then.base_lr: must be at least 0, got -1"],
    '{"kind": "shift", "by": 1, "of": 3}': ["of: must be a schedule: an object with a kind, got 3"],
    '{"kind": "factor", "factor": {"kind": "cosine"}, "base_lr": 1}': [
        'factor: must be a number, got {"kind": "cosine"}'],
    '{"kind": "sequence", "parts": [], "boundaries": []}': ["parts: must not be empty, got []"],
    '{"kind": "sequence", "parts": [{"kind": "constant", "base_lr": 1}, {"kind": "constant", "base_lr": -1}], '
    '"boundaries": [5]}': ["parts[1].base_lr: must be at least 0, got -1"],
    '{"kind": "sequence", "parts": [{"kind": "constant", "base_lr": 1}], "boundaries": [5]}': [
        "boundaries: must be one fewer than the 1 parts, not 1, got [5]"],
    '{"kind": "sequence", "parts": [{"kind": "constant", "base_lr": 1}, {"kind": "constant", "base_lr": 2}], '
    '"boundaries": []}': ["boundaries: must be one fewer than the 2 parts, not 0, got []"],
    '{"kind": "clamp", "min_lr": 1, "max_lr": 0.5, "of": {"kind": "constant", "base_lr": 1}}': [
        "max_lr: must be at least min_lr (1.0), got 0.5"],
    '{"kind": "scale", "by": 1e30, "of": {"kind": "constant", "base_lr": 1e10}}': [
        'may reach 1e+40, but a rate must be at most 1e+37, got {"kind": "scale", "by": 1e+30, "of": '
        '{"kind": "constant",...'],
    '{"kind": "constant", "base_lr": 1, "\\ud800\\n": 2}': [
        'must be text that UTF-8 can hold, got "\\ud800\\n"'],
    '{"kind": "constant", "base_lr": 1, "a b\\n": 2}': [
        '"a b\\n": unknown field; must be one of kind, base_lr, got 2'],
    '{"kind": "constant", "base_lr": ' + "[" * 70 + "]" * 70 + "}": [
        "nested too deeply, a schedule goes at most 64 deep"],
    "[" * 100_000: ["nested too deeply, a schedule goes at most 64 deep"],
    '{"kind":' * 100_000: ["nested too deeply, a schedule goes at most 64 deep"],
    '{"kind": "shift", "by": 0, "of": ' * 64 + '{"kind": "constant", "base_lr": 1}' + "}" * 64:
        ["nested too deeply, a schedule goes at most 64 deep"],
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:40].replace(" ", ""))
def test_mistakes_are_said(text):
    with pytest.raises(SpecificationError) as caught:
        loads(text, name="s.json")
    assert caught.value.mistakes == [f"s.json: {line}" for line in REFUSED[text]]


def test_a_file_of_a_megabyte_is_read(tmp_path):
    path = tmp_path / "one.json"
    text = '{"kind": "constant", "base_lr": 0.5}'
    path.write_text(text.ljust(1 << 20))
    assert read(path) == Constant(base_lr=0.5)


def test_json_is_written_for_people():
    assert dumps(Constant(base_lr=0.5)) == '{\n  "kind": "constant",\n  "base_lr": 0.5\n}\n'
    assert dumps(Constant(base_lr=0.5), "toml") == 'kind = "constant"\nbase_lr = 0.5\n'
    assert loads(text='kind = "constant"\nbase_lr = 0.5\n', format="toml") == Constant(base_lr=0.5)


def test_64_deep_is_read():
    text = '{"kind": "shift", "by": 0, "of": ' * 63 + '{"kind": "constant", "base_lr": 1}' + "}" * 63
    assert loads(text).lr(5) == 1
    of_one = '{"kind": "sequence", "boundaries": [], "parts": ['
    assert loads(of_one * 63 + '{"kind": "constant", "base_lr": 1}' + "]}" * 63).lr(5) == 1
    with pytest.raises(ValueError, match="nested at most 64 deep"):
        Warmup(updates=1, then=loads(text))


@pytest.mark.parametrize(("text", "line"), [
    ('kind = "constant"\nbase_lr = nan', "base_lr: must be finite, got nan"),
    ('kind = "constant"\nkind = "cosine"', "not TOML: Cannot overwrite a value (at line 2, column 16)"),
    ("kind = 0x" + "f" * 5000, "an integer of more than a thousand digits"),
    ('kind = "constant"\nbase_lr = 0x' + "f" * 90_000, "an integer of more than a thousand digits"),
    ("x = " + "[" * 100_000, "nested too deeply, a schedule goes at most 64 deep"),
    ('kind = "constant"\nbase_lr = 1979-05-27', 'base_lr: must be a number, got "1979-05-27"'),
])
def test_toml_mistakes_are_reported(text, line):
    with pytest.raises(SpecificationError) as caught:
        loads(text, "toml", name="s.toml")
    assert str(caught.value).startswith("s.toml: " + line.split(" (at")[0])


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "latin.json").write_bytes(b'{"kind": "\xe9"}')
    (tmp_path / "log.json").write_bytes(b" " * (2 << 20))
    (tmp_path / "a.yaml").write_text("kind: constant")
    os.mkfifo(tmp_path / "pipe.json")
    for name, reason in [("folder.json", "is a directory"), ("latin.json", "not UTF-8 (byte 10)"),
                         ("none.json", "no such file or directory"), ("log.json", "larger than 1048576 bytes"),
                         ("a.yaml", "the name must end in .json or .toml"), ("pipe.json", "not a regular file"),
                         ("a" * 300 + ".json", "file name too long")]:
        with pytest.raises(SpecificationError) as caught:
            read(tmp_path / name)
        (line,) = caught.value.mistakes
        assert line.startswith(f"{tmp_path / name}: {reason}")


@pytest.mark.parametrize("suffix", ["json", "toml"])
def test_a_file_is_replaced_whole(tmp_path, suffix):
    path = tmp_path / f"schedule.{suffix}"
    for schedule in (Constant(base_lr=0.1), Cosine(base_lr=0.3, updates=20)):
        write(schedule, path)
        assert read(path) == schedule
    with pytest.raises(ValueError, match=r"must end in \.json or \.toml, got 'schedule\.yaml'"):
        write(schedule, tmp_path / "schedule.yaml")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(IsADirectoryError):
        write(schedule, tmp_path / "folder.json")
    assert sorted(found.name for found in tmp_path.iterdir()) == ["folder.json", path.name]


def test_json_schema_is_current(root, run):
    committed = (root / "frameworks/schedule/schema.json").read_text()
    printed = run("-m", "frameworks.schedule").stdout
    assert committed == printed, "write it again: python -m parity schema > frameworks/schedule/schema.json"
    assert json.loads(committed) == build_json_schema()


def test_json_schema_accepts_every_case_and_refuses_misspelling():
    validator = jsonschema.Draft202012Validator(build_json_schema())
    validator.check_schema(build_json_schema())
    for case in CASES.values():
        validator.validate(json.loads(dumps(case.schedule)))
    for wrong in ({"kind": "cosin"}, {"kind": "constant"}, {"kind": "constant", "base_lr": -1},
                  {"kind": "constant", "base_lr": 1, "x": 2}, {"kind": "sequence", "parts": [], "boundaries": []},
                  {"kind": "multi_factor", "base_lr": 1, "factor": 0.5, "milestones": []},
                  {"kind": "hold", "updates": 0, "of": {}}):
        assert not validator.is_valid(wrong)
