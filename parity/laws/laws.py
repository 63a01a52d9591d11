"""The laws. Each takes a subject and what Hypothesis has drawn, and returns how many rates it compared.

Each raises Violation. A rate is compared for each of the 11 weights. The order is that in which they are tried: a law
takes for granted that those before it hold.
"""

from __future__ import annotations

import numpy as np

from frameworks.observation import SIZES
from frameworks.schedule import Hold, Scale, Schedule
from parity.compare import compare
from parity.laws.expected import Violation, allowed, parsed_by_mxnet, typed
from parity.laws.subject import Subject

#: Of how many updates a law compares the rates, per example.
UPDATES = 60
FEW = 12
WEIGHTS = sum(SIZES)


def _check(what: str, t: int, rates: np.ndarray, expected: list) -> int:
    """Compare the rates of update t with those allowed, a list of alternatives, each a number or one per weight."""
    if expected and not any((rates == np.asarray(choice)).all() for choice in expected):
        raise Violation(f"{what}: update {t} applied {sorted(set(rates.tolist()))}, not {expected}")
    return WEIGHTS


def applied(subject: Subject, schedule: Schedule) -> int:
    """What an optimizer applies is float32(lr(t))."""
    comparison = compare(schedule, subject.observe(schedule, UPDATES).applied)
    if comparison.first is not None:
        raise Violation(str(comparison.first))
    return comparison.updates * WEIGHTS


def random_access(subject: Subject, schedule: Schedule, times: list[int]) -> int:
    """An optimizer that stands at any update, in any order, applies the rate of that update."""
    watched = subject.watched(schedule)
    compared = 0
    for t in times:
        watched.goto(t)
        compared += _check("gone there", t, watched.update(), allowed(schedule, t))
    return compared


def reading(subject: Subject, schedule: Schedule, reads: list[bool]) -> int:
    """Printing, asking, copying, pickling and plotting change nothing; nor does a second optimizer."""
    one, other = subject.watched(schedule), subject.watched(schedule)
    compared = 0
    for t, read in enumerate(reads):
        for watched in (one, other):
            if read:
                watched.read()
            compared += _check("read" if read else "read before", t, watched.update(), allowed(schedule, t))
    return compared


def resume(subject: Subject, schedule: Schedule, t: int) -> int:
    """Saved after t updates and built again in another process, an optimizer goes on as if nothing had happened."""
    watched = subject.watched(schedule)
    for _ in range(t):
        watched.update()
    (rates,) = subject.elsewhere.resumed(schedule, [watched.save()], FEW)
    return sum(_check(f"resumed at {t}", t + i, row, allowed(schedule, t + i)) for i, row in enumerate(rates))


def resume_everywhere(subject: Subject, schedule: Schedule, updates: int) -> int:
    """The same after each of the first updates, for the update that follows."""
    watched, saves = subject.watched(schedule), []
    for _ in range(updates):
        saves.append(watched.save())
        watched.update()
    rates = subject.elsewhere.resumed(schedule, saves, 1)
    return sum(_check(f"resumed at {t}", t, row[0], allowed(schedule, t)) for t, row in enumerate(rates))


def multipliers(subject: Subject, schedule: Schedule, by: tuple[float, float, float]) -> int:
    """A parameter's multiplier multiplies the float32 rate, and the product is rounded to float32.

    Keras has no multipliers: there each parameter has an optimizer and a scale of its own, rounded once.
    """
    watched = subject.watched(schedule, multipliers=by)
    scaled = [Scale(by=each, of=schedule) for each in by]
    compared = 0
    for t in range(FEW):
        if subject.framework == "tensorflow":
            choices = [allowed(one, t) for one in scaled]
        else:
            choices = [[float(np.float32(rate * each)) for rate in allowed(schedule, t)] for each in by]
        rates = watched.update()
        for rate, choice in zip(np.split(rates, np.cumsum(SIZES)[:-1]), choices):
            _check(f"multiplied by {by}", t, rate, [] if any(0 < abs(c) < 1e-37 for c in choice) else choice)
        compared += WEIGHTS
    return compared


def dtypes(subject: Subject, schedule: Schedule, dtype: str) -> int:
    """Weights of another type get the float32 rate, rounded to their type."""
    watched = subject.watched(schedule, dtype=dtype)
    return sum(_check(dtype, t, watched.update(), [typed(rate, dtype) for rate in allowed(schedule, t)])
               for t in range(FEW))


def adam(subject: Subject, schedule: Schedule) -> int:
    """Adam applies the rate itself, where its betas are 0. Gluon's: as MXNet's operators read it (mxnet-scalar-lr)."""
    watched = subject.watched(schedule, optimizer="adam")
    read = parsed_by_mxnet if subject.framework == "mxnet" else float
    return sum(_check("adam", t, watched.update(), [read(rate) for rate in allowed(schedule, t)]) for t in range(FEW))


def momentum(subject: Subject, schedule: Schedule) -> int:
    """Momentum .5 under equal gradients: with a velocity, v = v / 2 + rate; with a buffer, rate * (2 - 2^-t).

    Gluon and Keras add up updates, each with the rate of its time; torch adds up gradients, and takes today's rate.
    """
    watched = subject.watched(schedule, optimizer="momentum")
    velocities = [0.0]
    for t in range(FEW):
        rates = allowed(schedule, t)
        if subject.module.VELOCITY:
            velocities = [float(np.float32(v / 2 + rate)) for v in velocities for rate in rates]
        else:
            velocities = [float(np.float32(rate * (2 - 2.0**-t))) for rate in rates]
        _check("momentum", t, watched.update(), velocities)
        if not velocities:
            break  # outside the contract, and so is all that follows
    return FEW * WEIGHTS


def accumulation(subject: Subject, schedule: Schedule, batches: int) -> int:
    """Where several batches make an update, updates are counted. Keras counts batches: there a hold makes up for it."""
    meant = Hold(updates=batches, of=schedule) if subject.framework == "tensorflow" else schedule
    watched = subject.watched(meant, accumulation=batches)
    return sum(_check(f"{batches} batches an update", t, watched.update(), allowed(schedule, t)) for t in range(FEW))


def skipping(subject: Subject, schedule: Schedule, overflows: list[bool]) -> int:
    """An update that is skipped, since its gradients overflowed, changes no weight and is not counted."""
    watched = subject.watched(schedule)
    compared = t = 0
    for overflow in overflows:
        rates = watched.update(overflow=overflow)
        compared += _check("skipped" if overflow else "after skipping", t, rates,
                           [0.0] if overflow else allowed(schedule, t))
        t += not overflow
    return compared


def runs(subject: Subject, schedule: Schedule, run: str) -> int:
    """However an update is run, it applies the same rates."""
    watched = subject.watched(schedule, run=run)
    return sum(_check(run, t, watched.update(), allowed(schedule, t)) for t in range(FEW))
