"""Tests the logs of tools: files that they wrote, and lines as their sources print them.

`tests/explain/logs` has what lightning 2.6.6, transformers 5.24.0, mmengine 0.10.7 and keras 3.15.1 wrote.
"""

from __future__ import annotations

import json

import pytest

from frameworks.schedule import Cosine, Factor, MultiFactor, Warmup

wave = Cosine(base_lr=0.1, updates=20)
warm = Warmup(updates=4, then=Cosine(base_lr=0.1, updates=20))
drops = MultiFactor(base_lr=0.1, factor=0.5, milestones=[4, 8])
RISING = ("CosineAnnealingLR(optimizer, 20)", "--from-a", "torch", "--lr-a", "0.1")


@pytest.mark.parametrize(("file", "given", "compared"), [
    ("metrics.csv", RISING, 12), ("scalars.json", RISING, 12),
    ("trainer_state.json", ("a.json",), 4),
    ("keras.csv", ("StepLR(optimizer, 4, 0.5)", "--from-a", "torch", "--lr-a", "0.1", "--updates-per-epoch", "4"), 24)])
def test_what_a_tool_wrote_is_read(file, given, compared, root, run_explain):
    code, lines = run_explain(given[0], str(root / "tests/explain/logs" / file), *given[1:], a__json=warm)
    assert (code, lines[-1]) == (0, f"{compared} updates compared: the same bits")


def test_the_other_convention_is_one_update_late(root, run_explain):
    """As a counterpart, --counts-from changes which update a row is."""
    state = str(root / "tests/explain/logs/trainer_state.json")
    code, lines = run_explain("a.json", state, "--counts-from", "0", a__json=warm)
    assert code == 4
    assert any("one update late" in line for line in lines)


def test_an_older_trainer_writes_the_next_rate(run_explain):
    """transformers 4.48.3 has no best_global_step, and step k with the rate of t = k."""
    history = [{"learning_rate": warm.lr(step), "step": step} for step in range(5, 24, 5)]
    state = json.dumps({"log_history": [*history, {"eval_loss": 1, "step": 20}], "epoch": 1})
    code, lines = run_explain("a.json", "b.json", a__json=warm, b__json=state)
    assert (code, lines[-1]) == (0, "4 updates compared: the same bits")


#: Lines as the tools' sources print them, and what else is given.
LINES = {
    "megatron": (" [2026-01-01 00:00:00] iteration {k:8d}/      20 | consumed samples: {k:12d} |"
                 " learning rate: {after:.6E} | global batch size:     1 | number of skipped iterations:   0 |\n", ()),
    "gluoncv": ("INFO:root:Epoch[{epoch}] Batch [{batch}]\tSpeed: 10.5 samples/sec\taccuracy=0.5\tlr={before:f}\n",
                ("--updates-per-epoch", "5")),
}


@pytest.mark.parametrize("name", LINES)
def test_printed_lines_are_read(name, run_explain):
    line, given = LINES[name]
    log = "other words\n" + "".join(line.format(k=t + 1, after=wave.lr(t + 1), before=wave.lr(t), epoch=t // 5,
                                                batch=t % 5) for t in range(19))
    code, lines = run_explain("a.json", "b.log", *given, a__json=wave, b__log=log)
    assert (code, lines[-1].partition(": the same")[0]) == (0, "19 updates compared")
    code, lines = run_explain("a.json", "b.log", *given, a__json=Cosine(base_lr=0.1, updates=21), b__log=log)
    assert code == 4


def test_a_skipped_iteration_is_no_update(run_explain):
    line = LINES["megatron"][0]
    log = "".join(line.format(k=t + 2, after=wave.lr(t + 1)) for t in range(19)).replace(
        "iterations:   0", "iterations:   1", 1)
    assert run_explain("a.json", "b.log", a__json=wave, b__log=log)[0] == 0


def test_the_export_of_a_panel_is_read(run_explain):
    log = '"Step","run - lr","run - lr__MIN","run - lr__MAX"\n' + "".join(
        f'"{t + 1}","{wave.lr(t)!r}","0","1"\n' for t in range(20))
    assert run_explain("a.json", "b.csv", "--counts-from", "1", a__json=wave, b__csv=log)[0] == 0
    code, (line,) = run_explain("a.json", "b.csv", a__json=wave, b__csv=log)
    assert (code, "--counts-from 0 or 1" in line) == (2, True)


@pytest.mark.parametrize("how", ["%f", "%.4g"])
def test_rounded_rates_show_the_same_and_a_shift(how, run_explain):
    right, late = ("t,lr\n" + "".join(f"{t},{how % rate}\n" for t, rate in enumerate(rates)) for rates in (
        [wave.lr(t) for t in range(30)], [wave.lr(max(t - 1, 0)) for t in range(30)]))
    assert run_explain("a.json", "b.csv", a__json=wave, b__csv=right)[0] == 0
    code, lines = run_explain("a.json", "b.csv", a__json=wave, b__csv=late)
    assert (code, lines[-2]) == (4, "cause: one update late: B applies each rate one update after A")


def test_leading_zeros_are_no_digits(run_explain):
    schedule = Factor(base_lr=0.05, factor=0.72395, every=4)
    log = "".join(f"Update[{4 * n + 1}]: Change learning rate to {schedule.lr(4 * n):.5f}\n" for n in range(1, 6))
    assert run_explain("a.json", "b.log", a__json=schedule, b__log=log)[0] == 0


def test_rows_without_a_rate_are_left_out(run_explain):
    log = "step,lr,eval\n0,0.1,\n1,0.1,\n1,,0.5\n2,0.1,\n3,0.1,\n4,0.05,\n"
    assert run_explain("a.json", "b.csv", a__json=drops, b__csv=log)[0] == 0


@pytest.mark.parametrize(("file", "content", "message"), [
    ("two.csv", "lr-SGD,lr-Adam,step\n0.1,0.1,0\n", "must have the column step and one column lr-..., got lr-SGD, "
     "lr-Adam: two optimizers or groups; keep the column of one"),
    ("doubled.csv", "t,lr\n0,0.1\n0,0.2\n", "line 3: t must be at least 1, got 0: are there two trainings or two "
     "optimizers in this log?"),
    ("nan.csv", "lr-SGD,step\nnan,0\n", "line 2: lr-SGD must be a number from 0 to 1e+37, got 'nan'"),
    ("cut.json", '{"log_history": [{"learning_rate": 1', "log_history does not end")])
def test_a_bad_log_of_a_tool_is_one_line(file, content, message, run_explain):
    assert run_explain("a.json", file, a__json=wave, **{file.replace(".", "__"): content}) == (
        2, [f"explain: argument B: {file}: {message}"])
