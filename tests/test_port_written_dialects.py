"""Tests the code that `port` writes for other libraries: `port` reads it back as the same rates.

The libraries themselves are not in the tests' environment. `python -m tests.harness.written timm` runs the
code with an installed one. The tests marked with `needs_library` do the same where it is installed.
"""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
from hypothesis import given, seed, settings

from frameworks.schedule import Cosine, MultiFactor, OneCycle, Polynomial, Scale, Shift, Warmup, lrs, write
from parity.cases import CASES
from parity.gate.laws.algebra import schedules
from parity.measuring.compare import compare
from parity.port.measured import observe_code
from parity.port.read.literal import PortError
from parity.port.write import LIBRARIES, write_spellings
from parity.port.write.native import NATIVE
from tests.harness.roundtrip.constructors import written
from tests.harness.roundtrip.trips import find_constructor, read_schedule
from tests.harness.written import compare_written, count_compared, read_back
from tests.harness.written_rates import RUN

SEED = 20261129
#: Libraries that write few of the schedules: those of DeepSpeed begin one update late.
FEW = ("deepspeed",)
warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
#: The notes of classes whose rates differ from the specified ones, by a word of each.
DIFFERENT = ("increases again", "moves back", "no floor", "no highest rate", "late", "one update early",
             "cannot start at 0")


def check_read_back(schedule, library):
    """Return whether a class is written. Assert that it is read back as the same rates, or has a note why not."""
    spelling = NATIVE[library](schedule)
    if spelling is None:
        return False
    until = count_compared(schedule, spelling)
    try:
        read = read_back(spelling.code, library).schedule
    except PortError as error:  # ranges of MMEngine that share an update are written, but not read
        if library != "mmengine" or "overlap" not in str(error):
            raise
        return False
    rates = lrs(read, until).astype(np.float32)
    difference = compare(schedule, rates[:, None]).first
    assert difference is None or any(word in spelling.note for word in DIFFERENT), spelling.code
    return True


@pytest.mark.parametrize("library", NATIVE)
def test_every_case_is_read_back(library):
    """The class that is written for a case is read back as the case, or has a note about the difference."""
    count = sum(check_read_back(case.schedule, library) for case in CASES.values())
    assert count >= (3 if library in FEW else 25)


@pytest.mark.parametrize("library", NATIVE)
def test_random_schedules_are_read_back(library):
    """The classes of 300 random schedules are read back, except those that a note describes."""
    counts = {True: 0, False: 0}

    @seed(SEED)
    @settings(max_examples=300, deadline=None, database=None)
    @given(schedules | written)
    def attempt(schedule):
        counts[check_read_back(schedule, library)] += 1

    attempt()
    assert sum(counts.values()) >= 300
    assert counts[True] >= (1 if library in FEW else 30)


@pytest.mark.parametrize("library", [library for library in NATIVE if library not in FEW])
def test_a_changed_number_is_noticed(library, monkeypatch):
    """A constructor of another schedule is detected."""
    schedule, longer = (Polynomial(base_lr=0.3, power=1, updates=updates) for updates in (20, 21))
    if library == "mxnet":  # a Trainer calls it with 1 first
        schedule, longer = Shift(by=1, of=schedule), Shift(by=1, of=longer)
    assert check_read_back(schedule, library)
    other = NATIVE[library](longer)
    monkeypatch.setitem(NATIVE, library, lambda schedule: other)
    with pytest.raises(AssertionError):
        check_read_back(schedule, library)


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
])
def test_a_class_is_written_in_its_own_words(library, schedule, line):
    """The constructor has the library's arguments, and the code is complete Python where it is a script."""
    code = NATIVE[library](schedule).code
    assert line in code.splitlines()
    if library != "megatron":
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
    note = "" if library == framework else f"It is that of {framework}, on which {library} runs."
    assert written_codes[0].note == note


def test_the_command_writes_for_a_library(run, tmp_path):
    """The command prints the class and the self-contained code, and states that the rates are not measured."""
    path = tmp_path / "warm.json"
    write(warm, path)
    result = run("-m", "parity", "port", path, "--to", "timm")
    assert (result.returncode, result.stderr) == (0, "")
    assert "# timm, built-in class. Not measured.\nimport torch\nfrom timm.scheduler import CosineLRS" in result.stdout
    assert "# timm, self-contained code. It is that of torch, on which timm runs.\n" in result.stdout
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


def test_one_cycle_is_written_with_its_class_of_torch():
    """OneCycleLR applies the kind, and is read back as it; a longer one does not apply it."""
    schedule = OneCycle(base_lr=0.02, peak_lr=0.5, final_lr=0.002, rise=14, updates=49)
    native = NATIVE["torch"](schedule)
    cycle = "OneCycleLR(optimizer, 0.5, total_steps=50, pct_start=0.3, div_factor=25.0, final_div_factor=10.0"
    assert cycle in native.code
    assert compare(schedule, observe_code(schedule, "torch", native.code, 130)[:, None]).first is None
    again = read_schedule(find_constructor(native.code, "torch"))
    assert compare(schedule, lrs(again, 130).astype(np.float32)[:, None]).first is None
    other = native.code.replace("total_steps=50", "total_steps=51")
    assert compare(schedule, observe_code(schedule, "torch", other, 130)[:, None]).first is not None


def needs_library(library):
    """Mark a test as not run where a library is not installed, as in the tests' environment."""
    return pytest.mark.skipif(importlib.util.find_spec(library) is None, reason=(
        f"{library} is not installed; where it is, python -m tests.harness.written {library} compares 2,000 schedules"))


@pytest.mark.parametrize("library", [pytest.param(library, marks=needs_library(library)) for library in RUN
                                     if library != "gluoncv"])
def test_a_library_applies_what_is_written(library):
    """The library applies the rates of the cases, or those that its code is read back as."""
    for case in CASES.values():
        compare_written(case.schedule, library)
