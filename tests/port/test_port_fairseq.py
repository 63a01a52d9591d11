"""Tests the reading of fairseq's arguments and schedulers, against fairseq's rates."""

from __future__ import annotations

import pytest

from frameworks.schedule import InverseSquareRoot, Warmup, lrs
from parity.port import PortError, read_text
from tests.harness.dialect_rates import compare
from tests.port.recorded_rates import compare_recorded, read_recorded

CALLS = read_recorded("fairseq")
USUAL = ("data-bin/wmt --arch transformer --optimizer adam --adam-betas '(0.9, 0.98)' --lr 5e-4 --lr-scheduler "
         "inverse_sqrt --warmup-updates 4000 --warmup-init-lr 1e-07 --dropout 0.3 --min-lr 1e-9")


def read(text, **options):
    return read_text(text, "fairseq", **options)


@pytest.mark.parametrize("call", CALLS)
def test_recorded_rates_are_read(call):
    assert compare_recorded("fairseq", call, CALLS[call]) >= 40


def test_a_recorded_rate_that_differs_is_noticed():
    call = next(iter(CALLS))
    with pytest.raises(ValueError, match="update 12: the library has"):
        compare("fairseq", call, [rate + 1e-9 * (t == 12) for t, rate in enumerate(CALLS[call])])


def test_usual_arguments_are_read():
    schedule = Warmup(updates=4000, begin_lr=1e-7, then=InverseSquareRoot(base_lr=5e-4, timescale=4000.0))
    assert read(USUAL).schedule == schedule
    text = "InverseSquareRootSchedule(lr=[5e-4], warmup_updates=4000, warmup_init_lr=1e-7)"
    assert read(text).schedule == schedule


def test_the_warm_up_of_fixed_counts_from_1_and_that_of_the_others_from_0():
    """By hand: fixed divides t + 1 by the length, inverse_sqrt and polynomial_decay divide t."""
    firsts = {name: lrs(read(f"--lr 0.4 --lr-scheduler {name} --warmup-updates 4 --total-num-update 40"
                             if name == "polynomial_decay" else
                             f"--lr 0.4 --lr-scheduler {name} --warmup-updates 4").schedule, 5).round(9).tolist()
              for name in ("fixed", "inverse_sqrt", "polynomial_decay")}
    assert firsts == {"fixed": [0.1, 0.2, 0.3, 0.4, 0.4], "inverse_sqrt": [0.0, 0.1, 0.2, 0.3, 0.4],
                      "polynomial_decay": [0.0, 0.1, 0.2, 0.3, 0.4]}


def test_a_rate_for_each_epoch_needs_the_length_of_an_epoch():
    text = "--lr 0.4,0.2 --force-anneal 3 --lr-shrink 0.5"
    with pytest.raises(PortError, match="FixedLRSchedule: it counts epochs: give --updates-per-epoch"):
        read(text)
    assert lrs(read(text, updates_per_epoch=1).schedule, 5).tolist() == [0.4, 0.2, 0.1, 0.05, 0.025]


REFUSED = {
    "--lr-scheduler inverse_sqrt": "--lr must be given: its default, 0.25, is rarely meant",
    "--lr 0.1 --lr-scheduler sine":
        "--lr-scheduler must be one of inverse_sqrt, polynomial_decay, cosine, fixed, triangular, tri_stage, step, "
        "reduce_lr_on_plateau, manual, pass_through, got 'sine'",
    "--lr 0.1 --lr-scheduler reduce_lr_on_plateau":
        "ReduceLROnPlateauLRSchedule cannot be ported: its rates depend on the training's metric, not on the update "
        "alone",
    "--lr 0.1 --lr-scheduler inverse_sqrt --lr-shrink 0.5":
        "--lr-shrink is not an argument of --lr-scheduler inverse_sqrt: leave it out",
    "--lr 0.1 --lr-scheduler inverse_sqrt --warmup-updates 0":
        "InverseSquareRootSchedule: --warmup-updates must be at least 1: the class divides by it",
    "--lr 0.1,0.2 --lr-scheduler cosine --max-update 9":
        "CosineLRSchedule: --lr must be the same for all parameter groups, got [0.1, 0.2]: port each group, or specify "
        "them together as frameworks/GROUPS.md shows",
    "--lr 0.1 --lr-scheduler polynomial_decay":
        "PolynomialDecayLRSchedule: --total-num-update must be given, or --max-update, its default",
    "--lr 0.1 --warmup-init": "--warmup-init is unknown and may change the rate: leave it out, or port the constructor",
    "--lr 0.1,x": "argument --lr: invalid list value: '0.1,x'"}


@pytest.mark.parametrize("text", REFUSED)
def test_arguments_that_cannot_be_read_are_refused_in_one_line(text):
    with pytest.raises(PortError) as refusal:
        read(text)
    assert str(refusal.value) == REFUSED[text]
