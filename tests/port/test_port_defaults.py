"""Tests what `port` reports of a text that leaves something out: the defaults that decide when rates change.

Also tests that a message names the option or the key that the user typed, not the argument of the library.
"""

from __future__ import annotations

import pytest

from parity.port import PortError, read_text
from parity.port.read.typed import spell_typed

TITAN = "[optimizer]\nlr = 0.1\n[lr_scheduler]\nwarmup_steps = 3\n[training]\nsteps = 9\n"
#: Library, text with the argument, the part that is left out, options, and the trap.
DEFAULTS = [
    ("torchtitan", TITAN, "steps = 9\n", {"config": True}, "[training] steps is not given: the default is 10000."),
    ("torchtitan", TITAN, "warmup_steps = 3\n", {"config": True}, "warmup_steps is not given: the default is 200."),
    ("megatron", "--lr 0.1 --train-iters 9 --lr-decay-iters 5", " --lr-decay-iters 5", {},
     "--lr-decay-iters is not given: the default is --train-iters, 9."),
    ("deepspeed", '{"type": "WarmupLR", "params": {"warmup_max_lr": 0.1, "warmup_num_steps": 5}}',
     ', "warmup_num_steps": 5', {"config": True}, "warmup_num_steps is not given: the default is 1000."),
    ("deepspeed", "OneCycle(optimizer, 0.1, 0.4, cycle_first_step_size=5)", ", cycle_first_step_size=5", {},
     "cycle_first_step_size is not given: the default is 2000."),
    ("deepspeed", "LRRangeTest(optimizer, lr_range_test_step_size=5)", ", lr_range_test_step_size=5", {},
     "lr_range_test_step_size is not given: the default is 2000."),
    ("detectron2", "SOLVER.BASE_LR 0.1 SOLVER.MAX_ITER 50000", " SOLVER.MAX_ITER 50000", {},
     "MAX_ITER is not given: the default is 40000."),
    ("detectron2", "SOLVER.BASE_LR 0.1 SOLVER.STEPS (3,)", " SOLVER.STEPS (3,)", {},
     "STEPS is not given: the default is (30000,)."),
    ("detectron2", "SOLVER.BASE_LR 0.1 SOLVER.WARMUP_ITERS 5", " SOLVER.WARMUP_ITERS 5", {},
     "WARMUP_ITERS is not given: the default is 1000."),
    ("fairseq", "--lr 0.1 --lr-scheduler inverse_sqrt --warmup-updates 5", " --warmup-updates 5", {},
     "--warmup-updates is not given: the default is 4000."),
    ("fairseq", "--lr 0.1 --lr-scheduler triangular --max-lr 0.4 --lr-period-updates 8", " --lr-period-updates 8", {},
     "--lr-period-updates is not given: the default is 5000."),
    ("fairseq", "--lr 0.1 --lr-scheduler step --lr-deacy-period 8", " --lr-deacy-period 8", {},
     "--lr-deacy-period is not given: the default is 25000."),
    ("fairseq", "--lr 0.1 --lr-scheduler polynomial_decay --max-update 9 --total-num-update 8", " --total-num-update 8",
     {}, "--total-num-update is not given: the default is --max-update, 9.0."),
    ("timm", "--lr 0.1 --sched cosine --epochs 9 --warmup-epochs 2", " --epochs 9", {"updates_per_epoch": 4},
     "--epochs is not given: the default is 300."),
    ("timm", "--lr 0.1 --sched cosine --epochs 9 --warmup-epochs 2", " --warmup-epochs 2", {"updates_per_epoch": 4},
     "--warmup-epochs is not given: the default is 5."),
    ("timm", "--lr 0.1 --sched step --decay-epochs 3", " --decay-epochs 3", {"updates_per_epoch": 4},
     "--decay-epochs is not given: the default is 90."),
    ("timm", "--lr 0.1 --sched multistep --decay-milestones 3 5", " --decay-milestones 3 5", {"updates_per_epoch": 4},
     "--decay-milestones is not given: the default is [90, 180, 270]."),
    ("transformers", "TrainingArguments(num_train_epochs=2)", "num_train_epochs=2", {"updates_per_epoch": 9},
     "num_train_epochs is not given: the default is 3."),
    ("transformers", "get_inverse_sqrt_schedule(optimizer, 0, timescale=5)", ", timescale=5", {"lr": 0.1},
     "timescale is not given: the default is 10000."),
    ("olmo", "WSD(warmup=3, decay_fraction=0.2)", ", decay_fraction=0.2", {"lr": 0.1, "total": 50},
     "decay_fraction is not given: the default is 0.1."),
    ("torch", "LinearLR(optimizer, total_iters=9)", ", total_iters=9", {"lr": 0.1},
     "total_iters is not given: the default is 5."),
    ("torch", "CyclicLR(optimizer, 0.1, 0.4, step_size_up=9)", ", step_size_up=9", {"lr": 0.1},
     "step_size_up is not given: the default is 2000."),
    ("torch", "SWALR(optimizer, 0.05, anneal_epochs=9)", ", anneal_epochs=9", {"lr": 0.1},
     "anneal_epochs is not given: the default is 10."),
]


@pytest.mark.parametrize(("library", "text", "part", "options", "trap"), DEFAULTS)
def test_a_default_is_named_where_the_text_has_none(library, text, part, options, trap):
    """A default that decides when rates change is a trap, and is not one where the text gives the value."""
    assert part in text
    assert trap in read_text(text.replace(part, ""), library, **options).traps
    assert not any(trap.partition(":")[0] in each for each in read_text(text, library, **options).traps)


#: Library, text, options, and the beginning of the message.
TYPED = [
    ("megatron", "--lr 0.1 --train-iters 9 --lr-decay-iters 3 --lr-warmup-iters 5 --global-batch-size 8", {},
     "Megatron-LM: --lr-decay-iters, by default --train-iters, must be above the warm-up, which it includes: 5, got 3"),
    ("megatron", "--lr 0.1 --min-lr 0.2 --train-iters 9", {}, "Megatron-LM: --lr must be at least --min-lr and"),
    ("megatron", "--lr 0.1 --lr-warmup-init -1 --train-iters 9", {}, "Megatron-LM: --lr-warmup-init must be"),
    ("megatron", "--lr 0.1 --lr-decay-style WSD --train-samples 9 --global-batch-size 1", {},
     "Megatron-LM: --lr-wsd-decay-samples must be given with WSD"),
    ("timm", "--sched cosine --lr 0.1 --epochs 9 --min-lr -1", {"updates_per_epoch": 4}, "train.py: --min-lr must be"),
    ("timm", "--sched step --lr 0.1 --dr -1 --epochs 5", {"updates_per_epoch": 4}, "train.py: --dr must be"),
    ("timm", "create_scheduler_v2(optimizer, min_lr=-1)", {"lr": 0.1, "updates_per_epoch": 4},
     "create_scheduler_v2: min_lr must be"),
    ("fairseq", "--lr 0.1 --lr-scheduler triangular --max-lr 0.05", {},
     "TriangularLRSchedule: --lr must be below --max-lr, got 0.1 and 0.05"),
    ("fairseq", "TriangularLRSchedule(lr=0.1, max_lr=0.05)", {},
     "TriangularLRSchedule: lr must be below max_lr, got 0.1 and 0.05"),
    ("torchtitan", TITAN.replace("9", "0"), {"config": True}, "torchtitan: [training] steps must be at least 1, got 0"),
    ("torchtitan", TITAN.replace("0.1", "-1"), {"config": True}, "torchtitan: [lr_scheduler]: [optimizer] lr must be"),
    ("detectron2", "SOLVER.LR_SCHEDULER_NAME WarmupStepWithFixedGammaLR SOLVER.NUM_DECAYS 0", {},
     "SOLVER: NUM_DECAYS must be at least 1, got 0"),
    ("transformers", "TrainingArguments(lr_scheduler_type='warmup_stable_decay', max_steps=5)", {},
     "TrainingArguments: warmup_stable_decay requires `num_decay_steps`, please provide that argument, in "
     "lr_scheduler_kwargs"),
]


@pytest.mark.parametrize(("library", "text", "options", "message"), TYPED)
def test_a_message_has_what_the_user_typed(library, text, options, message):
    """An error names the option or the key, with the value that the user gave."""
    with pytest.raises(PortError) as refusal:
        read_text(text, library, **options)
    assert str(refusal.value).startswith(message)


def test_plain_words_are_not_options():
    """A name without an underscore is replaced where a statement begins, and in quotes; others everywhere."""
    typed = {"lr": "--lr", "min_lr": "--min-lr"}
    assert spell_typed("X: lr must be above min_lr, not the lr: 'lr'", typed) == (
        "X: --lr must be above --min-lr, not the lr: '--lr'")
    assert spell_typed("--min-lr and lr_min stay", typed) == "--min-lr and lr_min stay"
    assert spell_typed("lr", {}) == "lr"
