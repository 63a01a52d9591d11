"""Defines the laws. Each checks an implementation with drawn values, and returns how many rates it compared.

Each raises ViolationError. A rate is compared for each of the 11 weights. They are tried in the order of this file:
a law assumes that those before it hold.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from frameworks.observation import SIZES
from frameworks.schedule import Hold, Scale, Schedule
from parity.gate.laws.expected import SMALLEST, Compared, ViolationError, compute_allowed, parse_as_mxnet, round_rate
from parity.gate.laws.subject import Subject
from parity.measuring.compare import compare

#: The number of updates that a law compares per example.
UPDATES = 60
FEW = 12
WEIGHTS = sum(SIZES)


def _check(what: str, t: int, rates: np.ndarray, expected: list) -> Compared:
    """Compare the rates of update t with a list of allowed alternatives; an empty list compares nothing.

    An alternative is one rate for all weights, or one for each.
    """
    if rates.shape != (WEIGHTS,):
        raise ViolationError(f"{what}: update {t} gave rates of shape {rates.shape}, not {(WEIGHTS,)}")
    if not expected:
        return Compared(outside=WEIGHTS)
    if not any((rates == choice).all() for choice in expected):
        raise ViolationError(f"{what}: update {t} applied {sorted(set(rates.tolist()))}, "
                             f"not {np.array(expected).tolist()}")
    return Compared(WEIGHTS)


def _check_updates(what: str, updated: Callable[[], np.ndarray], expected: Callable[[int], list[float]]) -> Compared:
    """Compare a few updates from the first on, up to a rate outside the law, which might not be applied."""
    compared = Compared()
    for t in range(FEW):
        if not (choices := expected(t)):
            return compared + Compared(outside=(FEW - t) * WEIGHTS)
        compared += _check(what, t, updated(), choices)
    return compared


def applied(subject: Subject, schedule: Schedule) -> Compared:
    """Check that an optimizer applies float32(lr(t))."""
    rates = subject.observe(schedule, UPDATES).applied
    if rates.shape != (UPDATES, WEIGHTS):
        raise ViolationError(f"rates of shape {rates.shape}, not {(UPDATES, WEIGHTS)}")
    comparison = compare(schedule, rates)
    if comparison.first is not None:
        raise ViolationError(str(comparison.first))
    return Compared((UPDATES - comparison.outside) * WEIGHTS, comparison.outside * WEIGHTS)


def random_access(subject: Subject, schedule: Schedule, times: list[int]) -> Compared:
    """Check that an optimizer that is set to any update, in any order, applies the rate of that update."""
    watched = subject.watched(schedule)
    compared = Compared()
    for t in times:
        watched.goto(t)
        compared += _check("gone there", t, watched.update(), compute_allowed(schedule, t))
    return compared


def reading(subject: Subject, schedule: Schedule, reads: list[bool]) -> Compared:
    """Check that printing, reading, copying, pickling, plotting and a second optimizer change nothing.

    The rate that an optimizer reports is that of its next update; Gluon's reports that of its last.
    """
    first, other = subject.watched(schedule), subject.watched(schedule)
    compared = Compared()
    for t, read in enumerate(reads):
        expected = compute_allowed(schedule, t)
        for watched in (first, other):
            if read:
                watched.read()
                of = t if subject.module.REPORTS_NEXT else max(t - 1, 0)
                rate = float(np.float32(watched.read_reported_rate()))
                if (right := compute_allowed(schedule, of)) and rate not in right:
                    raise ViolationError(f"read: before update {t} the optimizer reports {rate}, not {right}")
            compared += _check("read" if read else "read before", t, watched.update(), expected)
    return compared


def resume(subject: Subject, schedule: Schedule, t: int) -> Compared:
    """Check that an optimizer continues with the same rates, saved after t updates and loaded in another process."""
    watched = subject.watched(schedule)
    for _ in range(t):
        watched.update()
    (rates,) = subject.elsewhere.resume(schedule, [watched.save()], FEW)
    return _check_rows(f"resumed at {t}", rates, FEW, [t + i for i in range(FEW)], schedule)


def resume_everywhere(subject: Subject, schedule: Schedule, updates: int) -> Compared:
    """Check the same after each of the first updates, for the update that follows."""
    watched, saves = subject.watched(schedule, run=subject.module.FASTEST), []
    for _ in range(updates):
        saves.append(watched.save())
        watched.update()
    rates = subject.elsewhere.resume(schedule, saves, 1)
    return _check_rows("resumed there", rates[:, 0], updates, list(range(updates)), schedule)


def _check_rows(what: str, rates: np.ndarray, number: int, times: list[int], schedule: Schedule) -> Compared:
    if len(rates) != number:
        raise ViolationError(f"{what}: {len(rates)} updates, not {number}")
    return sum((_check(what, t, row, compute_allowed(schedule, t)) for t, row in zip(times, rates)), Compared())


def multipliers(subject: Subject, schedule: Schedule, by: tuple[float, float, float]) -> Compared:
    """Check that a parameter's multiplier multiplies the float32 rate, and that the product is rounded to float32.

    Keras has no multipliers: there each parameter has a separate optimizer and scale, rounded once.
    """
    watched = subject.watched(schedule, multipliers=by)
    scaled = [Scale(by=each, of=schedule) for each in by]
    compared = Compared()
    for t in range(FEW):
        if subject.framework == "tensorflow":
            choices = [compute_allowed(product, t, SMALLEST) for product in scaled]
        else:
            choices = [[float(np.float32(rate * each)) for rate in compute_allowed(schedule, t, SMALLEST)]
                       for each in by]
        expected = [np.repeat(choice, SIZES) for choice in itertools.product(*choices)]
        compared += _check(f"multiplied by {by}", t, watched.update(), expected)
    return compared


def dtypes(subject: Subject, schedule: Schedule, dtype: str) -> Compared:
    """Check that weights of another type get the float32 rate, rounded to their type."""
    watched = subject.watched(schedule, dtype=dtype)
    return sum((_check(dtype, t, watched.update(),
                       [round_rate(rate, dtype) for rate in compute_allowed(schedule, t)])
                for t in range(FEW)), Compared())


def adam(subject: Subject, schedule: Schedule) -> Compared:
    """Check that Adam with betas of 0 applies the rate: in Gluon as MXNet's operators parse it (mxnet-scalar-lr)."""
    watched = subject.watched(schedule, optimizer="adam")
    read = parse_as_mxnet if subject.framework == "mxnet" else float
    return _check_updates("adam", watched.update,
                          lambda t: [read(rate) for rate in compute_allowed(schedule, t, SMALLEST)])


def momentum(subject: Subject, schedule: Schedule) -> Compared:
    """Check momentum 0.5 under equal gradients: v = v / 2 + rate with a velocity, rate * (2 - 2^-t) with a buffer.

    Gluon and Keras add up updates, each with its rate; torch adds up gradients and multiplies by the current rate.
    """
    watched = subject.watched(schedule, optimizer="momentum")
    velocities = [0.0]

    def expected(t: int) -> list[float]:
        nonlocal velocities
        rates = compute_allowed(schedule, t, SMALLEST)
        if subject.module.VELOCITY:
            velocities = [float(np.float32(v / 2 + rate)) for v in velocities for rate in rates]
        else:
            velocities = [float(np.float32(rate * (2 - 2.0**-t))) for rate in rates]
        return velocities

    return _check_updates("momentum", watched.update, expected)


def accumulation(subject: Subject, schedule: Schedule, batches: int) -> Compared:
    """Check that several batches of an update are counted once. Keras counts batches: there a hold corrects it."""
    meant = Hold(updates=batches, of=schedule) if subject.framework == "tensorflow" else schedule
    watched = subject.watched(meant, accumulation=batches)
    return _check_updates(f"{batches} batches an update", watched.update,
                          lambda t: compute_allowed(schedule, t, SMALLEST))


def skipping(subject: Subject, schedule: Schedule, overflows: list[bool]) -> Compared:
    """Check that a skipped update, whose gradients overflowed, changes no weight and is not counted."""
    watched = subject.watched(schedule)
    compared, t = Compared(), 0
    for overflow in overflows:
        rates = watched.update(overflow=overflow)
        compared += _check("skipped" if overflow else "after skipping", t, rates,
                           [0.0] if overflow else compute_allowed(schedule, t))
        t += not overflow
    return compared


def runs(subject: Subject, schedule: Schedule, run: str) -> Compared:
    """Check that an update applies the same rates in every way of running it."""
    watched = subject.watched(schedule, run=run)
    return sum((_check(run, t, watched.update(), compute_allowed(schedule, t)) for t in range(FEW)), Compared())
