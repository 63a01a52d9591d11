"""Tests the reading of Megatron-LM's arguments and of OptimizerParamScheduler, against the rates of megatron-core."""

from __future__ import annotations

import sys

import pytest

from frameworks.schedule import Cosine, Warmup, lrs
from parity.__main__ import main
from parity.port import PortError, read_text
from tests.harness.dialect_rates import compare
from tests.port.recorded_rates import compare_recorded, read_recorded

CALLS = read_recorded("megatron")
USUAL = "--lr 3e-4 --min-lr 3e-5 --lr-decay-style cosine --lr-warmup-iters 10 --train-iters 100"


def read(text, **options):
    return read_text(text, "megatron", **options)


@pytest.mark.parametrize("call", CALLS)
def test_recorded_rates_are_read(call):
    assert compare_recorded("megatron", call, CALLS[call]) >= 40


def test_a_recorded_rate_that_differs_is_noticed():
    call = next(iter(CALLS))
    with pytest.raises(ValueError, match="update 12: the library has"):
        compare("megatron", call, [rate + 1e-9 * (t == 12) for t, rate in enumerate(CALLS[call])])


def test_usual_arguments_are_a_warm_up_and_a_cosine_that_includes_it():
    schedule = Warmup(updates=10, peak_lr=3e-4, then=Cosine(base_lr=3e-4, final_lr=3e-5, updates=90))
    assert read(USUAL).schedule == schedule
    assert read(f"torchrun pretrain_gpt.py \\\n {USUAL} --bf16 --data-path 'a b' # end").schedule == schedule
    text = "OptimizerParamScheduler(optimizer, 0, 3e-4, 3e-5, 80, 800, 'cosine', increment=8)"
    assert read(text).schedule == schedule


def test_samples_need_the_global_batch_size():
    samples = "--lr 0.1 --train-samples 1000 --lr-warmup-samples 100"
    with pytest.raises(PortError, match="--global-batch-size is needed: Megatron counts samples"):
        read(samples)
    assert read(f"{samples} --global-batch-size 10").schedule == read(
        "--lr 0.1 --train-iters 100 --lr-warmup-iters 10").schedule


def test_the_inverse_square_root_without_a_warm_up_depends_on_the_batch():
    """By hand: the first update sees no sample, which counts as 1; the second one has seen the global batch."""
    text = "--lr 0.1 --lr-decay-style inverse-square-root --train-iters 50 --global-batch-size"
    assert lrs(read(f"{text} 4").schedule, 2).tolist() == [0.1, 0.05]
    assert lrs(read(f"{text} 16").schedule, 2).tolist() == [0.1, 0.025]


def test_a_variable_of_the_shell_has_the_value_of_set():
    text = USUAL.replace("3e-4", "$LR").replace("100", "${STEPS}")
    with pytest.raises(PortError, match="needs the value of LR, STEPS: give each with --set, such as --set LR=VALUE"):
        read(text)
    assert read(text, values={"LR": "3e-4", "STEPS": "100"}).schedule == read(USUAL).schedule


def test_the_command_reads_arguments(capsys):
    with pytest.raises(SystemExit) as end:
        sys.exit(main(["port", USUAL, "--from", "megatron", "--to", "torch", "--no-measure"]))
    assert not end.value.code
    assert '#   "kind": "warmup",' in capsys.readouterr().out


REFUSED = {
    "--lr 0.1": "Megatron-LM: one of --train-iters and --train-samples must be given",
    "--train-iters 5": "Megatron-LM: missing a required argument: '--lr'",
    "--lr x --train-iters 5": "argument --lr: invalid float value: 'x'",
    "--lr 0.1 --train-iters 5 --lr-mult 3":
        "--lr-mult is unknown and may change the rate: leave it out, or port the constructor",
    "--lr 0.1 --train-iters 5 --warmup 3": "--warmup cannot be ported: Megatron refuses it: give --lr-warmup-fraction",
    "--lr 0.1 --train-iters 5 --rampup-batch-size 2 2 8":
        "--rampup-batch-size cannot be ported: the updates then have different numbers of samples",
    "--lr 0.1 --train-iters 5 --lr-warmup-iters 5":
        "Megatron-LM: --lr-decay-iters, by default --train-iters, must be above the warm-up, which it includes: 5, got "
        "5",
    "--lr 0.1 --train-iters 9 --lr-decay-style WSD":
        "Megatron-LM: --lr-wsd-decay-iters must be given with WSD: the length of its annealing",
    "--lr 0.1 --train-iters 9 --lr-decay-style WSD --lr-wsd-decay-iters 3":
        "Megatron-LM: the WSD decay 'exponential', the default, is an exponential minus a constant: "
        "not expressible unless the lowest rate is at least half of the highest; --lr-wsd-decay-style names another",
    "--lr 0.1 --train-iters 9 --lr-decay-samples 5":
        "Megatron-LM: with --train-iters the lengths must be in iters too: --lr-decay-iters, "
        "--lr-warmup-iters",
    "--lr '0.1": "not a text of arguments: no closing quotation, got \"--lr '0.1\""}


@pytest.mark.parametrize("text", REFUSED)
def test_arguments_that_cannot_be_read_are_refused_in_one_line(text):
    with pytest.raises(PortError) as refusal:
        read(text)
    assert str(refusal.value) == REFUSED[text]
