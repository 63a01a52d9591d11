"""Checks the promises of round trips for one schedule or constructor; returns how many rates were compared.

Compares only the rates that an optimizer applied, or the schedule that a written text is read as.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from frameworks import backend
from frameworks.schedule import Schedule, lrs
from parity.gate.laws.expected import Compared, ViolationError
from parity.measuring.compare import SMALLEST_NORMAL, compare, count_compared_updates
from parity.port.edges import compute_span
from parity.port.measured import observe_code
from parity.port.read import read_text
from parity.port.read.literal import parse_call
from parity.port.write import write_spellings
from parity.port.write.native import NATIVE
from tests.harness.roundtrip.constructors import Constructor
from tests.harness.roundtrip.rounding import add_early_jumps, compute_tolerance

#: 2.5 horizons are compared; a longer horizon counts as this number of updates.
HORIZON = 400
MODULES = {"mxnet": ("mxnet.lr_scheduler",), "torch": ("torch.optim.lr_scheduler", "torch.optim.swa_utils"),
           "tensorflow": ("keras.optimizers.schedules",)}
VARIABLES = {"mxnet": "lr_scheduler", "torch": "scheduler", "tensorflow": "learning_rate"}


def count_updates(schedule: Schedule) -> int:
    """Return over how many updates a schedule is compared: 2.5 horizons, or enough to show it; at least 50."""
    return count_compared_updates(min(compute_span(schedule), HORIZON))


def read_schedule(constructor: Constructor) -> Schedule:
    """Return the schedule that a constructor is read as."""
    return read_text(constructor.text, constructor.source, lr=constructor.lr,
                     optimizer=constructor.optimizer).schedule


def is_followed(constructor: Constructor) -> bool:
    """Return whether an endless class is read for some cycles only, or, as OneCycleLR, ends with an error."""
    reading = read_text(constructor.text, constructor.source, lr=constructor.lr, optimizer=constructor.optimizer)
    return "OneCycleLR" in constructor.text or reading.followed is not None


def check_exact(schedule: Schedule, framework: str, code: str | None = None) -> Compared:
    """Check that an optimizer with the self-contained code applies the specified rates, bit for bit."""
    if code is None:
        code = write_spellings(schedule, framework)[-1].code
    comparison = compare(schedule, observe_code(schedule, framework, code, count_updates(schedule))[:, None])
    if comparison.first is not None:
        raise ViolationError(f"{comparison.first}, by\n{code}")
    return Compared(comparison.updates - comparison.outside, comparison.outside)


def check_class(constructor: Constructor, schedule: Schedule | None = None) -> Compared:
    """Check that an optimizer with the class applies the rates that were read, except for rounding."""
    schedule = schedule or read_schedule(constructor)
    until = count_updates(schedule)
    if is_followed(constructor):
        until = min(until, max(schedule.horizon, 1))
    return _check_near(constructor, schedule, measure_applied_rates(constructor, until))


def check_built_in(schedule: Schedule, framework: str) -> Compared:
    """Check that built-in code is read as the rates that it applies, and without a note as the specification."""
    native = NATIVE[framework](schedule)
    if native is None:
        return Compared()
    constructor = find_constructor(native.code, framework)
    again, number = read_schedule(constructor), count_updates(schedule)
    if is_followed(constructor):
        number = min(number, max(again.horizon, 1))
    rates = observe_code(schedule, framework, native.code, number)
    result = _check_near(constructor, again, rates)
    if native.note:
        return result
    for what, those in (("applied", rates), ("read back", lrs(again, number).astype(np.float32))):
        compared = compare(schedule, those[:, None])
        if compared.first is not None:
            raise ViolationError(f"marked as exact, but {what}: {compared.first}, by\n{native.code}")
    return result


def find_constructor(code: str, framework: str) -> Constructor:
    """Return the constructor that built-in code assigns, with the rate of its optimizer."""
    (line,) = (line for line in code.splitlines() if line.startswith(f"{VARIABLES[framework]} = "))
    text = line.split(" = ", 1)[1].split("  #")[0]
    given = [float(line.split("lr=")[1].rstrip(")")) for line in code.splitlines() if "SGD(model" in line]
    return Constructor(framework, text, lr=given[0] if given else None)


def _check_near(constructor: Constructor, schedule: Schedule, applied: np.ndarray) -> Compared:
    exact = add_early_jumps(constructor.source, schedule, lrs(schedule, len(applied)))
    off = compute_tolerance(constructor.source, constructor.text, schedule, len(applied))
    lowest, highest = (exact - off).astype(np.float32), (exact + off).astype(np.float32)  # torch's rates may be below 0
    outside = (exact > 0) & (exact < SMALLEST_NORMAL)
    wrong = ~((lowest <= applied) & (applied <= highest)) & ~outside
    if wrong.any():
        t = int(np.argmax(wrong))
        raise ViolationError(f"update {t} of {constructor}: applied {applied[t]!r}, read as {exact[t]!r}, at most "
                             f"{off[t]:g} off")
    return Compared(len(applied) - int(outside.sum()), int(outside.sum()))


def measure_applied_rates(constructor: Constructor, until: int) -> np.ndarray:
    """Return the rates that plain SGD applies with the class."""
    ported = backend(constructor.source)
    names = {name: value for module in MODULES[constructor.source] for name, value in vars(
        import_module(module)).items()}

    def build(schedule: None, optimizer: Any = None) -> Any:
        if optimizer is not None:
            optimizer.param_groups[0]["lr"] = constructor.lr
        made = eval(constructor.text, dict(names), {"optimizer": optimizer})
        if constructor.optimizer is not None:  # it overwrites the scheduler's rate; the watched optimizer does not
            import mxnet

            written = parse_call(constructor.optimizer)
            mxnet.optimizer.create(written.name.lower(), lr_scheduler=made, **written.keywords)
        return made

    return np.ascontiguousarray(ported.observe(None, until, build=build).applied[:, 0])
