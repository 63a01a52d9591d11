"""Records the rates that any optimizer of MXNet applies, in a Trainer, a Module or an Estimator.

    from frameworks.mxnet import assert_applied, record
    with record(trainer) as rates:
        train(net, trainer, batches)
    assert_applied(rates, schedule)
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mxnet as mx
from mxnet.optimizer import Optimizer, Updater

from frameworks.record import OTHER, Rates, begin
from frameworks.record_rows import RecordError


def record(trainer: Any, file: str | Path | None = None, *, start: int = 0, measure: bool = False) -> Rates:
    """Record the rates that a Trainer's optimizer applies, from now on until the returned object is closed.

    Each update gives a row: the rate that the optimizer computes for each group of parameters, nan if it computes none.
    The parameters with one lr_mult are a group; groups have the order of their first update. An update that a loss
    scaler of AMP skips has no row.

    trainer: a gluon.Trainer, an Estimator or Module that has its optimizer, or an mxnet.optimizer.Optimizer.
    file: path of a file, .csv or .jsonl, to which rows are written during the training (default: None, memory).
    start: number of updates already made (default: 0); with more than 0 the file is continued.
    measure: whether to compute the rate from the weights too, of the first parameter of each group; only for SGD
        without momentum, weight decay and clip_gradient (default: no).

    Raises RecordError if the optimizer is being recorded, if it cannot be measured, or if the file cannot be used.
    Raises TypeError if there is no optimizer.
    """
    optimizer = _find_optimizer(trainer)
    if measure:
        _check_measurable(optimizer)
    rates = begin(optimizer, file, start)
    recording = _Recording(optimizer, rates, measure=measure)
    rates.attach(_watch(optimizer, recording), fetch=recording.finish)
    return rates


class _Recording:
    """The rates of one optimizer, of the update that is being made.

    groups: the multipliers of its parameters, in the order of their first update.
    applied, measured: the rate of each group. updated: the parameters, by index and context.
    weights: the identities of all its parameters.
    """

    def __init__(self, optimizer: Optimizer, rates: Rates, *, measure: bool) -> None:
        self.optimizer, self.rates, self.measure = optimizer, rates, measure
        self.groups: list[float] = []
        self.applied: dict[float, float] = {}
        self.measured: dict[float, float] = {}
        self.updated: set[tuple[Any, Any]] = set()
        self.weights: set[int] = set()
        self.differs = self.replaced = False

    def update(self, make: Callable[..., None], updater: Updater, index: Any, gradient: Any, weight: Any) -> None:
        """Update one parameter, or a list of them, and note their rates."""
        members = (list(zip(index, weight, gradient)) if isinstance(index, list | tuple)
                   else [(index, weight, gradient)])
        keys = {(each, values.context) for each, values, _ in members}
        if not keys.isdisjoint(self.updated):  # the next update begins
            self.finish()
        self.updated |= keys
        self.weights.update(id(values) for _, values, _ in members)
        old = [values.copy() for _, values, _ in members] if self.measure else []
        compute: Any = self.optimizer._get_lrs
        self.optimizer._get_lrs = lambda indices: self._note(indices, compute(indices))
        try:
            make(updater, index, gradient, weight)
        finally:
            del self.optimizer._get_lrs  # an optimizer with another method could not be pickled
        for (each, values, slope), before in zip(members, old):
            by = _read_multiplier(self.optimizer, each)
            if by not in self.measured:
                self.measured[by] = _measure(self.optimizer, before, slope, values, self.applied[by])

    def _note(self, indices: list[Any], rates: list[float]) -> list[float]:
        for index, rate in zip(indices, rates):
            by = _read_multiplier(self.optimizer, index)
            if by not in self.groups:
                self.groups.append(by)
            if self.applied.setdefault(by, rate) != rate and not self.differs:
                self.differs = True
                warnings.warn(f"update {self.rates.updates}: parameters with lr_mult {by:g} get different rates, of "
                              "which the first is recorded", RuntimeWarning, stacklevel=2)
        return rates

    def finish(self) -> None:
        """Add the row of the update, if there is one."""
        if self.updated:
            self.rates.add([self.applied.get(by, math.nan) for by in self.groups] or [math.nan],
                           [self.measured.get(by, math.nan) for by in self.groups] if self.measure else ())
        self.applied, self.measured, self.updated = {}, {}, set()

    def notice_other(self, optimizer: Optimizer, weight: Any) -> None:
        """Warn once if another optimizer updates a parameter of this one."""
        first = weight[0] if isinstance(weight, list | tuple) else weight
        if not self.replaced and id(first) in self.weights:
            self.replaced = True
            warnings.warn(OTHER.format(self.rates.updates + bool(self.updated), type(optimizer).__name__),
                          RuntimeWarning, stacklevel=2)


#: The recordings, by the identity of their optimizers. While there are any, `Updater.__call__` is replaced.
_RECORDINGS: dict[int, _Recording] = {}
_UPDATE = Updater.__call__


def _update(self: Updater, index: Any, grad: Any, weight: Any) -> None:
    recording = _RECORDINGS.get(id(self.optimizer))
    if recording is not None:
        recording.update(_UPDATE, self, index, grad, weight)
        return
    for recording in _RECORDINGS.values():
        recording.notice_other(self.optimizer, weight)
    _UPDATE(self, index, grad, weight)


def _watch(optimizer: Optimizer, recording: _Recording) -> Callable[[], None]:
    """Let a recording see the updates of an optimizer; return what ends this."""
    Updater.__call__ = _update
    _RECORDINGS[id(optimizer)] = recording

    def end() -> None:
        del _RECORDINGS[id(optimizer)]
        if not _RECORDINGS:
            Updater.__call__ = _UPDATE

    return end


def _find_optimizer(trainer: Any) -> Optimizer:
    """Return the optimizer of a Trainer, Module or Estimator, or itself. Raises TypeError."""
    owner = getattr(trainer, "trainer", trainer)  # of an Estimator
    optimizer = getattr(owner, "_optimizer", owner)
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"trainer must be a gluon.Trainer, or a Module or Estimator with its optimizer, got "
                        f"{type(trainer).__name__}")
    return optimizer


def _read_multiplier(optimizer: Optimizer, index: Any) -> float:
    """Return the lr_mult of a parameter, found as Optimizer._get_lrs finds it."""
    if index in optimizer.param_dict:
        return optimizer.param_dict[index].lr_mult
    if index in optimizer.lr_mult:
        return optimizer.lr_mult[index]
    return optimizer.lr_mult.get(optimizer.idx2name.get(index), 1.0)


def _check_measurable(optimizer: Optimizer) -> None:
    if type(optimizer) is not mx.optimizer.SGD:
        raise RecordError(f"measure needs mxnet.optimizer.SGD, whose update is rate times gradient, got "
                          f"{type(optimizer).__name__}")
    for option in ("momentum", "wd", "clip_gradient"):
        if value := getattr(optimizer, option):
            raise RecordError(f"measure needs an SGD without {option}, got {value!r}")


def _measure(optimizer: Optimizer, before: mx.nd.NDArray, gradient: mx.nd.NDArray, after: mx.nd.NDArray,
             rate: float) -> float:
    """Return the rate if it gives the new weights bit for bit, else the one that the largest gradient shows."""
    scaled = gradient * optimizer.rescale_grad
    largest = int(scaled.abs().reshape(-1).argmax(axis=0).asscalar())
    change = float((before - after).reshape(-1)[largest].asscalar())
    mx.nd.sgd_update(before, gradient, lr=rate, wd=0, rescale_grad=optimizer.rescale_grad, out=before)
    if (before == after).min().asscalar():
        return rate
    return change / float(scaled.reshape(-1)[largest].asscalar())
