"""Runs each cell of the tables of frameworks/PROMISES.md in its framework, and checks that the page is current."""

from __future__ import annotations

import sys

import pytest
from torch.optim.lr_scheduler import LRScheduler, MultiStepLR

import frameworks.torch.manual
from frameworks.torch import Specified

pytest.register_assert_rewrite("tests.harness.promised")

from tests.harness.promised import compute_rates, read_promises, torch_training  # noqa: E402
from tests.harness.promised.__main__ import PAGE, build_page, main  # noqa: E402

PROMISES = read_promises()
MODULES = [module for name, module in sys.modules.items() if name.startswith("tests.harness.promised.")]
CELLS = [(row, optimizer) for row in PROMISES for optimizer in row.optimizers]


@pytest.mark.parametrize(("row", "optimizer"), CELLS, ids=[
    f"{row.framework}-{row.check.__name__}-{optimizer}" for row, optimizer in CELLS])
def test_a_promise_is_kept(row, optimizer):
    row.check(optimizer)


#: Checks that compare no rate with a schedule's.
OTHERS = {"check_refused_tensors", "check_other_state", "check_set_rate", "check_added_whole", "check_plateau",
          "check_plateau_states", "check_plateau_groups", "check_added"}


@pytest.mark.parametrize("row", PROMISES, ids=[f"{row.framework}-{row.check.__name__}" for row in PROMISES])
def test_rates_one_update_late_are_noticed(row, monkeypatch):
    """A counterpart of each check that compares rates; `check_added` only in Keras compares none."""
    if row.check.__name__ in OTHERS and (row.check.__name__, row.framework) not in {
            ("check_added", "torch"), ("check_added", "mxnet")}:
        return
    for module in MODULES:
        if hasattr(module, "compute_rates"):
            monkeypatch.setattr(module, "compute_rates",
                                lambda schedule, start, stop: compute_rates(schedule, start + 1, stop + 1))
    with pytest.raises(AssertionError):
        row.check(row.optimizers[0])


FAILURES = (AssertionError, AttributeError, RuntimeError, TypeError, ValueError, pytest.fail.Exception)


def find_check(name):
    return next(row.check for row in PROMISES if (row.framework, row.check.__name__) == ("torch", name))


@pytest.mark.parametrize(("patch", "names"), [
    (lambda patch: patch.setattr(frameworks.torch.manual._Writer, "_attach", lambda self: None),
     ["check_own_tensors", "check_added", "check_edited", "check_scheduler_first", "check_plateau_groups",
      "check_refused_tensors"]),
    (lambda patch: patch.setattr(Specified, "load_state_dict", LRScheduler.load_state_dict),
     ["check_edited", "check_scheduler_only", "check_built_last"]),
    (lambda patch: patch.setattr(Specified, "_warn_of_change", lambda self: None),
     ["check_chained_last", "check_chained_first", "check_two", "check_by_hand", "check_optimizer_only"]),
    (lambda patch: patch.setattr(Specified, "state_dict", LRScheduler.state_dict), ["check_sequential_first"]),
], ids=["unattached", "loaded_as_torch", "silent", "saved_as_torch"])
def test_a_planted_mistake_breaks_its_promises(patch, names, monkeypatch):
    patch(monkeypatch)
    for name in names:
        with pytest.raises(FAILURES):
            find_check(name)("AdamW, tensor")


@pytest.mark.parametrize("name", ["check_chained_last", "check_by_hand", "check_edited", "check_added"])
def test_what_build_promises_is_not_what_torchs_class_does(name, monkeypatch):
    """The class alone multiplies what another scheduler wrote, and leaves the loaded rate in the optimizer."""
    def build(schedule, made):
        return MultiStepLR(made, [2, 5, 9], 0.5)

    check = find_check(name)
    monkeypatch.setattr(torch_training.Training.__init__, "__kwdefaults__", {"build": build})
    (module,) = (module for module in MODULES if module.__name__ == check.__module__)
    monkeypatch.setattr(module, "build", build, raising=False)
    with pytest.raises(FAILURES):
        check("SGD")


def test_the_page_is_current(capsys):
    assert main(["--check"]) == 0
    assert build_page(PROMISES[1:]) != build_page(PROMISES)  # as a counterpart


def test_no_cell_is_without_a_test(root):
    """The page has as many marks as the tests have cells."""
    page = (root / "frameworks" / PAGE).read_text()
    table = [line for line in page.splitlines() if line.startswith("| ")]
    assert sum(line.count(" ✓ ") for line in table) == len(CELLS) > 280
    assert len(table) == len(PROMISES) + 6
