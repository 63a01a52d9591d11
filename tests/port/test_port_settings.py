"""Reads settings of libraries beside constructors, and compares with the rates that the libraries made of them."""

from __future__ import annotations

import importlib.util
import json
import os
import re

import numpy as np
import pytest

from frameworks.schedule import Hold, Product, Shift, Warmup, lrs
from parity.port import PortError, read_text
from tests.harness.settings.__main__ import RECORDED, SETTINGS, UPDATES, compare, find_difference
from tests.harness.settings.timm import SCRIPT
from tests.harness.written_rates import MODULES

RECORDS = {name: json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8")) for name in SETTINGS}
CASES = [(name, text) for name, record in RECORDS.items() for text in record["rates"]]


@pytest.mark.parametrize(("name", "text"), CASES)
def test_settings_are_read_as_the_rates_that_the_library_made(name, text):
    schedule = read_text(text, name, **SETTINGS[name].options).schedule
    rates = RECORDS[name]["rates"][text]
    assert len(rates) == UPDATES >= 40
    assert find_difference(lrs(schedule, UPDATES), rates, SETTINGS[name].bits) is None


def test_a_reading_one_update_early_is_noticed():
    noticed = 0
    for name, text in CASES:
        schedule, rates = read_text(text, name, **SETTINGS[name].options).schedule, RECORDS[name]["rates"][text]
        differs = find_difference(lrs(Shift(by=1, of=schedule), UPDATES), rates, SETTINGS[name].bits)
        differs = differs is not None
        assert differs is bool(np.any(lrs(schedule, UPDATES + 1)[1:] != lrs(schedule, UPDATES))), text
        noticed += differs
    assert noticed > 100


def test_the_installed_libraries_make_the_recorded_rates():
    for name, setting in SETTINGS.items():
        if importlib.util.find_spec(MODULES.get(name, name)) and (name != "timm" or SCRIPT in os.environ):
            for text, rates in RECORDS[name]["rates"].items():
                compare(setting, text)
                np.testing.assert_allclose(setting.run(text, UPDATES), rates, rtol=1e-12, atol=1e-15)


#: Library, text, options, and what the message must have.
REFUSED = [
    ("transformers", "TrainingArguments(warmup_step=3)", {}, "no argument warmup_step that decides rates; did you mean "
     "warmup_steps?"),
    ("transformers", "TrainingArguments(lr_scheduler_type='reduce_lr_on_plateau')", {}, "port that class"),
    ("transformers", "TrainingArguments(lr_scheduler_type='cosin')", {}, "lr_scheduler_type must be one of linear,"),
    ("transformers", "TrainingArguments(num_train_epochs=2)", {}, "give --updates-per-epoch, the batches of an epoch"),
    ("transformers", "TrainingArguments(max_steps=5)", {"total": 6}, "max_steps is 5, but --total-updates is 6"),
    ("transformers", "TrainingArguments(max_steps=0)", {}, "max_steps must be above 0, or -1"),
    ("transformers", "TrainingArguments(learning_rate=0.1, max_steps=9)", {"lr": 0.2}, "is 0.1, but --lr is 0.2"),
    ("transformers", "TrainingArguments(warmup_ratio=2, max_steps=9)", {}, "warmup_ratio must be at most 1, got 2"),
    ("transformers", "TrainingArguments(lr_scheduler_kwargs='{', max_steps=9)", {}, "the text of one in JSON"),
    ("transformers", "TrainingArguments(learning_rate=args.lr)", {}, "needs the value of args.lr"),
    ("timm", "--sched cosine", {"updates_per_epoch": 4}, "--lr is needed: without it the rate is --lr-base scaled"),
    ("timm", "--sched cosine --lr-base 0.1", {}, "--lr-base cannot be ported: the rate is then scaled"),
    ("timm", "--sched tanh --lr 0.1", {"updates_per_epoch": 4}, "a hyperbolic tangent is not expressible"),
    ("timm", "--sched cosin --lr 0.1", {"updates_per_epoch": 4}, "sched must be one of cosine"),
    ("timm", "--lr 0.1", {}, "it counts epochs: give --updates-per-epoch"),
    ("timm", "--lr 0.1 --lr-noise 0.4 0.9", {"updates_per_epoch": 4}, "noise_range_t must be None"),
    ("timm", "--lr 0.1 --start-epoch 3", {"updates_per_epoch": 4}, "--start-epoch must be 0, got 3"),
    ("timm", "--lr 0.1 --warmup 3", {}, "--warmup is unknown and may change the rate"),
    ("timm", "--sched wsd --lr 0.1 --epochs 5", {"updates_per_epoch": 4}, "requires 0 < --decay-epochs <= epochs"),
    ("lightning", "StepLR(optimizer, 3)", {"lr": 0.1}, "it counts epochs: give --updates-per-epoch"),
    ("lightning", '{"scheduler": StepLR(optimizer, 3), "interval": "batch"}', {"lr": 0.1}, "one of step, epoch"),
    ("lightning", '{"scheduler": StepLR(optimizer, 3), "interval": "step", "frequency": 3}',
     {"lr": 0.1, "updates_per_epoch": 4}, "frequency must divide the 4 updates of an epoch, got 3"),
    ("lightning", '{"scheduler": ReduceLROnPlateau(optimizer), "monitor": "val_loss"}', {"lr": 0.1},
     "port the constructor with --from torch"),
    ("lightning", '{"scheduler": scheduler}', {"lr": 0.1}, "its constructor, written out"),
    ("lightning", "([optimizer], [StepLR(optimizer, 3), StepLR(optimizer, 3)])", {"lr": 0.1}, "port each scheduler"),
    ("lightning", '{"scheduler": StepLR(optimizer, n), "interval": "step"}', {"lr": 0.1}, "needs the value of n"),
    ("mmengine", "dict(type='StepLR', step_size=3)", {"updates_per_epoch": 4}, "--lr"),
    ("mmengine", "dict(type='StepLR', step_size=3)", {"lr": 0.1}, "it counts epochs: give --updates-per-epoch"),
    ("mmengine", "dict(type='StepLR', step=3, by_epoch=False)", {"lr": 0.1}, "no argument step: mmengine raises "
     "TypeError; did you mean step_size?"),
    ("mmengine", "dict(type='LinearLR', by_epoch=False)", {"lr": 0.1}, "give end, or --total-updates"),
    ("mmengine", "dict(type='LinearLR', start_factor=0, by_epoch=False, end=3)", {"lr": 0.1}, "ZeroDivisionError"),
    ("mmengine", "dict(type='ReduceOnPlateauLR')", {"lr": 0.1}, "depend on the training's metric"),
    ("mmengine", "dict(type='QuadraticWarmupLR')", {"lr": 0.1}, "is not a supported scheduler of mmengine"),
    ("mmengine", "[dict(type='PolyLR', eta_min=0.01, by_epoch=False, end=9), dict(type='StepLR', step_size=3, end=9, "
     "by_epoch=False)]", {"lr": 0.1}, "overlap, of schedulers of which one does not multiply the rate"),
    ("mmengine", "dict(type='StepLR', step_size=cfg.step)", {"lr": 0.1}, "needs the value of cfg.step"),
    ("mmengine", "x = [3]", {"lr": 0.1}, "param_scheduler is not assigned in the file"),
    ("detectron2", "SOLVER.STEP (3,)", {}, "SOLVER has no key STEP: detectron2 raises KeyError; did you mean STEPS?"),
    ("detectron2", "SOLVER.MAX_ITER 2000000", {}, "MAX_ITER must be below 1,000,000, got 2000000"),
    ("detectron2", "SOLVER.MAX_ITER 9 SOLVER.STEPS (3,9)", {}, "STEPS must be below MAX_ITER, got 9"),
    ("detectron2", "--config-file a.yaml SOLVER.MAX_ITER 9", {}, "write the SOLVER keys of the file as pairs too"),
    ("detectron2", "SOLVER.LR_SCHEDULER_NAME WarmupPoly", {}, "LR_SCHEDULER_NAME must be one of WarmupMultiStepLR"),
    ("detectron2", "SOLVER.MAX_ITER SOLVER.BASE_LR 0.1", {}, "SOLVER.MAX_ITER needs a value"),
    ("detectron2", "SOLVER.BASE_LR rate", {}, "needs the value of rate"),
    ("olmo", "CosWithWarmup(warmup=3)", {"lr": 0.1}, "give --total-updates"),
    ("olmo", "CosWithWarmup(warmup=3)", {"total": 9}, "--lr"),
    ("olmo", "CosWithWarmup()", {"lr": 0.1, "total": 9}, "either warmup or warmup_fraction must be given, and"),
    ("olmo", "WSD(warmup=3, decay=2)", {"lr": 0.1, "total": 9}, "with decay_fraction=None beside decay"),
    ("olmo", "WSD(warmup=3, decay=0, decay_fraction=None)", {"lr": 0.1, "total": 9}, "ZeroDivisionError"),
    ("olmo", "WSD(warmup=3, units='tokens')", {"lr": 0.1, "total": 9}, "units must be 'steps', got 'tokens'"),
    ("olmo", "WSD(warmup=3, warm=3)", {"lr": 0.1, "total": 9}, "it has no argument warm: OLMo-core raises TypeError"),
    ("olmo", "WSDS(period_lengths=[3])", {"lr": 0.1, "total": 9}, "its periods are not supported"),
    ("mlx", "step_decay(0.1, 1.5, 3)", {}, "the rate would increase without end"),
    ("mlx", "join_schedules([step_decay(0.1, 0.5, 3)], [3])", {}, "Received 1 boundaries but expected 0."),
]


@pytest.mark.parametrize(("library", "text", "options", "message"), REFUSED)
def test_what_is_not_understood_is_refused_in_one_line(library, text, options, message):
    with pytest.raises(PortError, match=re.escape(message)) as raised:
        read_text(text, library, **options)
    assert "\n" not in str(raised.value)


#: Library, text, options, and a trap.
TRAPS = [
    ("transformers", "TrainingArguments(lr_scheduler_type='constant', warmup_steps=3)", {}, "ignores the warm-up"),
    ("transformers", "TrainingArguments(max_steps=9, warmup_ratio=0.5, warmup_steps=1)", {}, "ratio has no effect"),
    ("transformers", "TrainingArguments(max_steps=9, warmup_steps=0.5)", {}, "is a share of the training, rounded up"),
    ("transformers", "TrainingArguments(max_steps=9, num_train_epochs=3)", {}, "max_steps overrides num_train_epochs"),
    ("transformers", "TrainingArguments(max_steps=9, deepspeed='ds.json')", {}, "deepspeed configuration replaces"),
    ("timm", "--lr 0.1", {"updates_per_epoch": 4}, "--epochs counts the warm-up too"),
    ("timm", "--lr 0.1 --sched multistep", {"updates_per_epoch": 4}, "one update (or epoch) before its milestone"),
    ("timm", "--lr 0.1 --sched poly", {"updates_per_epoch": 4}, "uses --decay-rate as its power"),
    ("timm", "--lr 0.1 --layer-decay 0.7", {"updates_per_epoch": 4}, "multiplies the rate of each layer"),
    ("lightning", "StepLR(optimizer, 3)", {"lr": 0.1, "updates_per_epoch": 4}, "Lightning steps once per epoch"),
    ("lightning", '{"scheduler": StepLR(optimizer, 3), "intervall": "step"}', {"lr": 0.1, "updates_per_epoch": 4},
     'ignores the key "intervall"'),
    ("lightning", '{"scheduler": StepLR(optimizer, 3), "monitor": "loss"}', {"lr": 0.1, "updates_per_epoch": 4},
     "monitor has no effect"),
    ("mmengine", "dict(type='LinearLR', end=9, by_epoch=False)", {"lr": 0.1}, "one before end"),
    ("mmengine", "dict(type='CosineAnnealingLR', end=9)", {"lr": 0.1, "updates_per_epoch": 4}, "by_epoch is True by"),
    ("mmengine", "[dict(type='StepLR', step_size=3, by_epoch=False), dict(type='CosineAnnealingMomentum', T_max=3)]",
     {"lr": 0.1}, "CosineAnnealingMomentum changes the momentum and is left out"),
    ("mmengine", "dict(type='MultiStepLR', begin=5, milestones=[9], by_epoch=False)", {"lr": 0.1}, "from begin, not"),
    ("olmo", "WSD(warmup=3)", {"lr": 0.1, "total": 99}, "the first update sees 1, not 0"),
    ("detectron2", "SOLVER.MAX_ITER 9 SOLVER.STEPS (3,10) SOLVER.WARMUP_ITERS 2", {}, "above MAX_ITER are ignored"),
    ("detectron2", "SOLVER.MAX_ITER 9 SOLVER.STEPS (3,) SOLVER.WARMUP_ITERS 2", {}, "counts the warm-up too"),
    ("detectron2", "SOLVER.MAX_ITER 9 SOLVER.STEPS (3,) SOLVER.BIAS_LR_FACTOR 2.0", {}, "the rate of biases by 2.0"),
]


@pytest.mark.parametrize(("library", "text", "options", "trap"), TRAPS)
def test_traps_are_named(library, text, options, trap):
    assert any(trap in each for each in read_text(text, library, **options).traps)


def test_warmup_ratio_of_transformers_4_is_rounded_up_and_yields_to_warmup_steps():
    """By hand: 0.11 of 20 updates is 2.2, so that the warm-up has 3."""
    text = "TrainingArguments(max_steps=20, warmup_ratio=0.11, warmup_steps={})"
    lengths = [read_text(text.format(steps), "transformers").schedule.updates for steps in (0, 7)]
    assert lengths == [3, 7]


def test_a_configuration_file_of_mmengine_has_the_rate_and_the_length(run, tmp_path):
    text = ("from mmengine.config import read_base\nbase_lr = 0.1\nmax_epochs = 3\n"
            "optim_wrapper = dict(optimizer=dict(type='SGD', lr=base_lr))\ntrain_cfg = dict(max_epochs=max_epochs)\n"
            "param_scheduler = [dict(type='LinearLR', end=1, convert_to_iter_based=True), "
            "dict(type='PolyLR', begin=1)]\n")
    schedule = read_text(text, "mmengine", updates_per_epoch=4).schedule
    assert [schedule.lr(t) for t in (0, 3, 4, 8)] == pytest.approx([0.1 / 3, 0.1, 0.1, 0.0])
    (tmp_path / "config.py").write_text(text)
    result = run("-m", "parity", "port", tmp_path / "config.py", "--from", "mmengine", "--to", "torch", "--no-measure",
                 "--updates-per-epoch", 4)
    assert result.returncode == 0, result.stderr
    assert "trap: PolyLR reaches eta_min" in result.stdout
    with pytest.raises(PortError, match="by_epoch must be False with max_iters"):
        read_text(text.replace("max_epochs=max_epochs", "max_iters=9"), "mmengine", updates_per_epoch=4)


def test_an_epoch_of_lightning_is_held_and_a_step_is_not():
    epoch, step = (read_text(f'{{"scheduler": ExponentialLR(optimizer, 0.5), "interval": "{unit}"}}', "lightning",
                             lr=0.4, updates_per_epoch=4).schedule for unit in ("epoch", "step"))
    assert epoch == Hold(updates=4, of=step)


def test_a_warm_up_of_mmengine_that_overlaps_is_multiplied():
    parts = ("dict(type='LinearLR', by_epoch=False, end=6)", "dict(type='MultiStepLR', by_epoch=False, milestones=[4])")
    schedule = read_text(f"[{', '.join(parts)}]", "mmengine", lr=0.3).schedule
    assert isinstance(schedule, Product)
    assert schedule.lr(4) == pytest.approx(0.3 * (1 / 3 + 2 / 3 * 4 / 5) * 0.1)


def test_detectron2s_warm_up_overlaps_the_cosine():
    schedule = read_text("SOLVER.LR_SCHEDULER_NAME WarmupCosineLR SOLVER.MAX_ITER 90 SOLVER.WARMUP_ITERS 9",
                         "detectron2")
    assert isinstance(schedule.schedule, Warmup)
    assert schedule.schedule.clock == "keep"
    assert schedule.followed == 90
