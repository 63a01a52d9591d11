"""Tests the reading of torchtitan's configuration, against torchtitan's rates."""

from __future__ import annotations

import pytest

from frameworks.schedule import lrs
from parity.port import PortError, read_text
from tests.harness.dialect_rates import compare
from tests.port.recorded_rates import compare_recorded, read_recorded

CALLS = read_recorded("torchtitan")
CONFIG = """
[model]
name = "llama3"
[optimizer]
name = "AdamW"
lr = 0.4
[lr_scheduler]
warmup_steps = 4
decay_ratio = 0.5
decay_type = "cosine"
min_lr_factor = 0.1
[training]
steps = 20
"""


def read(text, **options):
    return read_text(text, "torchtitan", config=True, **options)


@pytest.mark.parametrize("call", CALLS)
def test_recorded_rates_are_read(call):
    assert compare_recorded("torchtitan", call, CALLS[call]) == len(CALLS[call])


def test_some_recorded_texts_have_more_than_40_updates():
    assert sum(len(rates) > 40 for rates in CALLS.values()) >= 3


def test_a_recorded_rate_that_differs_is_noticed():
    call = next(call for call in CALLS if len(CALLS[call]) > 20)
    with pytest.raises(ValueError, match="update 12: the library has"):
        compare("torchtitan", call, [rate + 1e-9 * (t == 12) for t, rate in enumerate(CALLS[call])])


def test_a_configuration_and_the_call_have_the_same_rates():
    """By hand: the first update has a quarter of the rate; the last one is above the end of the decay."""
    call = ("build_lr_schedulers(optimizers, LRScheduler(warmup_steps=4, decay_ratio=0.5, decay_type='cosine', "
            "min_lr_factor=0.1), 20)")
    reading = read(CONFIG)
    assert reading.schedule == read_text(call, "torchtitan", lr=0.4).schedule
    assert (reading.optimizer, reading.followed) == ("AdamW", 21)
    assert lrs(reading.schedule, 5).tolist() == [0.1, 0.2, pytest.approx(0.3), 0.4, 0.4]
    assert reading.schedule.lr(19) > 0.04 == pytest.approx(reading.schedule.lr(20))


def test_lr_min_of_0_1_is_a_share():
    reading = read(CONFIG.replace("min_lr_factor", "lr_min"))
    assert reading.schedule == read(CONFIG).schedule
    assert reading.traps[0] == "lr_min is a share of the rate, which 0.2 names min_lr_factor, not a rate."


def test_the_rate_may_be_given_beside_the_file():
    assert read(CONFIG.replace("lr = 0.4\n", ""), lr=0.4).schedule == read(CONFIG).schedule


REFUSED = {
    CONFIG.replace("decay_ratio", "decay_share"):
        "torchtitan: [lr_scheduler]: got an unexpected keyword argument 'decay_share'",
    CONFIG.replace("cosine", "sine"):
        "torchtitan: [lr_scheduler]: decay_type must be one of linear, sqrt, cosine, got 'sine'",
    CONFIG.replace("lr = 0.4", ""):
        "torchtitan: [lr_scheduler]: the rate that the optimizer was made with is needed: --lr",
    CONFIG.replace("steps = 20", "steps = 20.5"):
        "torchtitan: [training] steps must be a whole number, got 20.5",
    CONFIG.replace("steps = 20", "warmup_steps = 2"):
        "[training] warmup_steps is of torchtitan 0.0: move it to [lr_scheduler], as in 0.1 and later",
    "lr_scheduler = 3": "lr_scheduler must be a section, [lr_scheduler], got 3",
    "[model]": "the configuration has none of the sections [optimizer], [lr_scheduler] and [training]",
    "a = ": "text: not TOML: Invalid value (at end of document)"}


@pytest.mark.parametrize("text", REFUSED)
def test_a_configuration_that_cannot_be_read_is_refused_in_one_line(text):
    with pytest.raises(PortError) as refusal:
        read(text)
    assert str(refusal.value) == REFUSED[text]
