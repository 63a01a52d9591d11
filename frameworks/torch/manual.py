"""Sets the rate by hand in PyTorch, as the chapter does before schedulers; the schedulers write theirs here too."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer


class _Writer:
    """Writes the rates of a scheduler into the groups of its optimizer, and again after events that change the groups.

    A scheduler inherits this class, calls `_attach` when it is built, and defines `_compute_rates`. Each group gets a
    separate tensor if its rate is in one. A group that is added later gets its rate at once. The optimizer's
    `load_state_dict` does not replace the rate of a scheduler that was loaded or stepped before. None of this happens
    while the groups have other rates than this scheduler wrote: then another scheduler is in use.

    `optimizer`: the optimizer, whose methods add_param_group and load_state_dict are wrapped, as torch wraps its step.
    """

    optimizer: Optimizer
    last_epoch: int
    _is_loaded = _was_warned = False
    _written: list[tuple[Tensor | None, int, float]]

    def _compute_rates(self) -> list[float]:
        """Return the rate of the next update for each group, each a float32."""
        raise NotImplementedError

    def _prepare(self) -> None:
        """Build what is not saved, `_rules`, from what is."""

    def _attach(self) -> None:
        """Separate the groups' rates, and wrap two methods of the optimizer, without a cycle of references."""
        _separate_rates(self.optimizer)
        self._wrap("add_param_group", lambda live: True)
        self._wrap("load_state_dict", lambda live: live._is_loaded or live.last_epoch > 0)

    def _wrap(self, name: str, is_due: Callable[[Any], bool]) -> None:
        """Write the rates after each call of a method of the optimizer, if the groups had this scheduler's rates."""
        scheduler, optimizer = weakref.ref(self), weakref.ref(self.optimizer)
        method, wrapped = getattr(type(self.optimizer), name), vars(self.optimizer).get(name)

        def call(*args: Any, **kwargs: Any) -> Any:
            live, held = scheduler(), optimizer()
            is_current = live is not None and is_due(live) and live._describe_change() is None
            result = method(held, *args, **kwargs) if wrapped is None else wrapped(*args, **kwargs)
            if live is not None:
                _separate_rates(live.optimizer)
                if is_current:
                    live._write()
            return result

        setattr(self.optimizer, name, call)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_rules", "_written")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._prepare()
        self._attach()
        self._note(self._compute_rates())

    def _write(self) -> None:
        """Write the rates into the groups, in place where a rate is in a tensor."""
        rates = self._compute_rates()
        self._note(rates)
        for group, rate in zip(self.optimizer.param_groups, rates):
            _write_rate(group, rate)
        self._last_lr = [float(rate) for rate in rates]

    def _note(self, rates: list[float]) -> None:
        """Store what is about to be written, to find changes by others."""
        self._written = [(lr, lr._version + 1, rate) if isinstance(lr := group["lr"], Tensor) else (None, 0, rate)
                         for group, rate in zip(self.optimizer.param_groups, rates)]

    def _describe_change(self) -> str | None:
        """Return the first group with another rate than was written last; None without one.

        A tensor that was written once since, by this scheduler, is not read: on a GPU that would wait for the device.
        """
        for index, (group, (tensor, version, rate)) in enumerate(zip(self.optimizer.param_groups, self._written)):
            lr = group["lr"]
            if not (lr is tensor and lr._version == version) and float(lr) != rate:
                return f"param_groups[{index}]['lr'] is {float(lr)!r}, this scheduler wrote {rate!r}"
        return None

    def _warn_of_change(self, level: int = 5) -> None:
        """Warn, once for each scheduler, if the groups have other rates than were written last.

        level: the calls from the script's line to here, and one (default: 5, through torch's step).
        """
        if not self._was_warned and (change := self._describe_change()) is not None:
            self._was_warned = True
            warnings.warn(
                f"{change}. Another scheduler, a loaded optimizer or the script changed it; each step of this "
                "scheduler replaces it. To combine schedulers, build one schedule, such as Sequence or Product",
                UserWarning, stacklevel=level)


class _Stepper(_Writer):
    """Gives torch's LRScheduler the rates to write at each step; warns if others changed what was written before."""

    _counted: int | None = None  # the count of updates that the last rates are for; None at first, and after a load

    def get_lr(self) -> list[float | Tensor]:
        """Return the rate after `last_epoch` updates for each group."""
        if self.last_epoch - 1 == self._counted:
            self._warn_of_change()
        rates = self._compute_rates()
        self._note(rates)
        return [*rates]

    _get_closed_form_lr = get_lr


def _separate_rates(optimizer: Optimizer) -> None:
    """Give each group a separate rate tensor: torch gives all groups of an optimizer the same one.

    optimizer: the optimizer; groups whose rate is a number are left as they are.

    Raises TypeError if a tensor is neither float32 nor float64: it would round the rates, an integer to 0.
    """
    seen = set()
    for index, group in enumerate(optimizer.param_groups):
        if isinstance(rate := group["lr"], Tensor):
            if rate.dtype not in (torch.float32, torch.float64):
                raise TypeError(f"param_groups[{index}]['lr'] must be a number or a tensor of float32 or float64, got "
                                f"{rate.dtype}, which rounds the rates: use torch.tensor({float(rate.real)!r})")
            if id(rate) in seen or rate.data_ptr() in seen:
                group["lr"] = rate.clone()
            seen |= {id(rate), rate.data_ptr()}


def _write_rate(group: dict[str, Any], rate: float) -> None:
    """Write a rate into one group, in place if the group has a tensor.

    group: one of the optimizer's `param_groups`.
    rate: the rate, 0 or more.
    """
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(rate)
    else:
        group["lr"] = rate


def set_rate(optimizer: Optimizer, rate: float) -> float:
    """Set the learning rate of the next updates; return the rate that the optimizer then reports.

    optimizer: the optimizer; all its groups get the rate, in place where it is in a tensor.
    rate: the rate, 0 or more.

    A scheduler of the same optimizer replaces the rate at its next step, and one of `build` then warns. A built-in
    class that multiplies starts from it. Source: the chapter's line on `param_groups[0]["lr"]`.
    """
    _separate_rates(optimizer)
    for group in optimizer.param_groups:
        _write_rate(group, rate)
    return float(optimizer.param_groups[0]["lr"])


def demonstrate_set_rate(rate: float) -> tuple[float, float]:
    """Make two updates and set the rate between them; return the reported and the applied rate of the second.

    Both update a weight of 0, whose gradient is 1; the rate of the first is 0.3.

    rate: the rate to set, 0 or more.
    """
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.3)
    reported = 0.3
    for update in range(2):
        if update:
            reported = set_rate(optimizer, rate)
        with torch.no_grad():
            weight.zero_()
        optimizer.zero_grad()
        weight.sum().backward()
        optimizer.step()
    return reported, -weight.item()
