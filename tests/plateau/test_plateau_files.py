"""Tests files of reduce on plateau: what is refused, and with which message."""

from __future__ import annotations

import pytest

from frameworks.schedule import (
    Cosine,
    SpecificationError,
    dumps,
    loads,
    loads_plateau,
    read,
    read_plateau,
    write,
)
from parity.cases.plateau import CASES

HEAD = '{"kind": "reduce_on_plateau", "base_lr": 0.1, "factor": 0.5, "patience": 2'

REFUSED = {
    "[]": ["must be a metric-driven schedule: an object with a kind, got []"],
    '{"base_lr": 0.1}': ["kind: missing; must be reduce_on_plateau"],
    '{"kind": "reduce_on_platea"}': [
        """kind: unknown kind; did you mean 'reduce_on_plateau'?, got "reduce_on_platea\""""],
    '{"kind": "cosine"}': [
        "kind: must be reduce_on_plateau; a schedule of kind 'cosine' is a function of t and needs no metrics"],
    HEAD + ', "patience": 2}': ["patience: given more than once"],
    HEAD + ', "cooldwn": 3, "rule": "exeeds"}': [
        """rule: must be 'exceeds' or 'reaches', got "exeeds\"""",
        "cooldwn: unknown field; did you mean 'cooldown'?, got 3"],
    HEAD + ', "min_lr": 0.3, "threshold": 1.0}': [
        "threshold: must be below 1 if it is relative and the direction is min, got 1.0",
        "min_lr: must be at most base_lr (0.1), got 0.3"],
    HEAD.replace("0.5", "1.0") + "}": ["factor: must be below 1, got 1.0"],
    HEAD.replace("0.5", "NaN") + "}": ["factor: must be finite, got nan"],
    HEAD.replace(', "patience": 2', "") + "}": [
        "patience: missing; a metric-driven schedule of kind 'reduce_on_plateau' needs it"],
    HEAD.replace("2", "true") + ', "cooldown": 1.5}': [
        "patience: must be an integer, got true", "cooldown: must be an integer, got 1.5"],
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_a_file_gets_wrong(text):
    with pytest.raises(SpecificationError) as error:
        loads_plateau(text, name="x.json")
    assert error.value.mistakes == [f"x.json: {line}" for line in REFUSED[text]]


@pytest.mark.parametrize("where", ["{}", '{{"kind": "scale", "by": 2, "of": {}}}'])
def test_where_a_schedule_is_expected_it_needs_metrics(where):
    with pytest.raises(SpecificationError, match="kind: reduce_on_plateau depends on metrics, so it is not a schedule"):
        loads(where.format(HEAD + "}"))


@pytest.mark.parametrize("suffix", ["json", "toml"])
def test_it_is_written_and_read(suffix, tmp_path):
    for case in CASES.values():
        write(case.plateau, tmp_path / f"plateau.{suffix}")
        assert read_plateau(tmp_path / f"plateau.{suffix}") == case.plateau
    with pytest.raises(SpecificationError, match="depends on metrics"):
        read(tmp_path / f"plateau.{suffix}")
    write(Cosine(base_lr=0.1, updates=5), tmp_path / f"cosine.{suffix}")
    with pytest.raises(SpecificationError, match="is a function of t"):
        read_plateau(tmp_path / f"cosine.{suffix}")
    assert loads_plateau(dumps(CASES["floor"].plateau)) == CASES["floor"].plateau
