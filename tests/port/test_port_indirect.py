"""Tests that schedulers are found however a script builds them, and that none is found where it builds none."""

from __future__ import annotations

import numpy as np
import pytest
import torch  # noqa: F401  # the scripts import it: here first, before TensorFlow
from pydantic import TypeAdapter

from frameworks.schedule import Schedule
from parity.port.read import read_text
from tests.port.indirect_scripts import NONE, OPEN, READ
from tests.port.test_port_scripts import run_port, schedules

LIGHTNING = """
import pytorch_lightning as pl
import torch
class Module(pl.LightningModule):
    def __init__(self, lr=0.1):
        super().__init__()
        self.save_hyperparameters(){manual}
    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=self.hparams.lr)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
        return {returned}
"""
_MANUAL = "\n        self.automatic_optimization = False"
_STEP = "\n    def lr_scheduler_step(self, scheduler, metric):\n        scheduler.step({})"


@pytest.mark.parametrize("kind", READ)
def test_an_indirect_scheduler_is_read_as_it_runs(capsys, tmp_path, kind):
    """The script is run with torch: its scheduler applies the rates that were read."""
    document, code, error = run_port(capsys, tmp_path, READ[kind])
    [*specified] = [schedule for *_, schedule in schedules(document) if schedule]
    assert (code, len(document["schedulers"])) == (0, len(specified)), error
    names: dict = {}
    exec(compile(READ[kind], kind, "exec"), names)
    applied = []
    for _ in range(20):
        applied.append(names["optimizer"].param_groups[0]["lr"])
        names["optimizer"].step()
        names["scheduler"].step()
    fits = [np.allclose(applied, [build(each).lr(t) for t in range(20)], rtol=1e-9) for each in specified]
    assert sum(fits) == 1  # the only one, or that of the function that was called with other arguments


def build(document):
    """Return the specification of a document."""
    return TypeAdapter(Schedule).validate_python(document)


@pytest.mark.parametrize("kind", OPEN)
def test_a_scheduler_that_cannot_be_read_is_listed(capsys, tmp_path, kind):
    """With its line, the reason and the names that decide its class; then the exit code is 2."""
    text, line, name, reason, needs = OPEN[kind]
    document, code, _ = run_port(capsys, tmp_path, text)
    [item] = document["schedulers"]
    assert (code, item["line"], item["class"], item["ported"], item["needs"]) == (2, line, name, None, needs)
    assert reason in item["reason"]


@pytest.mark.parametrize("kind", NONE)
def test_a_script_without_schedulers_has_none(capsys, tmp_path, kind):
    """Words such as scheduler and lr are not enough."""
    document, _, error = run_port(capsys, tmp_path, NONE[kind])
    assert document["schedulers"] + document["not_built"] + document["custom"] == []
    assert "is built in it" in error


@pytest.mark.parametrize(("setting", "name"), [("'StepLR'", "StepLR"), ("'ExponentialLR'", "ExponentialLR")])
def test_a_class_is_given_with_set(capsys, tmp_path, setting, name):
    """--set names the class; one without such a name is refused by name."""
    text = OPEN["getattr"][0].replace("optimizer, 3", "optimizer, gamma=0.5, **more[args.sched]")
    text = text.replace("import torch\n", "import torch\nmore = {'StepLR': {'step_size': 3}, 'ExponentialLR': {}}\n", 1)
    document, code, _ = run_port(capsys, tmp_path, text, "--set", f"args.sched={setting}")
    assert (code, [item["class"] for item in document["schedulers"]]) == (0, [name])
    document, code, _ = run_port(capsys, tmp_path, text, "--set", "args.sched='Step'")
    assert (code, document["schedulers"][0]["ported"]) == (2, None)


@pytest.mark.parametrize(("returned", "config"), [
    ("[optimizer], [scheduler]", '{"scheduler": StepLR(optimizer, 3)}'),
    ("{'optimizer': optimizer, 'lr_scheduler': scheduler}", '{"scheduler": StepLR(optimizer, 3)}'),
    ("{'optimizer': optimizer, 'lr_scheduler': {'scheduler': scheduler, 'frequency': 2}}",
     '{"scheduler": StepLR(optimizer, 3), "frequency": 2}'),
    ("[optimizer], [{'scheduler': scheduler, 'interval': 'step'}]",
     '{"scheduler": StepLR(optimizer, 3), "interval": "step"}'),
    ("[optimizer], [scheduler if flag else None]", '{"scheduler": StepLR(optimizer, 3)}')])
def test_lightning_steps_each_epoch_unless_told(capsys, tmp_path, returned, config):
    """The interval and the frequency of configure_optimizers are applied as in the dialect of Lightning."""
    source = LIGHTNING.format(returned=returned, manual="")
    document, code, _ = run_port(capsys, tmp_path, source, "--updates-per-epoch", "10")
    read = read_text(config, "lightning", lr=0.1, updates_per_epoch=10)
    assert (code, schedules(document)[0][3]) == (0, read.schedule.model_dump(mode="json", exclude_none=True))
    document, code, _ = run_port(capsys, tmp_path, source)
    reason = document["schedulers"][0]["reason"]
    assert (code, reason) == ((0, None) if "step" in config else (2, "it counts epochs: give --updates-per-epoch"))


@pytest.mark.parametrize(("returned", "manual", "reason"), [
    ("[optimizer], [scheduler]", _MANUAL, None),
    ("self.pack(optimizer, scheduler)", "", "how configure_optimizers returns it is not read"),
    ("[optimizer], [scheduler]", _STEP.format("metric"), "lr_scheduler_step (line 8) steps it"),
    ("[optimizer], [scheduler]", _STEP.format(""), "it counts epochs")])
def test_who_steps_it_in_lightning_is_not_guessed(capsys, tmp_path, returned, manual, reason):
    """Manual optimization reads the constructor alone; other steps and other forms are named."""
    document, code, _ = run_port(capsys, tmp_path, LIGHTNING.format(returned=returned, manual=manual))
    [item] = document["schedulers"]
    assert (code, (item["reason"] or "").startswith(reason or "")) == (2 if reason else 0, True)
    assert bool(item["ported"]) is (reason is None)


def test_what_is_not_built_is_listed_with_its_branch(capsys, tmp_path):
    """After a return, and in branches that are not entered, also indirect ones."""
    text = READ["getattr"] + """
def build(name):
    if name == "step":
        return StepLR(optimizer, 3)
    elif name == "other":
        scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer)
    scheduler = make(optimizer)
    return ExponentialLR(optimizer, 0.9)
build("step")
"""
    document, _, _ = run_port(capsys, tmp_path, text)
    first = text.split("\n").index("def build(name):") + 1
    assert [(item["line"] - first, item["class"]) for item in document["not_built"]] == [
        (4, "getattr(torch.optim.lr_scheduler, name)"), (5, "make"), (6, "ExponentialLR")]


@pytest.mark.parametrize(("second", "base_lr"), [("Trainer(0.1)", 0.1), ("Trainer(0.2)", None)])
def test_objects_that_differ_leave_the_rate_open(capsys, tmp_path, second, base_lr):
    """A method that the script does not call is read with what all objects of its class agree on."""
    text = READ["an attribute of an object"].replace("pass", "return StepLR(self.optimizer, 5)")
    document, _, _ = run_port(capsys, tmp_path, text.replace("Trainer(0.2)", second))
    schedule = document["schedulers"][0]["ported"] and document["schedulers"][0]["ported"]["schedule"]
    assert (schedule and schedule["base_lr"]) == base_lr
    assert base_lr or "the rate that the optimizer was made with is needed" in document["schedulers"][0]["reason"]


def test_a_class_of_the_script_is_pointed_out(capsys, tmp_path):
    """One that derives from a known scheduler, and one that is used as one; a class of jobs is not."""
    text = READ["getattr"] + """
class Mine(torch.optim.lr_scheduler.CosineAnnealingWarmRestarts):
    pass
class Steps:
    def __init__(self, optimizer):
        self.optimizer = optimizer
class Jobs:
    def run(self):
        pass
lr_scheduler = Steps(optimizer)
job_scheduler = Jobs()
"""
    document, _, _ = run_port(capsys, tmp_path, text)
    assert [item["class"] for item in document["custom"]] == ["Mine", "Steps"]


@pytest.mark.parametrize("bomb", [
    "f = lambda: f()\nf()", "from functools import partial\np = partial(p, 1)\np()", "eval('eval')('eval')",
    "x = " + "d[" * 40 + "k" + "]" * 40, "x = d" + "[i]" * 40, "x = " + "(" * 40 + "a" + " or b) and c)" * 20,
    "x = a" + ".b()" * 40, "cls = StepLR\n" + "cls = cls if flag else cls\n" * 60])
def test_indirect_calls_are_bounded(capsys, tmp_path, bomb):
    """A script that refers to itself, or is nested, is read to its end, with the scheduler beside it."""
    document, code, _ = run_port(capsys, tmp_path, f"d = {{}}\n{bomb}\n" + READ["getattr"])
    assert (code, len(document["schedulers"])) == (0, 1)
