"""Tests that mistakes in settings and constructors of other libraries are one line with exit code 2."""

from __future__ import annotations

import pytest

import parity.__main__ as parity
from parity.port import PortError, read_text

#: Library, text, options, and a part of the message.
MISTAKES = [
    ("mmengine", 'dict(type="StepLR", by_epoch=False, end=10)', {"lr": 0.1}, "missing 1 required positional argument"),
    ("mmengine", 'dict(type="StepLR", step_size=2, by_epoch="no", end=9)', {"lr": 0.1}, "by_epoch must be True or"),
    ("mmengine", '{"type": "StepLR", "step_size": 3, "by_epoch": False, "end": 9, 1: 2}', {"lr": 0.1}, "no argument 1"),
    ("mmengine", 'dict(type="StepLR", step_size=1, gamma=1.1, by_epoch=False, end=900000000)', {"lr": 0.1}, "at most"),
    ("detectron2", "SOLVER.BASE_LR=0.02 SOLVER.MAX_ITER=90000", {}, "SOLVER.BASE_LR=0.02: must be a key in capitals"),
    ("detectron2", "SOLVER.base_lr 0.5 SOLVER.MAX_ITER 100", {}, "must be a key in capitals"),
    ("detectron2", "SOLVER.BASE_LR 0.02 --resume", {}, "--resume: leave options out"),
    ("detectron2", "SOLVER.MAX_ITER 100 SOLVER.C 5", {}, "cannot be read with these arguments"),
    ("detectron2", "SOLVER.MAX_ITER 9 SOLVER.LR_SCHEDULER_NAME WarmupStepWithFixedGammaLR SOLVER.NUM_DECAYS 1000000000",
     {}, "NUM_DECAYS must be at most"),
    ("transformers", "TrainingArguments(lr_scheduler_type=[1])", {}, "cannot be read with these arguments"),
    ("timm", "--lr 0.1 --epochs 10 --min_lr 5 --sched cosine", {"updates_per_epoch": 2}, "--min_lr is unknown"),
    ("timm", "--lr 0.1 --config a.yaml", {"updates_per_epoch": 2}, "--config cannot be ported"),
    ("megatron", "--lr 3e-4 --train-iters 9 --min_lr 1e-5", {}, "--min_lr is unknown"),
    ("megatron", "--lr 3e-4 --train-iters 9 --yaml-cfg a.yaml", {}, "--yaml-cfg cannot be ported"),
    ("fairseq", "--lr 0.1 --lr-scheduler triangular --max-lr 1 --lr-period-updates nan", {}, "must be finite, got nan"),
    ("olmo", "SequentialScheduler(schedulers=[], schedulers_max=[])", {"lr": 0.1, "total": 100}, "cannot be read"),
]
FILES = [
    ("deepspeed", '{"scheduler": {"type": "WarmupLR", "parms": {"warmup_max_lr": 0.5}}}', 'got "parms"'),
    ("torchtitan", "[lr_schedular]\nwarmup_steps = 5\n[training]\nsteps = 9", "did you mean [lr_scheduler]?"),
    ("torchtitan", "[lr_scheduler]\nwarmup_steps = 5\n[training]\nstep = 9", "did you mean steps?"),
    ("mmengine", "param_scheduler = [dict(type='StepLR', step_size=3)]\nparam_scheduler[0]['step_size'] = 100",
     "line 2 changes param_scheduler"),
    ("mmengine", "optim_wrapper = dict(optimizer=dict(lr=0.1))\nif True:\n    param_scheduler = []", "line 2 changes"),
]


@pytest.mark.parametrize(("library", "text", "options", "message"), MISTAKES)
def test_a_mistake_is_one_line(library, text, options, message):
    with pytest.raises(PortError) as error:
        read_text(text, library, **options)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("library", "text", "message"), FILES)
def test_a_mistake_in_a_file_is_one_line(library, text, message):
    with pytest.raises(PortError) as error:
        read_text(text, library, config=True, updates_per_epoch=2, total=9)
    assert message in str(error.value)


def test_the_last_assignment_of_a_configuration_counts():
    text = "lr = 0.1\nlr = 0.2\noptim_wrapper = dict(optimizer=dict(lr=lr))\n" + "".join(
        f"param_scheduler = [dict(type='StepLR', step_size={size}, by_epoch=False)]\n" for size in (3, 5))
    schedule = read_text(text, "mmengine", config=True, total=20).schedule
    assert [schedule.lr(t) for t in (0, 3, 4, 5)] == [0.2, 0.2, 0.2, 0.2 * 0.1]


def test_create_scheduler_is_read():
    reading = read_text("create_scheduler_v2(optimizer, num_epochs=10)", "timm", lr=0.1, updates_per_epoch=3)
    assert reading.schedule.lr(0) == 0.1


@pytest.mark.parametrize("line", [
    "from mmengine.optim import CosineAnnealingLR\ns = CosineAnnealingLR(o, T_max=3)",
    "from detectron2.solver import build_lr_scheduler\ns = build_lr_scheduler(cfg, o)",
    "from olmo_core.optim import CosWithWarmup\ns = CosWithWarmup(warmup=n)"])
def test_a_scheduler_of_settings_is_not_left_out_of_a_script(line, tmp_path, capsys):
    (tmp_path / "train.py").write_text(line)
    with pytest.raises(SystemExit) as end:
        parity.main(["port", str(tmp_path / "train.py"), "--to", "torch", "--no-measure"])
    assert end.value.code == 2
    assert "1 of 1 schedulers not ported" in capsys.readouterr().err


@pytest.mark.parametrize("off", [0, 1e-11])
def test_a_rate_that_is_only_nearly_the_first_one_is_another(off):
    """Rounding is accepted where a part begins at the rate of the one before; a difference of 1e-11 is refused."""
    texts = {
        "torch": "SequentialLR(o, [OneCycleLR(o, 0.5, total_steps=50), ConstantLR(o, 0.5)], [49])",
        "mmengine": "[dict(type='LinearLR', start_factor=0.1, end=6, by_epoch=False), "
                    "dict(type='CosineAnnealingLR', T_max=5, by_epoch=False, begin=6, end=20)]"}
    rates = {"torch": 0.5 / 25 * (1 + off), "mmengine": 0.1}
    texts["mmengine"] = texts["mmengine"].replace("start_factor=0.1", f"start_factor=0.1, end_factor={1 - off!r}")
    for library, text in texts.items():
        if off:
            with pytest.raises(PortError, match=r"overwrites the rate|is not that of the optimizer"):
                read_text(text, library, lr=rates[library])
        else:
            read_text(text, library, lr=rates[library])
