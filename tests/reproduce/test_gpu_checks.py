"""Tests each check of the GPU command on the CPU, and that each finds the mistake that it is for."""

from __future__ import annotations

import gc
import time
import weakref
from functools import partial
from importlib import import_module

import numpy as np
import pytest
import torch

from frameworks import backend
from frameworks.schedule import lrs
from frameworks.weights import draw_first_weights
from parity.cases import CASES
from parity.gate.training.sample import sample
from tests.harness.gpu import (
    agreement,
    chapter,
    epoch,
    lockstep,
    resume,
    tensorflow_epochs,
    tensorflow_rates,
    torch_epochs,
    torch_many,
    torch_rates,
)
from tests.harness.gpu.place import Place, run_checks
from tests.harness.gpu.plan import STEPS

CPU = torch.device("cpu")
MOVING = CASES[agreement.MOVING].schedule
MINUTE = 60.0


class Baked(torch.optim.SGD):
    """Reads its rate once, as a Python number, in a compiled step."""

    def step(self):
        if not hasattr(self, "baked"):
            rate = float(self.param_groups[0]["lr"])

            @torch.no_grad()
            def update(parameters, gradients):
                for parameter, gradient in zip(parameters, gradients):
                    parameter.add_(gradient, alpha=-rate)

            self.baked = torch.compile(update, backend="aot_eager")
        self.baked(parameters := self.param_groups[0]["params"], [each.grad for each in parameters])


BAKED = {"torch": partial(torch_epochs.train, optimizer=Baked),
         "tensorflow": partial(tensorflow_epochs.train, frozen=True)}
RESIDENT = {"torch": torch_epochs.train, "tensorflow": tensorflow_epochs.train}


@pytest.mark.parametrize("step", [step for step in STEPS if step.module != "environment"], ids=lambda step: step.name)
def test_every_check_passes_on_the_cpu(step, tmp_path):
    place = Place(step.framework, True, time.monotonic() + 600, tmp_path)
    results = list(run_checks(import_module(f"tests.harness.gpu.{step.module}").list_checks(place), place))
    assert results
    assert [result for result in results if not result["reached"] or result["passed"] is False] == []
    assert any(result["passed"] for result in results)


@pytest.mark.parametrize("train", [BAKED, RESIDENT], ids=["baked", "resident"])
@pytest.mark.parametrize("framework", BAKED)
def test_a_rate_that_is_frozen_in_an_epoch_is_found(framework, train):
    """A resident epoch passes the same check, as the counterpart."""
    images, labels = sample("float32")
    data = type("Data", (), {"training": (images[:600], labels[:600]), "testing": (images[:20], labels[:20])})
    ported = backend(framework)
    result = epoch.time_epochs(ported, train[framework], ported.choose_device("cpu"), data, 2)
    assert result["passed"] is (train is RESIDENT)
    assert result.get("first", "").startswith("update 1: applied 0.0" if train is BAKED else "")


@pytest.mark.parametrize("framework", BAKED)
def test_lockstep_finds_a_frozen_rate(framework):
    ported = backend(framework)
    result = lockstep._compare(ported, ported.choose_device("cpu"), "warmup", BAKED[framework], MINUTE)
    assert (result["passed"], result["rates_equal"]) == (False, False)
    assert result["first_loss_apart"] == 2  # the first two updates have the rate 0, or change nothing yet


def test_a_rate_that_moves_is_not_reported_as_frozen():
    """The planted steps of the command must be found, so this is how they can fail."""
    assert not agreement.find_frozen(torch_rates.Stepper(torch_rates.WAYS["fused, graph"], CPU).observe)["passed"]
    assert not agreement.find_frozen(partial(tensorflow_rates.observe, device="/CPU:0"))["passed"]


@pytest.mark.parametrize("how", [{}, {"dtype": "bfloat16"}, {"momentum": True}, {"ulps": 1}], ids=str)
def test_a_wrong_rate_is_found(how):
    rates = lrs(MOVING, 12).astype(np.float32)
    if how.get("momentum"):
        rates = (rates * (2 - 2.0**-np.arange(12))).astype(np.float32)
    if "dtype" in how:
        rates = torch.from_numpy(rates).bfloat16().float().numpy()
    applied = np.repeat(rates[:, None], 2, axis=1)
    assert agreement.find_difference(MOVING, applied, **how) is None
    steps = 0x10000 if "dtype" in how else 1 + how.get("ulps", 0)
    applied[7, 1:].view(np.int32)[:] += steps
    assert agreement.find_difference(MOVING, applied, **how).startswith("update 7: ")
    applied[7, 1] = np.nan
    assert agreement.find_difference(MOVING, applied, **how).startswith("update 7: ")


def test_cases_that_time_does_not_reach_are_counted():
    observe = torch_rates.Stepper(torch_rates.WAYS["fused"], CPU).observe
    result = agreement.compare_cases(observe, CASES, 12, time.monotonic() - 1)
    assert (result["whole"], result["cases"]) == (False, f"0 of {len(CASES)}")
    assert list(agreement.choose_cases(False)) != list(CASES)
    assert set(agreement.choose_cases(False)) == set(CASES)


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_a_state_that_is_not_loaded_is_found(framework, monkeypatch):
    watched = import_module(f"frameworks.{framework}.watched")
    monkeypatch.setattr(watched.Watched, "load", lambda self, saved: None)
    for optimizer in ("sgd", "momentum"):
        result = resume._resume(framework, "cpu", "cpu", optimizer, MINUTE)
        assert result["passed"] is False
        assert result["first"].startswith("update 6: ")


def test_runs_that_get_the_rates_of_others_are_found(monkeypatch):
    class Swapped(torch_many.Batched):
        def __init__(self, weights, schedules, *rest):
            super().__init__(weights, schedules[::-1], *rest)

    monkeypatch.setattr(torch_many, "Batched", Swapped)
    result = torch_many._compare(CPU, MINUTE)
    assert (result["passed"], result["wrong_runs"]) == (False, [0, 1, 2, 3])


def test_a_wrong_rate_in_a_record_is_found():
    rate = float(np.float32(0.25))
    record = {"epochs": [{"updates": 4}], "schedule": {"kind": "multi_factor", "base_lr": 0.5, "factor": 0.5,
                                                        "milestones": [2]},
              "applied_rates": [{"update": 0, "rate": 0.5}, {"update": 2, "rate": rate}]}
    assert chapter.find_wrong_change(record) is None
    record["applied_rates"][1]["update"] = 3
    assert chapter.find_wrong_change(record) == "update 2: 0.5, specified 0.25"


def test_what_a_card_or_a_machine_lacks_is_named(monkeypatch):
    """The counterparts: a rehearsal needs no compiler, and other errors are not of memory."""
    def fail(*arguments):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch_rates.shutil, "which", lambda name: None)
    monkeypatch.setenv("CC", "mycc")
    compiled, graph = torch_rates.WAYS["compiled"], torch_rates.WAYS["fused, graph"]
    assert torch_rates.find_reason(compiled, False) == (
        "torch.compile needs a C compiler: none of mycc, gcc, clang is installed")
    assert torch_rates.find_reason(compiled, True) is torch_rates.find_reason(graph, False) is None
    monkeypatch.setattr(torch_rates.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(torch_rates.sysconfig, "get_path", lambda name: "/nowhere")
    assert torch_rates.find_reason(compiled, False).endswith("/nowhere/Python.h is missing")
    monkeypatch.setattr(torch_many, "_time", fail)
    assert torch_many.time_if_it_fits(CPU, 256, 1, MINUTE) == {
        "passed": None, "why": "the card has too little memory for 256 runs at once"}


def test_the_data_on_the_device_is_freed():
    """A reference that is kept shows the counterpart."""
    def train(keep):
        net = backend("torch").build_lenet(draw_first_weights(0), CPU)
        resident = torch_epochs.Resident(net, sample("float32"), CPU, torch_epochs.FUSED)
        resident.start_epoch([np.arange(16)])
        resident.update(16)
        keep.append(resident.updates[16])
        return weakref.ref(resident.images)

    kept = []
    assert train(kept)() is not None
    kept.clear()
    gc.collect()
    freed = train([])
    gc.collect()
    assert freed() is None
