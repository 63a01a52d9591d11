"""Tests the reading of DeepSpeed's schedulers and configurations, against DeepSpeed's rates."""

from __future__ import annotations

import json

import pytest

from frameworks.schedule import lrs
from parity.port import PortError, read_text
from tests.harness.dialect_rates import compare
from tests.port.recorded_rates import compare_recorded, read_recorded

CALLS = read_recorded("deepspeed")
CONFIG = {"optimizer": {"type": "AdamW", "params": {"lr": 0.001}}, "fp16": {"enabled": True},
          "scheduler": {"type": "WarmupDecayLR", "params": {
              "warmup_num_steps": 10, "warmup_max_lr": 0.002, "warmup_type": "linear", "total_num_steps": 50}}}


def read(config, **options):
    return read_text(json.dumps(config), "deepspeed", config=True, **options)


@pytest.mark.parametrize("call", CALLS)
def test_recorded_rates_are_read(call):
    assert compare_recorded("deepspeed", call, CALLS[call]) >= 40


def test_a_recorded_rate_that_differs_is_noticed():
    call = next(iter(CALLS))
    with pytest.raises(ValueError, match="update 12: the library has"):
        compare("deepspeed", call, [rate + 1e-9 * (t == 12) for t, rate in enumerate(CALLS[call])])


def test_a_whole_configuration_and_its_scheduler_have_the_same_rates():
    whole, part = read(CONFIG), read(CONFIG["scheduler"])
    text = "WarmupDecayLR(optimizer, 50, warmup_max_lr=0.002, warmup_num_steps=10, warmup_type='linear')"
    assert whole.schedule == part.schedule == read_text(text, "deepspeed").schedule
    assert (whole.optimizer, part.optimizer) == ("AdamW", None)
    assert "one update late" in whole.traps[0]


def test_the_first_two_updates_have_the_same_rate():
    """By hand: the class sets the first rate when it is built, and its first step sets the rate of its count 0."""
    assert lrs(read(CONFIG).schedule, 4).tolist() == [0.0, 0.0, 0.0002, 0.0004]


def test_values_of_hugging_face_are_given_with_set():
    config = {"optimizer": {"type": "AdamW", "params": {"lr": "auto"}}, "scheduler": {
        "type": "WarmupCosineLR", "params": {"warmup_num_steps": "auto", "total_num_steps": 50}}}
    with pytest.raises(PortError) as refusal:
        read(config)
    assert str(refusal.value) == (
        "WarmupCosineLR needs the value of optimizer.params.lr, scheduler.params.warmup_num_steps: give each with "
        "--set, such as --set optimizer.params.lr=VALUE")
    values = {"optimizer.params.lr": "0.1", "scheduler.params.warmup_num_steps": "2"}
    assert read(config, values=values).schedule.lr(3) == pytest.approx(0.0999, abs=1e-4)
    with pytest.raises(PortError, match="--set typo: not used in the text"):
        read(config, values=values | {"typo": "1"})


REFUSED = {
    '{"scheduler": {"type": "WarmupDecayLR", "params": {}}}':
        "WarmupDecayLR needs the value of scheduler.params.total_num_steps: give each with --set, such as "
        "--set scheduler.params.total_num_steps=VALUE",
    '{"scheduler": {"type": "WarmupCosineLR", "params": {"total_num_steps": 50}}}':
        "WarmupCosineLR: the rate that the optimizer was made with is needed: --lr",
    '{"scheduler": {"type": "WarmupLR", "params": {"warmup_num_steps": 10.0, "warmup_max_lr": 1}}}':
        "WarmupLR: warmup_num_steps must be a whole number, got 10.0",
    '{"scheduler": {"type": "WarmupLR", "params": {"warmup_num_steps": 99999, "warmup_max_lr": 1}}}':
        "WarmupLR: warmup_num_steps must be at most 20,000 for the logarithmic warm-up, whose rates are written one by "
        "one, got 99,999: use warmup_type='linear'",
    '{"scheduler": {"type": "StepLR", "params": {"step_size": 3}}}':
        "StepLR is not a supported scheduler of deepspeed; it is a class of torch: --from torch",
    '{"scheduler": {"type": "OneCycle", "params": {"cycle_min_lr": [0.1, 0.2], "cycle_max_lr": 1}}}':
        "OneCycle: cycle_min_lr must be the same for all parameter groups, got [0.1, 0.2]: port each group, or specify "
        "them together as frameworks/GROUPS.md shows",
    '{"scheduler": 3}': '"scheduler" must be an object, got 3',
    '{"fp16": {}}': 'the configuration has no "scheduler": {"type": ..., "params": {...}}: DeepSpeed keeps the '
                    "optimizer's rate, or uses a scheduler of the script: port its constructor",
    '{"a": 1, "a": 2}': "not JSON: a key given more than once"}


@pytest.mark.parametrize("text", REFUSED)
def test_a_configuration_that_cannot_be_read_is_refused_in_one_line(text):
    with pytest.raises(PortError) as refusal:
        read_text(text, "deepspeed", config=True)
    assert str(refusal.value) == REFUSED[text]
