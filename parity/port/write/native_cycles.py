"""The native spelling, in torch, of lines up and down between two rates: CyclicLR."""

from __future__ import annotations

from frameworks.schedule import Cyclic, Polynomial, Repeat, Schedule, Sequence
from parity.port.cycles import up_and_down

_NOTE = "It finds its place in the round by subtracting quotients."


def torch(schedule: Schedule) -> tuple[float, str, str] | None:
    """Return the optimizer's rate, the constructor, and what is off about it; None if it is no such cycle."""
    if isinstance(schedule, Cyclic):
        gamma = f", gamma={schedule.gamma!r}" if schedule.mode == "exp_range" else ""
        return _cyclic(schedule.low, schedule.high, schedule.up, schedule.down or schedule.up, schedule.mode, gamma)
    of = schedule.of if isinstance(schedule, Repeat) and schedule.decay in (1, 0.5) else None
    if not isinstance(of, Sequence) or len(of.parts) != 2 or not isinstance(of.parts[0], Polynomial):
        return None
    low, high, up = of.parts[0].base_lr, of.parts[0].final_lr, of.boundaries[0]
    down = max(schedule.updates - up, 1)
    if schedule != up_and_down(low, high, up, down, decay=schedule.decay, min_lr=schedule.min_lr):
        return None
    if schedule.decay == 1:
        return _cyclic(low, high, up, down, "triangular")
    return _cyclic(low, high, up, down, "triangular2") if schedule.min_lr == low else None


def _cyclic(low: float, high: float, up: int, down: int, mode: str, gamma: str = "") -> tuple[float, str, str]:
    return (low, f"CyclicLR(optimizer, {low!r}, {high!r}, step_size_up={up}, step_size_down={down}, mode={mode!r}"
            f"{gamma}, cycle_momentum=False)", _NOTE)
