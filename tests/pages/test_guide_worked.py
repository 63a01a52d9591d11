"""Runs the worked examples of the porting guide, and compares them with MXNet's class and the specification."""

from __future__ import annotations

import os
import re

import numpy as np
import pytest
from mxnet.lr_scheduler import MultiFactorScheduler

from frameworks.schedule import Cosine, MultiFactor, Shift, Warmup, lrs
from parity.pages.guide import pages, worked
from parity.pages.guide.epochs import run_code

UPDATES = 24_000
DROPS = MultiFactor(base_lr=0.1, factor=0.1, milestones=[30 * 391, 60 * 391])


@pytest.fixture(scope="module", name="applied")
def call_mxnet():
    """Return the float32 rates of MXNet's class, called with 1 first, as a Trainer calls it."""
    scheduler = MultiFactorScheduler([30 * 391, 60 * 391], factor=0.1, base_lr=0.1, warmup_steps=5 * 391)
    return np.float32([scheduler(update + 1) for update in range(UPDATES)])


@pytest.mark.parametrize("name", ["milestones_after_warmup", "milestones_by_classes"])
def test_torch_applies_the_rates_of_mxnet(name, applied):
    names, rates = run_code(name), []
    for _ in range(UPDATES):
        rates.append(names["optimizer"].param_groups[0]["lr"])
        names["optimizer"].step()
        names["scheduler"].step()
    assert np.float32(rates).tobytes() == applied.tobytes()
    assert rates[0] == pytest.approx(0.1 / 1955)
    assert applied[[1953, 1954, 11729, 11730, 23459, 23460]] == pytest.approx([0.1 * 1954 / 1955, 0.1, 0.1, 0.01,
                                                                               0.01, 0.001])


def test_the_other_schedules_differ_where_the_page_states_it(applied):
    kept = Warmup(updates=5 * 391, clock="keep", then=DROPS)
    apart = [np.flatnonzero(lrs(schedule, UPDATES).astype(np.float32) != applied)
             for schedule in (kept, Warmup(updates=5 * 391, then=DROPS), Shift(by=1, of=kept))]
    assert apart[0].tolist() == [*range(1955)]
    late = [*range(11730, 11730 + 1955), *range(23460, UPDATES)]
    assert apart[1].tolist() == [*range(1955), *late]
    assert apart[2].tolist() == [11729, 23459]
    text = worked.fill_in("worked_milestones")
    for row in ("| 0 to 1954: the warm-up", "| also each drop, 1955 updates late", "| 11729 and 23459: each drop"):
        assert row in text


def test_keras_follows_a_cosine_per_epoch():
    names, cosine = run_code("cosine_per_epoch"), Cosine(base_lr=0.3, final_lr=0.01, updates=20)
    text = worked.fill_in("worked_hold")
    rows = re.findall(r"^\| (\d+) (?:to (\d+)|and later) \| (\d+) .*?\| (\S+) \|$", text, re.M)
    assert len(rows) == 5
    for first, last, epoch, rate in rows:
        for update in (int(first), int(last or 9999)):
            names["optimizer"].iterations.assign(update)
            applied = np.float32(names["optimizer"].learning_rate)
            assert applied == np.float32(rate) == np.float32(cosine.lr(int(epoch)))
            assert applied == np.float32(names["schedule"].lr(update))


@pytest.mark.parametrize("framework", ["Gluon", "PyTorch", "Keras"])
def test_a_resumed_script_prints_the_rates_of_one_without_a_stop(framework, run, root, tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (pages.FOLDER / "RESUMING.md").read_text(), re.S)
    (code,) = (block for block in blocks if f'"""Stop a {framework} training' in block)
    result = run("-c", code, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)})
    printed = re.findall(r"^(\d+) (\S+)$", result.stdout, re.M)
    expected = lrs(Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15)), 25).astype(np.float32)
    assert [int(update) for update, _ in printed] == [*range(25)], result.stderr
    assert np.float32([rate for _, rate in printed]).tobytes() == expected.tobytes()


def test_without_the_loading_it_starts_again(run, root, tmp_path):
    """As a counterpart, the same script runs without one line."""
    code = (worked.CODE / "resume_torch.py").read_text()
    lines = ("optimizer.load_state_dict(states[1])\n", "scheduler.load_state_dict(states[2])\n")
    for line in lines:
        assert line in code
        code = code.replace(line, "")
    result = run("-c", code, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)})
    assert result.stdout.splitlines()[10].split()[0] == "0"


def test_each_worked_example_is_on_its_pages():
    for kind, name in worked.WORKED.items():
        assert worked.fill_in(name) in (pages.FOLDER / f"porting/{kind}.md").read_text()
    assert worked.write_example("constant") == []
