"""Records the rates that any optimizer of MXNet applies, in a Trainer, a Module or an Estimator.

    from frameworks.mxnet import assert_applied, record
    with record(trainer) as rates:
        train(net, trainer, batches)
    assert_applied(rates, schedule)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mxnet.optimizer import Optimizer, Updater

from frameworks.mxnet.measured import check_measurable, measure_rate
from frameworks.record import Rates
from frameworks.recorded import OTHER, begin


def record(trainer: Any, file: str | Path | None = None, *, start: int = 0, measure: bool = False) -> Rates:
    """Record the rates that a Trainer's optimizer applies, from now on until the returned object is closed.

    Each update gives a row: the rate, if any, that the optimizer computes for each group of parameters.
    The parameters with one lr_mult are a group; groups have the order of their first update. An update that a loss
    scaler of AMP skips has no row.

    trainer: a gluon.Trainer, an Estimator or Module that has its optimizer, or an mxnet.optimizer.Optimizer.
    file: path of a file, .csv or .jsonl, to which rows are written during the training (default: None, memory).
    start: number of updates already made (default: 0); with more than 0 the file is continued.
    measure: whether to compute the rate from the weights too, of the first parameter of each group, nan if its
        gradient is 0; only for SGD without momentum, weight decay and clip_gradient (default: no).

    Raises RecordError if the optimizer is being recorded, if it cannot be measured, or if the file cannot be used.
    Raises TypeError if there is no optimizer.
    """
    owner, optimizer = _find_optimizer(trainer)
    if measure:
        check_measurable(optimizer)
    rates = begin(optimizer, file, start)
    recording = _Recording(optimizer, rates, measure=measure)
    rates.attach(_watch(optimizer, recording), fetch=recording.finish)
    if owner is not optimizer:
        rates.attach(_mark_updates(owner, recording))
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
        self.applied, self.measured = dict[float, float](), dict[float, float | None]()
        self.updated, self.weights = set[tuple[Any, Any]](), set[int]()
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
        restore = _replace(self.optimizer, "_get_lrs", lambda indices: self._note(indices, compute(indices)))
        try:
            make(updater, index, gradient, weight)
        finally:
            restore()  # an optimizer with another method could not be pickled
        for (each, values, slope), before in zip(members, old):
            by = _read_multiplier(self.optimizer, each)
            if by not in self.measured:
                self.measured[by] = measure_rate(self.optimizer, before, slope, values, self.applied[by])

    def _note(self, indices: list[Any], rates: list[float]) -> list[float]:
        for index, rate in zip(indices, rates):
            by = _read_multiplier(self.optimizer, index)
            if by not in self.groups:
                self.groups.append(by)
            before = self.applied.setdefault(by, rate)
            if before != rate and rate == rate and not self.differs:
                self.differs = True
                warnings.warn(f"update {self.rates.updates}: parameters with lr_mult {by:g} get different rates, of "
                              "which the first is recorded", RuntimeWarning, stacklevel=2)
        return rates

    def finish(self) -> None:
        """Add the row of the update, if there is one."""
        if self.updated:
            self.rates.add([self.applied.get(by) for by in self.groups] or [None],
                           [self.measured.get(by) for by in self.groups] if self.measure else ())
        self.applied, self.measured, self.updated = {}, {}, set()

    def notice_other(self, optimizer: Optimizer, weight: Any = None) -> None:
        """Warn once if another optimizer updates a parameter of this one, or replaces it (weight: None)."""
        first = weight[0] if isinstance(weight, list | tuple) else weight
        if not self.replaced and (first is None or id(first) in self.weights):
            self.replaced = True
            warnings.warn(OTHER.format(self.rates.updates + bool(self.updated), type(optimizer).__name__),
                          RuntimeWarning, stacklevel=2)


#: The recordings, by the identity of their optimizers. While there are any, `Updater.__call__` is replaced.
_RECORDINGS: dict[int, _Recording] = {}
_UPDATE = Updater.__call__


def _update(self: Updater, index: Any, grad: Any, weight: Any) -> None:
    if recording := _RECORDINGS.get(id(self.optimizer)):
        recording.update(_UPDATE, self, index, grad, weight)
        return
    for recording in _RECORDINGS.values():
        recording.notice_other(self.optimizer, weight)
    _UPDATE(self, index, grad, weight)


def _replace(owner: Any, name: str, method: Any) -> Callable[[], None]:
    """Give an object a method; return what gives back the one that it had."""
    own = vars(owner).get(name)
    setattr(owner, name, method)
    return lambda: delattr(owner, name) if own is None else setattr(owner, name, own)


def _mark_updates(owner: Any, recording: _Recording) -> Callable[[], None]:
    """Let each update of a Trainer or Module begin a row, whichever parameters it updates; return what ends this."""
    name = "_update" if hasattr(owner, "_update") else "update"
    make = getattr(owner, name)

    def update(*arguments: Any, **options: Any) -> Any:
        recording.finish()
        if owner._optimizer is not recording.optimizer:  # load_states may replace it
            recording.notice_other(owner._optimizer)
        return make(*arguments, **options)

    return _replace(owner, name, update)


def _watch(optimizer: Optimizer, recording: _Recording) -> Callable[[], None]:
    """Let a recording see the updates of an optimizer; return what ends this."""
    Updater.__call__ = _update
    _RECORDINGS[id(optimizer)] = recording

    def end() -> None:
        del _RECORDINGS[id(optimizer)]
        if not _RECORDINGS:
            Updater.__call__ = _UPDATE

    return end


def _find_optimizer(trainer: Any) -> tuple[Any, Optimizer]:
    """Return the Trainer or Module that updates, and its optimizer; twice an optimizer. Raises TypeError."""
    owner = getattr(trainer, "trainer", trainer)  # of an Estimator
    optimizer = getattr(owner, "_optimizer", owner)
    if not isinstance(optimizer, Optimizer):
        name = type(trainer).__name__
        raise TypeError(f"trainer must be a gluon.Trainer, or a Module or Estimator with its optimizer, got {name}")
    return owner, optimizer


def _read_multiplier(optimizer: Optimizer, index: Any) -> float:
    """Return the lr_mult of a parameter, found as Optimizer._get_lrs finds it."""
    if index in optimizer.param_dict:
        return optimizer.param_dict[index].lr_mult
    return optimizer.lr_mult.get(index, optimizer.lr_mult.get(optimizer.idx2name.get(index), 1.0))
