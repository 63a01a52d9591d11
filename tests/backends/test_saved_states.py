"""Checks that saved torch schedulers and Gluon Trainers with self-contained code continue at the right rate."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from frameworks.schedule import Cosine, Warmup, lrs
from parity.port.write import write_spellings

WARM = Warmup(updates=5, then=Cosine(base_lr=0.3, final_lr=0.01, updates=15))
UPDATES = 7


@pytest.fixture
def script(run, tmp_path):
    """Return a function that runs code without this project, where a module `exact` has the self-contained code."""

    def fresh(framework, code, *, change=lambda code: code):
        (tmp_path / "exact.py").write_text(change(write_spellings(WARM, framework)[-1].code))
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return run("-c", code, cwd=tmp_path, env=environment)

    return fresh


TORCH = """
import builtins, copy, json, pickle, sys
import torch
builtins.model = torch.nn.Linear(1, 1)
import exact

def rates(scheduler, updates):
    applied = []
    for _ in range(updates):
        applied.append(scheduler.optimizer.param_groups[0]["lr"])
        scheduler.optimizer.step()
        scheduler.step()
    return applied
"""
TORCH_SAVE = TORCH + """
applied = [rates(exact.scheduler, 7)]
torch.save(exact.scheduler, "scheduler.pt")
torch.save([exact.optimizer.state_dict(), exact.scheduler.state_dict()], "states.pt")
applied += [rates(again, 3) for again in (copy.deepcopy(exact.scheduler), pickle.loads(pickle.dumps(exact.scheduler)))]
print(json.dumps(applied))
"""
TORCH_LOAD = TORCH + """
optimizer, scheduler = torch.load("states.pt", weights_only=True)
exact.optimizer.load_state_dict(optimizer)
exact.scheduler.load_state_dict(scheduler)
whole = torch.load("scheduler.pt", weights_only=False)
print(json.dumps([rates(exact.scheduler, 3), rates(whole, 3)]))
"""


def named_no_more(code):
    """Replace the named function by a lambda."""
    return code.replace("LambdaLR(optimizer, rounded)", "LambdaLR(optimizer, lambda t: rounded(t))")


def test_torch_exact_code_is_pickled_and_its_state_loaded(script):
    """Copies, pickles and loaded states continue at the right rate."""
    later = lrs(WARM, UPDATES + 3)[UPDATES:].astype(np.float32).tolist()
    saved = script("torch", TORCH_SAVE)
    assert json.loads(saved.stdout) == [lrs(WARM, UPDATES).astype(np.float32).tolist(), later, later], saved.stderr
    assert json.loads(script("torch", TORCH_LOAD).stdout) == [later, later]


def test_torch_exact_code_with_a_lambda_is_not_pickled(script):
    """Pickling a lambda fails, so the code needs a named function."""
    failed = script("torch", TORCH_SAVE, change=named_no_more)
    assert failed.returncode == 1
    assert "Can't pickle <function <lambda> at 0x" in failed.stderr


GLUON = """
import json, sys
import numpy
numpy.bool = bool
import mxnet as mx

def trainer(scheduler):
    weight = mx.gluon.Parameter("weight", shape=(1,))
    weight.initialize()
    return weight, mx.gluon.Trainer([weight], "sgd", {"lr_scheduler": scheduler})

def rates(weight, trainer, updates):
    applied = []
    for _ in range(updates):
        weight.data()[:] = 0
        weight.grad()[:] = -1
        weight.data()._fresh_grad = True
        trainer.step(1)
        applied.append(float(weight.data().asscalar()))
    return applied
"""
GLUON_SAVE = GLUON + """
import exact
weight, trainer = trainer(exact.lr_scheduler)
applied = rates(weight, trainer, 7)
trainer.save_states("trainer.states")
print(json.dumps(applied))
"""
GLUON_LOAD = GLUON + """
weight, trainer = trainer(mx.lr_scheduler.FactorScheduler(3, base_lr=0.1))
trainer.load_states("trainer.states")
print(json.dumps(rates(weight, trainer, 3)))
"""
#: The self-contained code is in the script itself, not in a module.
GLUON_MAIN = GLUON_SAVE.replace("import exact\n", "exec(open('exact.py').read())\n").replace("exact.lr_", "lr_")


def test_gluon_states_with_exact_code_of_a_module_go_on(script):
    """The Trainer continues at the right rate."""
    rates = lrs(WARM, UPDATES + 3).astype(np.float32).tolist()
    assert json.loads(script("mxnet", GLUON_SAVE).stdout) == rates[:UPDATES]
    assert json.loads(script("mxnet", GLUON_LOAD).stdout) == rates[UPDATES:]


def test_gluon_states_with_exact_code_of_a_script_need_it(script):
    """Loading fails in a script that does not define the class."""
    rates = lrs(WARM, UPDATES + 3).astype(np.float32).tolist()
    assert json.loads(script("mxnet", GLUON_MAIN).stdout) == rates[:UPDATES]
    failed = script("mxnet", GLUON_LOAD)
    assert failed.returncode == 1
    assert "AttributeError: Can't get attribute 'Schedule' on <module '__main__'" in failed.stderr
    mended = script("mxnet", GLUON_LOAD.replace("import mxnet as mx\n", "exec(open('exact.py').read())\n"))
    assert json.loads(mended.stdout) == rates[UPDATES:]
