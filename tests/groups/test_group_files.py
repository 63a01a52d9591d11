"""Tests parameter groups as data: rates by hand, files, and the message for each mistake."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from frameworks.schedule import Constant, Cosine, MultiFactor, SpecificationError, Warmup, dumps, write
from frameworks.schedule.group_files import loads_groups, read_groups
from frameworks.schedule.groups import Group, ParameterGroups
from parity.cases.groups import CASES

HALF = '{"kind": "constant", "base_lr": 0.5}'


def with_groups(groups):
    return f'{{"schedule": {HALF}, "groups": {groups}}}'


def with_group(more):
    return with_groups(f'[{{"name": "a", "match": ["*"], {more}}}]')


REFUSED = {
    "": ["empty"],
    "[]": ["must be an object with a schedule, got []"],
    "{}": ["schedule: missing; a set of groups needs it"],
    '{"schedul": 1}': ["schedule: missing; a set of groups needs it",
                       "schedul: unknown field; did you mean 'schedule'?, got 1"],
    HALF: ["kind: a set of groups has none, but a schedule that has one, as its 'schedule', got \"constant\""],
    '{"schedule": 3}': ["schedule: must be a schedule: an object with a kind, got 3"],
    '{"schedule": {"kind": "cosin"}}': ["""schedule.kind: unknown kind; did you mean 'cosine'?, got "cosin\""""],
    f'{{"schedule": {HALF}, "schedule": {HALF}}}': ["schedule: given more than once"],
    f'{{"schedule": {HALF}, "weight_decay": 0.1}}': [
        "weight_decay: must be a schedule: an object with a kind, got 0.1"],
    f'{{"schedule": {HALF}, "momentum": {{"kind": "constant", "base_lr": 1}}}}': [
        'momentum: must stay below 1 in float32, may reach 1.0, got {"kind": "constant", "base_lr": 1}'],
    f'{{"schedule": {HALF}, "momentum": {{"kind": "constant", "base_lr": 0.9999999999}}}}': [
        "momentum: must stay below 1 in float32, may reach 0.9999999999, got "
        '{"kind": "constant", "base_lr": 0.9999999999}'],
    f'{{"schedule": {HALF}, "momentum": {{"kind": "hold", "updates": 0, "of": {{"kind": "constant", "x": 1}}}}}}': [
        "momentum.updates: must be at least 1, got 0",
        "momentum.of.base_lr: missing; a schedule of kind 'constant' needs it",
        "momentum.of.x: unknown field; must be one of kind, base_lr, got 1"],
    with_groups("5"): ["groups: must be a list, got 5"],
    with_groups("[5]"): ["groups[0]: must be an object with a name and a match, got 5"],
    with_groups("[{}]"): ["groups[0].name: missing; a group needs it", "groups[0].match: missing; a group needs it"],
    with_groups('[{"name": "a/b", "match": "*"}]'): [
        'groups[0].name: must be letters, digits, _ and -, got "a/b"', 'groups[0].match: must be a list, got "*"'],
    with_groups('[{"name": 1, "match": [3, ""]}]'): [
        "groups[0].name: must be text, got 1", "groups[0].match[0]: must be text, got 3",
        'groups[0].match[1]: must not be empty, got ""'],
    with_groups('[{"name": "a", "match": []}]'): ["groups[0].match: must not be empty, got []"],
    with_groups('[{"name": "default", "match": ["*"]}]'): [
        "groups: must not name a group 'default', as the group of all others is, "
        'got [{"name": "default", "match": ["*"]}]'],
    with_groups('[{"name": "a", "match": ["x"]}, {"name": "a", "match": ["y"]}]'): [
        """groups: must not name two groups 'a', got [{"name": "a", "match": ["x"]}, {"name": "a", "match": ["..."""],
    with_group('"lr_mlt": 2'): ["groups[0].lr_mlt: unknown field; did you mean 'lr_mult'?, got 2"],
    with_group('"lr_mult": -1'): ["groups[0].lr_mult: must be at least 0, got -1"],
    with_group('"lr_mult": true'): ["groups[0].lr_mult: must be a number, got true"],
    with_group('"lr_mult": NaN'): ["groups[0].lr_mult: must be finite, got nan"],
    with_group('"name": "b"'): ["groups[0].name: given more than once"],
    with_group(f'"lr_mult": 1, "schedule": {HALF}'): [
        f"groups[0].schedule: must not stand beside lr_mult, which multiplies the default one, got {HALF}"],
    with_group('"schedule": {"kind": "cosine", "base_lr": 1}'): [
        "groups[0].schedule.updates: missing; a schedule of kind 'cosine' needs it"],
    with_group('"weight_decay": {"kind": "constant", "base_lr": -1}'): [
        "groups[0].weight_decay.base_lr: must be at least 0, got -1"],
    with_group('"lr_mult": 1e37').replace("0.5", "11"): [
        "groups: must not take a rate above 1e+37, as the lr_mult of 'a' may, "
        'got [{"name": "a", "match": ["*"], "lr_mult": 1e+37}]'],
}


@pytest.mark.parametrize("text", REFUSED)
def test_every_mistake_is_reported(text):
    with pytest.raises(SpecificationError) as caught:
        loads_groups(text, name="groups.json")
    assert caught.value.mistakes == [f"groups.json: {line}" for line in REFUSED[text]]


@pytest.mark.parametrize("format", ["json", "toml"])
@pytest.mark.parametrize("name", CASES)
def test_written_and_read_again(name, format, tmp_path):
    assert loads_groups(dumps(CASES[name], format), format) == CASES[name]
    write(CASES[name], tmp_path / f"groups.{format}")
    assert read_groups(tmp_path / f"groups.{format}") == CASES[name]


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(SpecificationError, match=r"no\.toml: no such file or directory$"):
        read_groups(tmp_path / "no.toml")
    (tmp_path / "groups.toml").write_text("[schedule]\nkind = 1")
    with pytest.raises(SpecificationError, match=r"groups\.toml: schedule\.kind: unknown kind; must be one of "):
        read_groups(tmp_path / "groups.toml")


GROUPS = ParameterGroups(
    schedule=Warmup(updates=2, then=MultiFactor(base_lr=0.5, factor=0.5, milestones=[2])),
    momentum=Warmup(updates=2, begin_lr=0.5, then=Constant(base_lr=0.75)),
    groups=[
        Group(name="tenth", match=["*bias"], lr_mult=0.1, weight_decay=Constant(base_lr=0.0)),
        Group(name="own", match=["head*", "tail.[12]"], schedule=Cosine(base_lr=1.0, updates=2),
              momentum=Constant(base_lr=0.25))])


@pytest.mark.parametrize(("t", "default", "own"), [
    (0, 0.0, 1.0), (1, 0.25, 0.5), (2, 0.5, 0.0), (3, 0.5, 0.0), (4, 0.25, 0.0), (10**9, 0.25, 0.0)])
def test_rates_by_hand(t, default, own):
    assert GROUPS.rates(t) == {"default": default, "tenth": float(np.float32(default * 0.1)), "own": own}


def test_a_multiplier_multiplies_the_rounded_rate():
    """0.3 as float32 is 0.30000001192092896; a tenth of it and a tenth of 0.3 give different float32 numbers."""
    groups = ParameterGroups(schedule=Constant(base_lr=0.3), groups=[Group(name="a", match=["*"], lr_mult=0.1)])
    assert groups.rates(0) == {"default": 0.30000001192092896, "a": 0.030000001192092896}
    assert float(np.float32(0.3 * 0.1)) == 0.029999999329447746


def test_momenta_and_decays_by_hand():
    assert [GROUPS.momenta(t) for t in (0, 1, 2)] == [
        {"default": m, "tenth": m, "own": 0.25} for m in (0.5, 0.625, 0.75)]
    assert GROUPS.weight_decays(7) == {"tenth": 0.0}  # the other groups do not specify one
    with pytest.raises(ValueError, match=r"^t must be from 0 to 2\^53, got -1$"):
        GROUPS.rates(-1)


def test_the_first_group_that_matches():
    names = ["body.weight", "body.bias", "head.weight", "head.bias", "tail.1", "tail.3", "HEAD"]
    assert GROUPS.assign_names(names) == {
        "default": ["body.weight", "tail.3", "HEAD"], "tenth": ["body.bias", "head.bias"],
        "own": ["head.weight", "tail.1"]}


def test_patterns_that_match_nothing():
    with pytest.raises(SpecificationError) as caught:
        GROUPS.assign_names(["body.bais", "body.weight", "head.bais"])
    assert caught.value.mistakes == [
        "groups[0].match[0]: must match a parameter; the nearest are 'body.bais', 'head.bais', 'body.weight', "
        'got "*bias"',
        "groups[1].match[1]: must match a parameter; the nearest are 'head.bais', 'body.bais', 'body.weight', "
        'got "tail.[12]"']
    with pytest.raises(SpecificationError, match=r"^groups\[1\]\.match: every parameter that it matches belongs to an "
                                                 r'earlier group, got \["head\*", "tail\.\[12\]"\]$'):
        GROUPS.model_copy(update={"groups": (
            Group(name="all", match=["*"]), *GROUPS.groups[1:])}).assign_names(["head", "tail.1"])
    with pytest.raises(SpecificationError, match="the network has none"):
        GROUPS.assign_names([])


def test_frozen_and_comparable():
    assert hash(GROUPS) == hash(GROUPS.model_copy())
    with pytest.raises(ValidationError):
        GROUPS.momentum = None
