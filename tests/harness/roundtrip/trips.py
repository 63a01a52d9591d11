"""What a round trip promises, each of one schedule or constructor. All return how many rates were compared.

Nothing is compared but what an optimizer applied, or what a text that was written is read as.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from frameworks import backend
from frameworks.schedule import Schedule, lrs
from parity.gate.laws.expected import Compared, Violation
from parity.measuring.compare import SMALLEST_NORMAL, compare, updates_compared
from parity.port.edges import span
from parity.port.measured import observed
from parity.port.read import read_text
from parity.port.read.literal import parsed
from parity.port.write import spellings
from parity.port.write.native import NATIVE
from tests.harness.roundtrip.constructors import Constructor
from tests.harness.roundtrip.rounding import margin

#: 2.5 horizons are compared, but of a longer horizon than this only so many updates are taken for one.
HORIZON = 400
MODULES = {"mxnet": "mxnet.lr_scheduler", "torch": "torch.optim.lr_scheduler",
           "tensorflow": "keras.optimizers.schedules"}
VARIABLES = {"mxnet": "lr_scheduler", "torch": "scheduler", "tensorflow": "learning_rate"}


def updates(schedule: Schedule) -> int:
    """Return over how many updates a schedule is compared: 2.5 horizons, or as many as show it; at least 50."""
    return updates_compared(min(span(schedule), HORIZON))


def specified(constructor: Constructor) -> Schedule:
    """Return what a constructor is read as."""
    return read_text(constructor.text, constructor.source, lr=constructor.lr,
                     optimizer=constructor.optimizer).schedule


def followed(constructor: Constructor) -> bool:
    """Whether a class never ends and is followed for some rounds only, or, as OneCycleLR, ends with an error."""
    reading = read_text(constructor.text, constructor.source, lr=constructor.lr, optimizer=constructor.optimizer)
    return "OneCycleLR" in constructor.text or reading.followed is not None


def exact_applies(schedule: Schedule, framework: str, code: str | None = None) -> Compared:
    """The exact spelling makes the framework's optimizer apply what is specified, bit for bit."""
    if code is None:
        code = spellings(schedule, framework)[-1].code
    found = compare(schedule, observed(schedule, framework, code, updates(schedule))[:, None])
    if found.first is not None:
        raise Violation(f"{found.first}, by\n{code}")
    return Compared(found.updates - found.outside, found.outside)


def class_applies(constructor: Constructor, schedule: Schedule | None = None) -> Compared:
    """The class itself makes the framework's optimizer apply what was read, but for its own rounding."""
    schedule = schedule or specified(constructor)
    until = updates(schedule)
    if followed(constructor):
        until = min(until, max(schedule.horizon, 1))
    return _near(constructor, schedule, applied(constructor, until))


def native_applies(schedule: Schedule, framework: str) -> Compared:
    """The native spelling, if there is one, is read as what it applies; without a note, as the specification too."""
    native = NATIVE[framework](schedule)
    if native is None:
        return Compared()
    constructor = constructor_in(native.code, framework)
    again, number = specified(constructor), updates(schedule)
    if followed(constructor):
        number = min(number, max(again.horizon, 1))
    rates = observed(schedule, framework, native.code, number)
    found = _near(constructor, again, rates)
    if native.note:
        return found
    for what, those in (("applied", rates), ("read back", lrs(again, number).astype(np.float32))):
        compared = compare(schedule, those[:, None])
        if compared.first is not None:
            raise Violation(f"said to be exact, and {what}: {compared.first}, by\n{native.code}")
    return found


def constructor_in(code: str, framework: str) -> Constructor:
    """Return the constructor that a native spelling assigns, with the rate of its optimizer."""
    (line,) = (line for line in code.splitlines() if line.startswith(f"{VARIABLES[framework]} = "))
    text = line.split(" = ", 1)[1].split("  #")[0]
    given = [float(line.split("lr=")[1].rstrip(")")) for line in code.splitlines() if "SGD(model" in line]
    return Constructor(framework, text, lr=given[0] if given else None)


def _near(constructor: Constructor, schedule: Schedule, applied: np.ndarray) -> Compared:
    exact = lrs(schedule, len(applied))
    off = margin(constructor.source, constructor.text, schedule, len(applied))
    lowest, highest = (exact - off).astype(np.float32), (exact + off).astype(np.float32)  # torch's may be below 0
    outside = (exact > 0) & (exact < SMALLEST_NORMAL)
    wrong = ~((lowest <= applied) & (applied <= highest)) & ~outside
    if wrong.any():
        t = int(np.argmax(wrong))
        raise Violation(f"update {t} of {constructor}: applied {applied[t]!r}, read as {exact[t]!r}, at most "
                        f"{off[t]:g} off")
    return Compared(len(applied) - int(outside.sum()), int(outside.sum()))


def applied(constructor: Constructor, until: int) -> np.ndarray:
    """Return what the class itself makes plain SGD apply."""
    ported = backend(constructor.source)
    names = vars(import_module(MODULES[constructor.source]))

    def build(schedule: None, optimizer: Any = None) -> Any:
        if optimizer is not None:
            optimizer.param_groups[0]["lr"] = constructor.lr
        made = eval(constructor.text, dict(names), {"optimizer": optimizer})
        if constructor.optimizer is not None:  # overwrites the scheduler's rate; the one that is watched does not
            import mxnet

            written = parsed(constructor.optimizer)
            mxnet.optimizer.create(written.name.lower(), lr_scheduler=made, **written.keywords)
        return made

    return np.ascontiguousarray(ported.observe(None, until, build=build).applied[:, 0])
