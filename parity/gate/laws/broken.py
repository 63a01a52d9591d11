"""Defines back ends that break one law on purpose, as wrappers of `Watched`: mistakes of counts and states.

Each imitates a real bug. Mistakes of rates are in `broken_rates.py`. Schedules that are changed as a mistake would
change them are in `parity/mistakes/catalogue.py`: a fixed case detects those.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from frameworks.observation import SIZES
from frameworks.schedule import Constant, Schedule, Sequence
from parity.mistakes.record import GITHUB, Mistake

#: By id. `where` is the law that must detect it; `make` wraps a `Watched`, for the law `applied` the function
#: `observe`.
BREAKING: dict[str, Mistake] = {}


def breaks(law: str, effect: str, link: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Return a decorator that registers a mistake in BREAKING, which `law` must detect."""
    def register(wrap: Callable[[Any], Any]) -> Callable[[Any], Any]:
        BREAKING[wrap.__name__] = Mistake(
            wrap.__name__.replace("_", " "), "optimizer", effect, link, wrap, where=law)
        return wrap

    return register


@breaks("applied", "the rate is set after the update that it is for: each rate comes one update late; set it first",
        f"{GITHUB}/marian-nmt/marian/issues/156")
def one_late_in_a_loop(observe: Callable[..., Any]) -> Callable[..., Any]:
    """Apply each rate one update late."""
    def wrong(schedule: Schedule, updates: int) -> Any:
        return observe(Sequence(parts=[Constant(base_lr=0.25), schedule], boundaries=[1]), updates)
    return wrong


@breaks("applied", "a parameter is left out of the optimizer: its rate is 0; pass all parameters", "")
def last_parameter_forgotten(observe: Callable[..., Any]) -> Callable[..., Any]:
    """Leave the last parameter out."""
    def wrong(schedule: Schedule, updates: int) -> Any:
        seen = observe(schedule, updates)
        seen.applied[:, -SIZES[-1]:] = 0
        return seen
    return wrong


@breaks("random_access", "the count is a float32 number, which stays at 2^24: the rate does not change after it; "
        "use an integer", "")
def counts_in_float32(watched: type) -> type:
    """Round the count to float32."""
    class Wrong(watched):
        def goto(self, t: int) -> None:
            super().goto(int(np.float32(t)))
    return Wrong


@breaks("random_access", "a count of 32 bits starts again after 2^31 updates: the first rates are applied again; "
        "use 64 bits",
        f"{GITHUB}/tensorflow/tensorflow/issues/2859")
def counts_in_32_bits(watched: type) -> type:
    """Start the count again at 2^31."""
    class Wrong(watched):
        def goto(self, t: int) -> None:
            super().goto(t % 2**31)
    return Wrong


@breaks("random_access", "the count of a scheduler never decreases, as in FactorScheduler: an earlier update gets a "
        "later rate; compute the rate from the count alone",
        "https://d2l.ai/chapter_optimization/lr-scheduler.html")
def never_goes_back(watched: type) -> type:
    """Never decrease the count."""
    class Wrong(watched):
        furthest = 0

        def goto(self, t: int) -> None:
            self.furthest = max(self.furthest, t)
            super().goto(self.furthest)
    return Wrong


@breaks("reading", "a scheduler counts its calls: each read of trainer.learning_rate is a step; count the updates", "")
def counts_reads(watched: type) -> type:
    """Make an update at each read."""
    class Wrong(watched):
        def read(self) -> None:
            super().read()
            self.update()
    return Wrong


@breaks("reading", "the base rate is logged, not the applied rate: the log does not show the schedule", "")
def reports_another(watched: type) -> type:
    """Report another rate than the applied one."""
    class Wrong(watched):
        def read_reported_rate(self) -> float:
            return super().read_reported_rate() + 1.0
    return Wrong


@breaks("reading", "a plot uses up the scheduler: training begins at the rate where the plot ended; plot a copy",
        "https://d2l.ai/chapter_optimization/lr-scheduler.html")
def used_up_by_plotting(watched: type) -> type:
    """Stay at update 30 after a read."""
    class Wrong(watched):
        def read(self) -> None:
            super().read()
            self.goto(30)
    return Wrong


@breaks("reading", "two optimizers share one scheduler: each advances it for the other; build a scheduler for each", "")
def shared_by_two(watched: type) -> type:
    """Share the state between two optimizers of one schedule."""
    latest: dict[str, Any] = {}

    class Wrong(watched):
        def __init__(self, schedule: Schedule, **options: Any) -> None:
            if latest.get("schedule") is schedule:
                self.__dict__ = latest.pop("state")
                latest.clear()
            else:
                super().__init__(schedule, **options)
                latest.update(schedule=schedule, state=self.__dict__)
    return Wrong


@breaks("resume", "the count is not saved: Keras' callbacks start again at epoch 0 with every fit; pass initial_epoch",
        "https://keras.io/api/callbacks/learning_rate_scheduler/")
def starts_again(watched: type) -> type:
    """Load nothing."""
    class Wrong(watched):
        def load(self, saved: bytes) -> None:
            pass
    return Wrong


@breaks("resume", "SequentialLR is resumed with last_epoch=N: it continues at another rate",
        f"{GITHUB}/pytorch/pytorch/issues/162591")
def resumes_one_late(watched: type) -> type:
    """Skip one update at a resume."""
    class Wrong(watched):
        def load(self, saved: bytes) -> None:
            super().load(saved)
            self.update()
    return Wrong


@breaks("resume", "the training is resumed on another device, whose count is not raised: the rate stays the same",
        f"{GITHUB}/apache/mxnet/issues/17357")
def resumes_frozen(watched: type) -> type:
    """Keep the count at 20 after a resume."""
    class Wrong(watched):
        frozen = False

        def load(self, saved: bytes) -> None:
            super().load(saved)
            self.frozen = True

        def update(self, **options: Any) -> np.ndarray:
            if self.frozen:
                self.goto(20)
            return super().update(**options)
    return Wrong


@breaks("runs", "the rate is read once, when a graph is built or a network is hybridized: it stays the same; "
        "read it at each update",
        f"{GITHUB}/tensorflow/tensorflow/issues/31323")
def frozen_at_the_first(watched: type) -> type:
    """Keep the count at 0 unless run eagerly."""
    class Wrong(watched):
        def __init__(self, schedule: Schedule, *, run: str = "eager", **options: Any) -> None:
            super().__init__(schedule, run=run, **options)
            self.frozen = run != "eager"

        def update(self, **options: Any) -> np.ndarray:
            if self.frozen:
                self.goto(0)
            return super().update(**options)
    return Wrong
