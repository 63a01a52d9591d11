"""Tests that `port` writes schedules for another framework: every spelling runs, and those marked exact are exact."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, seed, settings

from frameworks import FRAMEWORKS
from frameworks.schedule import (
    Constant,
    Cosine,
    Exponential,
    Factor,
    Hold,
    InverseSquareRoot,
    InverseTime,
    MultiFactor,
    Polynomial,
    Repeat,
    Sequence,
    Shift,
    Warmup,
    lrs,
    write,
)
from parity.cases import CASES
from parity.gate.laws.algebra import schedules
from parity.measuring.compare import compare
from parity.measuring.questions import NotMeasuredError
from parity.port import SOURCES, read_text
from parity.port.edges import compute_span, find_boundary_cases
from parity.port.measured import measure_codes, observe_code
from parity.port.write import TARGETS, write_spellings
from parity.port.write.native import NATIVE

warm = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
COMMAND = "CosineScheduler(20, base_lr=0.3, final_lr=0.01, warmup_steps=5)"


def exact(schedule, framework):
    return write_spellings(schedule, framework)[-1].code


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", CASES)
def test_self_contained_code_applies_every_case(name, framework):
    schedule, updates = CASES[name].schedule, min(CASES[name].updates, 800)
    applied = observe_code(schedule, framework, exact(schedule, framework), updates)
    assert compare(schedule, applied[:, None]).first is None


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_self_contained_code_applies_random_schedules(framework):
    @seed(20261124)
    @given(schedules)
    @settings(max_examples=40, deadline=None, database=None)
    def try_ports(schedule):
        updates = max(50, int(2.5 * min(schedule.horizon, 400)))
        applied = observe_code(schedule, framework, exact(schedule, framework), updates)
        assert compare(schedule, applied[:, None]).first is None

    try_ports()


def test_a_wrong_spelling_is_seen():
    code = exact(warm, "torch").replace("t < 5", "t < 7")
    assert compare(warm, observe_code(warm, "torch", code, 30)[:, None]).first.update == 6


#: Schedules that have a built-in spelling in most frameworks.
WRITTEN = [
    Constant(base_lr=0.3), Factor(base_lr=0.3, factor=0.5, every=7), Factor(base_lr=0.3, factor=0.5, min_lr=0.1),
    MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30]), Hold(updates=5, of=Factor(base_lr=0.3, factor=0.5)),
    Hold(updates=5, of=MultiFactor(base_lr=0.5, factor=0.1, milestones=[2, 4])),
    Polynomial(base_lr=0.5, power=2, updates=20), Polynomial(base_lr=0.5, final_lr=0.1, power=1, updates=20),
    Cosine(base_lr=0.3, final_lr=0.01, updates=20), Cosine(base_lr=0.3, updates=20), warm, Shift(by=1, of=warm),
    Shift(by=1, of=Polynomial(base_lr=0.5, power=2, updates=20)), Shift(by=1, of=Cosine(base_lr=0.3, updates=20)),
    Warmup(updates=5, begin_lr=0.1, mode="constant", then=Cosine(base_lr=0.3, updates=9)),
]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("schedule", WRITTEN, ids=lambda schedule: schedule.model_dump_json(exclude_defaults=True)[:60])
def test_native_code_is_read_back_as_what_it_applies(schedule, framework):
    """The difference is at most that of rounding, and 0 if there is no note."""
    native = NATIVE[framework](schedule)
    if native is None:
        assert len(write_spellings(schedule, framework)) == 1
        return
    variable = {"mxnet": "lr_scheduler", "torch": "scheduler", "tensorflow": "learning_rate"}[framework]
    (line,) = (line for line in native.code.splitlines() if line.startswith(f"{variable} = "))
    text = line.split(" = ", 1)[1].split("  #")[0]
    given = [float(line.split("lr=")[1].rstrip(")")) for line in native.code.splitlines() if "SGD(model" in line]
    again = read_text(text, framework, lr=given[0] if given else None).schedule
    applied = observe_code(schedule, framework, native.code, 50)
    rounding = 4 * 2.0**-24 * schedule.largest
    assert np.abs(lrs(again, 50) - applied).max() < rounding
    if not native.note:
        assert compare(schedule, applied[:, None]).first is None
    elif "early" not in native.note and "floor" not in native.note:
        assert np.abs(lrs(schedule, 50) - applied).max() < rounding


def test_native_and_exact_are_written_for_every_target():
    for target in TARGETS:
        native, code = write_spellings(Factor(base_lr=0.3, factor=0.5, every=7), target)
        assert (native.native, code.native) == (True, False)
        compile(native.code, target, "exec")
        compile(code.code, target, "exec")


def test_edges_are_on_both_sides_of_every_turn():
    assert find_boundary_cases(warm) == [0, 1, 4, 5, 6, 19, 20, 21, 40]
    assert find_boundary_cases(Hold(updates=10,
                                    of=MultiFactor(base_lr=1.0, factor=0.5, milestones=[3]))) == [0, 1, 29, 30, 31, 60]
    assert find_boundary_cases(Constant(base_lr=1.0)) == [0, 1, 2]
    assert find_boundary_cases(Shift(by=1, of=warm)) == [0, 1, 3, 4, 5, 18, 19, 20, 38]


def test_what_cannot_be_measured_has_a_reason():
    with pytest.raises(NotMeasuredError, match="ZeroDivisionError"):
        measure_codes(warm, "torch", ["1 / 0"], 5)


def test_port_prints_code_edges_and_traps(run):
    result = run("-m", "parity", "port", COMMAND, "--from", "mxnet", "--to", "torch")
    assert (result.returncode, result.stderr) == (0, "")
    note = "CosineAnnealingLR computes each rate from the previous one."
    assert f"# torch, built-in class: 0 ULP. {note}\nimport" in result.stdout
    assert "# torch, self-contained code: 0 ULP\nimport math\n" in result.stdout
    assert "\n#      4  0.3               3e99999a\n" in result.stdout
    assert "\n# compared over 50 updates\n" in result.stdout
    assert "# trap: Gluon's Trainer calls CosineScheduler with 1 at its first update" in result.stdout
    compile(result.stdout, "printed", "exec")


def test_port_says_how_far_off_a_native_spelling_is(run):
    result = run("-m", "parity", "port", COMMAND, "--from", "mxnet", "--to", "tensorflow")
    difference = "up to 4 ULP off, first at update 1. It computes in float32."
    assert f"# tensorflow, built-in class: {difference}\n" in result.stdout


def test_port_says_what_a_native_spelling_lacks_though_it_was_not_seen(run):
    """The floor is reached at update 30,000, and 20,000 are measured."""
    result = run("-m", "parity", "port", "FactorScheduler(10000, 0.1, stop_factor_lr=1e-3, base_lr=0.1)",
                 "--from", "mxnet", "--to", "torch")
    difference = "0 ULP, over the first 20,000 of 75,000 updates"
    assert f"# torch, built-in class: {difference}. StepLR has no floor.\n" in result.stdout


def test_what_never_ends_is_measured_as_far_as_it_changes():
    assert compute_span(Exponential(base_lr=0.1, factor=0.9, updates=1000)) == 2000
    assert compute_span(Warmup(updates=7, then=InverseTime(base_lr=0.1, timescale=99.5))) == 207
    assert compute_span(Hold(updates=10, of=Repeat(updates=20, of=warm))) == 400
    assert compute_span(Sequence(parts=[warm, InverseSquareRoot(base_lr=0.1, timescale=50.0)], boundaries=[9])) == 109
    assert compute_span(Factor(base_lr=0.3, factor=0.5, every=7)) == 28
    assert compute_span(warm) == warm.horizon == 20


def test_port_answers_in_json_without_any_framework(run, tmp_path):
    path = tmp_path / "warm.json"
    write(warm, path)
    code = ("import sys; sys.modules.update(dict.fromkeys(['mxnet', 'torch', 'tensorflow', 'keras'])); "
            "from parity.__main__ import main; sys.exit(main(sys.argv[1:]))")
    result = run("-c", code, "port", path, "--to", "all", "--no-measure", "--json", "--plot", tmp_path / "warm.svg")
    found = json.loads(result.stdout)
    assert set(found["ports"]) == set(TARGETS)
    assert found["schedule"]["kind"] == "warmup"
    assert [edge["update"] for edge in found["edges"]] == find_boundary_cases(warm)
    assert all(port["ulp"] is None for ports in found["ports"].values() for port in ports)
    assert (tmp_path / "warm.svg").stat().st_size > 1000


@pytest.mark.parametrize(("given", "message"), [
    (["x", "--to", "torch"], "python -m parity port: --from is needed to read a constructor: one of "
                             f"{', '.join(SOURCES)}"),
    (["StepLR(o, 3)", "--from", "torch", "--to", "mxnet"],
     "python -m parity port: StepLR: the rate that the optimizer was made with is needed: --lr"),
    (["CosineScheduler(20)", "--from", "mxnt", "--to", "torch"], "python -m parity port: argument --from: must be one "
     f"of {', '.join(SOURCES)}, got 'mxnt'; did you mean 'mxnet'?"),
    (["CosineScheduler(20)", "--from", "mxnet", "--to", "pytroch"], "python -m parity port: argument --to: must be one "
     "of mxnet, torch, tensorflow, optax, transformers, timm, paddle, composer, fvcore, gluoncv, deepspeed, "
     "megatron, mmengine, lightning, mlx, detectron2, torchtitan, fairseq, ignite, olmo, all, got 'pytroch'; "
     "did you mean 'torch'?"),
    (["none.json", "--to", "torch"], "python -m parity port: none.json: no such file or directory"),
    (["CosineScheduler(20)", "--from", "mxnet", "--to", "torch", "--plot", "x.pdf"],
     "python -m parity: argument --plot: must end in .svg or .png, got 'x.pdf'"),
    (["LambdaLR(o, f)", "--from", "torch", "--to", "mxnet", "--lr", "1"],
     "python -m parity port: LambdaLR cannot be ported: its rates are whatever its function returns"),
])
def test_mistakes_are_one_line_and_exit_2(given, message, run):
    result = run("-m", "parity", "port", *given)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", message + "\n")
