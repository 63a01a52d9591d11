"""Tests the text that `port` writes for other libraries: its words, its notes, and what the command prints."""

from __future__ import annotations

import json

import pytest

from frameworks.schedule import Cosine, MultiFactor, Polynomial, Scale, Shift, Warmup, write
from parity.port.write import LIBRARIES, write_spellings
from parity.port.write.native import NATIVE
from parity.port.write.native.expressed import explain

warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))


@pytest.mark.parametrize(("library", "schedule", "line"), [
    ("transformers", Warmup(updates=5, then=Polynomial(base_lr=0.3, power=1, updates=15)),
     "scheduler = get_linear_schedule_with_warmup(optimizer, 5, 20)  # scheduler.step() after every update"),
    ("transformers", warm, "scheduler = get_cosine_with_min_lr_schedule_with_warmup(optimizer, 5, 20, "
     "min_lr_rate=0.03333333333333333)  # scheduler.step() after every update"),
    ("timm", MultiFactor(base_lr=0.5, factor=0.1, milestones=[15, 30]),
     "scheduler = MultiStepLRScheduler(optimizer, decay_t=[16, 31], decay_rate=0.1, t_in_epochs=False)  "
     "# scheduler.step_update(number of updates made) after every update"),
    ("paddle", warm, "scheduler = LinearWarmup(CosineAnnealingDecay(0.3, 15, eta_min=0.01), 5, 0.0, 0.3)  "
     "# scheduler.step() after every update"),
    ("composer", warm, "scheduler = CosineAnnealingWithWarmupScheduler('5ba', t_max='20ba', "
     "alpha_f=0.03333333333333333)  # composer.Trainer(..., optimizers=optimizer, schedulers=scheduler)"),
    ("fvcore", warm, "scheduler = CompositeParamScheduler([LinearParamScheduler(0.0, 0.3), "
     "CosineParamScheduler(0.3, 0.01)], [0.25, 0.75], ['rescaled', 'rescaled'])"),
    ("gluoncv", Shift(by=1, of=Polynomial(base_lr=0.3, power=1, updates=15)),
     "lr_scheduler = LRScheduler('linear', base_lr=0.3, target_lr=0.0, niters=16)"),
    ("gluoncv", Polynomial(base_lr=0.3, power=1, updates=15), "lr_scheduler = LRSequential([LRScheduler('constant', "
     "base_lr=0.0, niters=1), LRScheduler('linear', base_lr=0.3, target_lr=0.0, niters=16)])"),
    ("megatron", warm, "--lr 0.3 --min-lr 0.01 --lr-warmup-iters 5 --lr-warmup-init 0.0 --lr-decay-iters 20 "
     "--lr-decay-style cosine --train-iters 20"),
    ("mmengine", MultiFactor(base_lr=0.5, factor=0.1, milestones=[15, 30]),
     "param_scheduler = [dict(type='MultiStepLR', milestones=[15, 30], gamma=0.1, by_epoch=False, begin=0)]"),
    ("lightning", MultiFactor(base_lr=0.5, factor=0.1, milestones=[15, 30]), 'lr_scheduler = {"scheduler": '
     'MultiStepLR(optimizer, [15, 30], gamma=0.1), "interval": "step"}'),
    ("mlx", warm, "schedule = join_schedules([linear_schedule(0.0, 0.3, 5), cosine_decay(0.3, 15, 0.01), "
     "linear_schedule(0.01, 0.01, 1)], [5, 20])"),
    ("detectron2", warm, "SOLVER.LR_SCHEDULER_NAME WarmupCosineLR SOLVER.BASE_LR 0.3 SOLVER.BASE_LR_END 0.01 "
     "SOLVER.RESCALE_INTERVAL True SOLVER.WARMUP_ITERS 5 SOLVER.WARMUP_FACTOR 0.0 SOLVER.WARMUP_METHOD linear "
     "SOLVER.MAX_ITER 20"),
    ("detectron2", MultiFactor(base_lr=0.5, factor=0.1, milestones=[15, 30]), "SOLVER.LR_SCHEDULER_NAME "
     'WarmupMultiStepLR SOLVER.BASE_LR 0.5 SOLVER.STEPS "(15,30)" SOLVER.GAMMA 0.1 SOLVER.WARMUP_ITERS 0 '
     "SOLVER.MAX_ITER 50"),
    ("torchtitan", Cosine(base_lr=0.3, final_lr=0.03, updates=15), 'decay_type = "cosine"'),
    ("fairseq", Warmup(updates=5, then=Polynomial(base_lr=0.3, power=1, updates=15)), "--lr 0.3 --lr-scheduler "
     "polynomial_decay --warmup-updates 5 --total-num-update 20 --end-learning-rate 0.0 --power 1.0"),
    ("ignite", warm, "scheduler = ConcatScheduler([PiecewiseLinear(optimizer, 'lr', [(0, 0.0), (5, 0.3)]), "
     "CosineAnnealingScheduler(optimizer, 'lr', 0.3, 0.01, 15), PiecewiseLinear(optimizer, 'lr', [(0, 0.01)])], "
     "[5, 15])"),
    ("olmo", Shift(by=1, of=Warmup(updates=5, then=Cosine(base_lr=0.5, final_lr=0.125, updates=15))), "scheduler = "
     "CosWithWarmup(warmup=5, alpha_f=0.25, t_max=20)  # TransformerTrainModuleConfig(..., scheduler=scheduler)"),
])
def test_a_class_is_written_in_its_own_words(library, schedule, line):
    """The constructor has the library's arguments, and the code is complete Python where it is a script."""
    code = NATIVE[library](schedule).code
    assert line in code.splitlines()
    if library not in ("megatron", "detectron2", "torchtitan", "fairseq"):
        compile(code, library, "exec")


def test_deepspeed_is_written_as_json():
    """The configuration is JSON, with a note about the updates that come late."""
    spelling = NATIVE["deepspeed"](warm)
    assert json.loads(spelling.code)["scheduler"] == {"type": "WarmupCosineLR", "params": {
        "total_num_steps": 20, "warmup_min_ratio": 0.0, "warmup_num_steps": 5, "warmup_type": "linear",
        "cos_min_ratio": 0.01 / 0.3}}
    assert spelling.note == "Its first update applies 0, and its warm-up comes one update late."


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_no_class_applies_is_self_contained_code(library):
    """A schedule without a class in a library is written as the code of the framework on which the library runs."""
    written_codes = write_spellings(Scale(by=0.5, of=warm), library)
    assert [spelling.native for spelling in written_codes] == [False]
    framework = LIBRARIES[library]
    assert f"import {framework}" in written_codes[0].code
    note = explain(Scale(by=0.5, of=warm), library)
    assert note.startswith(f"Not expressible: {library} has ")
    assert note.endswith(" The schedule has: scale 0.")
    origin = "" if library == framework else f" This code is that of {framework}, on which {library} runs"
    assert written_codes[0].note.startswith(note + origin)


def test_the_command_writes_for_a_library(run, tmp_path):
    """The command prints the class and the self-contained code, and states that the rates are not measured."""
    path = tmp_path / "warm.json"
    write(warm, path)
    result = run("-m", "parity", "port", path, "--to", "timm")
    assert (result.returncode, result.stderr) == (0, "")
    assert "# timm, built-in class. Not measured.\nimport torch\nfrom timm.scheduler import CosineLRS" in result.stdout
    assert "# timm, self-contained code. This code is that of torch, on which timm runs.\n" in result.stdout
    assert "# timm was not measured: only code for mxnet, torch, tensorflow and optax is run here\n" in result.stdout
    result = run("-m", "parity", "port", path, "--to", "paddle", "--json")
    assert [port["native"] for port in json.loads(result.stdout)["ports"]["paddle"]] == [True, False]
    assert set(json.loads(result.stdout)["not_measured"]) == {"paddle"}


def test_the_optimizer_is_named(run):
    """The optimizer's name is written, or a trap states that the code has SGD."""
    constructor = ("-m", "parity", "port", "CosineScheduler(20, base_lr=0.3)", "--from", "mxnet", "--no-measure",
                   "--optimizer", "Adam(learning_rate=0.3)", "--to")
    assert "torch.optim.Adam(model.parameters()" in run(*constructor, "timm").stdout
    assert "# trap: The code for paddle is written with SGD: write Adam in its place" in run(
        *constructor, "paddle").stdout


def test_a_run_file_has_no_script_for_a_library(run):
    """A run file is refused in one line."""
    result = run("-m", "parity", "port", "parity/examples/run.toml", "--to", "timm")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == ("python -m parity port: argument --to: no script is written for timm, only its schedule: "
                             "give the [schedule] alone\n")
