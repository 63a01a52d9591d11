"""Defines back ends that break one law on purpose: mistakes of the rate in a rule, a type, a group, a run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from frameworks.observation import SIZES
from frameworks.schedule import Constant, Hold, Scale, Schedule
from parity.gate.laws.broken import GITHUB, breaks

ULP = 1 + 2.0**-23


def change_schedule(watched: type, change: Callable[[Schedule, dict], Schedule]) -> type:
    """Return a Watched whose schedule is changed, depending on its options."""
    class Wrong(watched):
        def __init__(self, schedule: Schedule, **options: Any) -> None:
            super().__init__(change(schedule, options), **options)
    return Wrong


def change_rates(watched: type, option: str, change: Callable[[np.ndarray, Any], np.ndarray]) -> type:
    """Return a Watched whose measured rates are changed if an option is set: no framework applies such rates."""
    class Wrong(watched):
        def __init__(self, schedule: Schedule, **options: Any) -> None:
            super().__init__(schedule, **options)
            self.chosen = options.get(option)

        def update(self, **options: Any) -> np.ndarray:
            rates = super().update(**options)
            return rates if self.chosen is None else change(rates, self.chosen)
    return Wrong


@breaks("runs", "the compiler changes the order of operations: rates are 1 ULP off", "")
def one_ulp_off_in_a_graph(watched: type) -> type:
    """Raise the rate by one ULP unless run eagerly."""
    return change_schedule(watched, lambda schedule, options: Scale(by=ULP, of=schedule)
                           if options.get("run", "eager") != "eager" else schedule)


@breaks("runs", "the rate is a constant of the compiled code: the first rate is applied at each update",
        f"{GITHUB}/pytorch/pytorch/issues/107076")
def frozen_once_compiled(watched: type) -> type:
    """Apply lr(0) at each update unless run eagerly."""
    return change_schedule(watched, lambda schedule, options: Constant(base_lr=schedule.lr(0))
                           if options.get("run", "eager") != "eager" else schedule)


@breaks("multipliers", "all groups get the rate of the first one; apply the multiplier of each", "")
def multipliers_ignored(watched: type) -> type:
    """Use the first multiplier for all groups."""
    class Wrong(watched):
        def __init__(self, schedule: Schedule, *, multipliers: tuple | None = None, **options: Any) -> None:
            super().__init__(schedule, multipliers=multipliers and multipliers[:1] * 3, **options)
    return Wrong


@breaks("multipliers", "the multiplier is in the base rate and in the group: it is applied twice; apply it once", "")
def multipliers_twice(watched: type) -> type:
    """Square the multipliers."""
    class Wrong(watched):
        def __init__(self, schedule: Schedule, *, multipliers: tuple | None = None, **options: Any) -> None:
            twice = multipliers and tuple(by * by for by in multipliers)
            super().__init__(schedule, multipliers=twice, **options)
    return Wrong


@breaks("multipliers", "LBSGD applies another rate to its first parameter than to the others", "")
def first_group_behind(watched: type) -> type:
    """Halve the rate of the first parameter."""
    def behind(rates: np.ndarray, multipliers: tuple) -> np.ndarray:
        return np.concatenate(([rates[0] / 2], rates[SIZES[0]:]))
    return change_rates(watched, "multipliers", behind)


@breaks("dtypes", "float64 weights get the float64 rate, as with torch's built-in schedulers: other weights get "
        "float32 rates; round the rate to float32", "")
def not_rounded_for_float64(watched: type) -> type:
    """Change the rate of float64 weights below float32 precision."""
    return change_rates(watched, "dtype", lambda rates, dtype: rates * (1 + 2.0**-40) if dtype == "float64" else rates)


@breaks("dtypes", "the rate is truncated to the 16 bits of a weight: some rates are too low; round to nearest", "")
def cut_off_for_float16(watched: type) -> type:
    """Truncate the rate to 16 bits instead of rounding it."""
    class Wrong(watched):
        def __init__(self, schedule: Schedule, *, dtype: str = "float32", **options: Any) -> None:
            super().__init__(schedule, dtype=dtype, **options)
            self.cut, self.made = dtype if "16" in dtype else "", 0

        def update(self, **options: Any) -> np.ndarray:
            rates, exact = super().update(**options), np.float32(self.schedule.lr(self.made))
            self.made += 1
            if not self.cut:
                return rates
            if self.cut == "bfloat16":
                return np.full_like(rates, (exact.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32))
            nearest = np.float16(exact)
            return np.full_like(rates, nearest if nearest <= exact else np.nextafter(nearest, np.float16(0)))
    return Wrong


@breaks("adam", "the optimizer writes its default rate into the scheduler; give both the same rate",
        f"{GITHUB}/apache/mxnet/pull/16487")
def adam_with_its_default(watched: type) -> type:
    """Apply Adam's default rate."""
    return change_schedule(watched, lambda schedule, options: Constant(base_lr=0.001)
                           if options.get("optimizer") == "adam" else schedule)


@breaks("adam", "the bias corrections count from another update: rates are slightly off", "")
def adam_one_ulp_off(watched: type) -> type:
    """Raise the rate inside Adam by one ULP."""
    return change_rates(watched, "optimizer", lambda rates, name: rates * ULP if name == "adam" else rates)


@breaks("momentum", "momentum adds up updates where it should add up gradients, or the reverse: "
        "applied rates differ", "")
def the_other_momentum(watched: type) -> type:
    """Replace a velocity by a buffer, and a buffer by a velocity."""
    class Wrong(watched):
        def __init__(self, schedule: Schedule, *, optimizer: str = "sgd", **options: Any) -> None:
            super().__init__(schedule, optimizer=optimizer, **options)
            self.other, self.made, self.velocity = optimizer == "momentum", 0, 0.0

        def update(self, **options: Any) -> np.ndarray:
            rates = super().update(**options)
            if not self.other:
                return rates
            rate = np.float32(self.schedule.lr(self.made))
            self.velocity = float(np.float32(self.velocity / 2 + rate))
            buffer = float(np.float32(rate * (2 - 2.0**-self.made)))
            self.made += 1
            return np.full_like(rates, buffer if sys.modules[watched.__module__].VELOCITY else self.velocity)
    return Wrong


@breaks("accumulation", "batches are counted as updates: the schedule runs through too fast; count the updates",
        f"{GITHUB}/huggingface/accelerate/pull/999")
def batches_are_updates(watched: type) -> type:
    """Count batches as updates."""
    class Wrong(watched):
        def update(self, **options: Any) -> np.ndarray:
            rates = super().update(**options)
            for _ in range(self.accumulation - 1):
                super().update()
            return rates
    return Wrong


@breaks("accumulation", "the schedule is stretched twice for accumulated batches: it runs too slowly; stretch it once",
        f"{GITHUB}/huggingface/diffusers/issues/4387")
def stretched_by_batches(watched: type) -> type:
    """Hold the schedule once too often for accumulated batches."""
    return change_schedule(watched, lambda schedule, options: Hold(updates=options["accumulation"], of=schedule)
                           if "accumulation" in options else schedule)


@breaks("skipping", "the scheduler is stepped although the update was skipped: later rates come early; "
        "step it after an update only",
        f"{GITHUB}/Lightning-AI/pytorch-lightning/issues/18828")
def skipped_updates_count(watched: type) -> type:
    """Count a skipped update."""
    class Wrong(watched):
        def update(self, *, overflow: bool = False) -> np.ndarray:
            rates = super().update(overflow=overflow)
            if overflow:
                super().update()
            return rates
    return Wrong


@breaks("skipping", "an update that should be skipped is made with the old gradients; leave the weights unchanged", "")
def skipped_updates_happen(watched: type) -> type:
    """Make the skipped update."""
    class Wrong(watched):
        def update(self, *, overflow: bool = False) -> np.ndarray:
            return super().update(overflow=False)
    return Wrong
