"""Tests that `explain` reports every bad input in one line."""

from __future__ import annotations

import pytest

from frameworks.schedule import MultiFactor
from parity.port import SOURCES

steps = MultiFactor(base_lr=0.5, factor=0.5, milestones=[15, 30])

TRAINING = ("INFO:root:Epoch[0] Batch [15] Speed: 9000.00 samples/sec\n"
            "INFO:root:Update[16]: Change learning rate to 1.50000e-01\n"
            "INFO:root:Update[31]: Change learning rate to 4.50000e-02\n")


#: The content of b.<suffix>, and the message about it.
BAD_FILES = {
    "empty.csv": ("", "no column of rates: must be one of lr, learning_rate, rate, got ''"),
    "no (1).csv": ("loss\n1\n", "no column of rates: must be one of lr, learning_rate, rate, got 'loss'"),
    "no_rates.csv": ("t,loss\n0,1\n", "no column of rates: must be one of lr, learning_rate, rate, got 't, loss'"),
    "two_rates.csv": ("lr,rate\n0,1\n", "must have one of the columns lr, learning_rate, rate, got lr and rate"),
    "header_only.csv": ("lr\n", "no rates"),
    "same_column.csv": ("lr,LR\n0,1\n", "must have one of the columns lr, learning_rate, rate, got lr and lr"),
    "text.csv": ("lr\n0.5\nabc\n", "line 3: lr must be a number from 0 to 1e+37, got 'abc'"),
    "blank_lines.csv": ("\n\nlr\n\nabc\n", "line 5: lr must be a number from 0 to 1e+37, got 'abc'"),
    "negative.csv": ("lr\n-0.5\n", "line 2: lr must be a number from 0 to 1e+37, got '-0.5'"),
    "nan.csv": ("lr\nnan\n", "line 2: lr must be a number from 0 to 1e+37, got 'nan'"),
    "too_large.csv": ("lr\n1e39\n", "line 2: lr must be a number from 0 to 1e+37, got '1e39'"),
    "short_row.csv": ("t,lr\n0\n", "no rates"),
    "epochs.csv": ("epoch,lr\n0,0.5\n", "the column epoch counts epochs: state the updates of one: "
                   "--updates-per-epoch N"),
    "other_count.csv": ("batch,lr\n7,0.5\n", "the column 'batch' is not understood: the columns that count updates "
                        "are t, num_update, update, step, iter, iteration, global_step; rename it, or remove it if "
                        "rows are updates 0, 1, 2 and so on"),
    "fives.jsonl": ('{"learning_rate": 0.24, "step": 5}\n', "line 1: step begins at 5: state the step of the first "
                    "update: --counts-from 0 or 1, or --counts-from-b"),
    "long.jsonl": (" " * (1 << 20) + "1\n", "line 1: longer than 1048576 characters"),
    "long.csv": ("t,lr\n" + "0," * (1 << 19) + "1\n", "line 2: longer than 1048576 characters"),
    "half.csv": ("t,lr\n0.5,1\n", "line 2: t must be a whole number, got '0.5'"),
    "back.csv": ("step,lr\n1,0.5\n3,0.5\n3,0.5\n", "line 4: step must be at least 4, got 3: are there two "
                 "trainings or two optimizers in this log?"),
    "gluon_from_0.csv": ("num_update,lr\n0,0.5\n", "line 2: num_update must be at least 1, got 0"),
    "far.csv": ("t,lr\n99999999,0.5\n", "no rate of the first 1000000 updates, as many as are compared"),
    "cell.csv": ("lr\n" + "1" * 200000, "line 2: field larger than field limit (131072)"),
    "bytes.csv": (b"lr\n\xff", "not UTF-8 (byte 3)"),
    "no.jsonl": ("0.5\n{\n", "line 2: not JSON: '{'"),
    "bool.jsonl": ("true\n", "line 1: lr must be a number from 0 to 1e+37, got True"),
    "list.jsonl": ("[0.5]\n", "line 1: lr must be a number from 0 to 1e+37, got [0.5]"),
    "huge.jsonl": ("1" + "0" * 400 + "\n", f"line 1: lr must be a number from 0 to 1e+37, got 1{'0' * 39}..."),
    "empty.jsonl": ("\n", "no column of rates: must be one of lr, learning_rate, rate, got ''"),
    "silent.log": ("Epoch[0] Time cost=9.0\n", "no line such as 'Update[16]: Change learning rate to 2.50000e-01'"),
    "twice.log": (TRAINING * 2,
                  "line 5: Update must be from 31 to 1000000, got 16: are there two trainings in this log?"),
    "far.log": ("Update[9999999]: Change learning rate to 1e-1",
                "line 1: Update must be from 1 to 1000000, got 9999999"),
    "nan.log": ("Update[9]: Change learning rate to nan",
                "line 1: the learning rate must be a number from 0 to 1e+37, got 'nan'"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_log_is_one_line_and_exit_2(name, run_explain):
    content, said = BAD_FILES[name]
    assert run_explain("a.json", name, a__json=steps, **{name.replace(".", "__"): content}) == (
        2, [f"explain: argument B: {name}: {said}"])


CONSTRUCTOR = "CosineScheduler(20)"
BAD_ARGUMENTS = {
    "no_file": (["a.json", "b.csv"], "argument B: b.csv: no such file or directory"),
    "no_specification": (["x.json", "a.json"], "argument A: x.json: no such file or directory"),
    "folder": (["a.json", "folder.csv"], "argument B: folder.csv: not a regular file"),
    "suffix": (["a.json", "b.dat"], "argument B: b.dat: must end in one of .json, .toml, .csv, .jsonl, .log, .txt, or "
               "be a constructor such as 'CosineScheduler(20)'"),
    "mistakes": (["bad.json", "a.json"], "argument A: bad.json: base_lr: must be at least 0, got -1.0; "
                 "bad.json: milestones: missing; a schedule of kind 'multi_factor' needs it"),
    "no_source": ([CONSTRUCTOR, "a.json"], f"argument A: {CONSTRUCTOR}: a constructor needs --from-a: "
                  f"{', '.join(list(SOURCES)[:-1])} or {list(SOURCES)[-1]}"),
    "no_lr": (["a.json", "StepLR(o, 5)", "--from-b", "torch"],
              "argument B: StepLR: the rate that the optimizer was made with is needed: --lr-b"),
    "two_rates": (["StepLR(SGD(p, 0.1), 5)", "a.json", "--from-a", "torch", "--lr-a", "0.2"],
                  "argument A: StepLR: SGD is made with the rate 0.1, but --lr-a is 0.2"),
    "lr_of_mxnet": (["a.json", CONSTRUCTOR, "--from-b", "mxnet", "--lr-b", "0.1"],
                    f"argument B: {CONSTRUCTOR}: --lr-b is for torch, whose optimizers are made with a rate"),
    "source": ([CONSTRUCTOR, "a.json", "--from-a", "jax"],
               f"argument --from-a: must be one of {', '.join(SOURCES)}, got 'jax'"),
    "source_of_a_file": (["a.json", "a.json", "--from-b", "mxnet"],
                         f"argument B: a.json: --from-b is for a constructor, such as '{CONSTRUCTOR}'"),
    "base_lr_of_a_file": (["a.json", "a.json", "--base-lr-a", "0.5"],
                          "argument A: a.json: --base-lr-a is for a training log, .log or .txt"),
    "rate": (["a.json", "a.json", "--lr-a", "-1"], "argument --lr-a: must be a number from 0 to 1e+37, got '-1'"),
    "updates": (["a.json", "ok.csv", "--updates", "3"], "argument --updates: at most 2, as many as B has, got 3"),
    "many_updates": (["a.json", "a.json", "--updates", "9999999"],
                     "argument --updates: at most 1000000, as many as are ever compared, got 9999999"),
    "apart": (["ok.csv", "later.csv"], "A and B have no update in common whose rates are known"),
}


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_a_bad_argument_is_one_line_and_exit_2(name, run_explain, tmp_path):
    (tmp_path / "folder.csv").mkdir()
    given, said = BAD_ARGUMENTS[name]
    files = {"a__json": steps, "ok__csv": "lr\n0.5\n0.5\n", "later__csv": "t,lr\n3,0.5\n",
             "bad__json": '{"kind": "multi_factor", "base_lr": -1.0, "factor": 0.5}'}
    assert run_explain(*given, **files) == (2, [f"explain: {said}"])


def test_a_file_that_is_too_large_is_refused(run_explain, monkeypatch):
    monkeypatch.setattr("parity.explain.logs.MAX_BYTES", 1 << 20)
    assert run_explain("a.json", "b.csv", a__json=steps, b__csv=" " * (1 << 20) + " ") == (
        2, ["explain: argument B: b.csv: larger than 1 MiB"])
