"""Random schedules of MLX, and the rates of an MLX optimizer, in float32."""

from __future__ import annotations

import random
from typing import Any

from tests.harness.settings import Setting


def build(draw: random.Random) -> str:
    """Return a random schedule, or several that are joined."""
    count = draw.choice([1, 1, 2, 3])
    parts = [draw.choice([
        f"exponential_decay({draw.choice([0.4, 0.1])}, {draw.choice([0.9, 0.99, 1.05])})",
        f"step_decay(0.4, {draw.choice([0.5, 0.9])}, {draw.choice([1, 3, 7])})",
        f"cosine_decay(0.4, {draw.choice([1, 9, 30])}, end={draw.choice([0.0, 0.01])})",
        f"linear_schedule({draw.choice([0.0, 0.4])}, {draw.choice([0.1, 0.3])}, steps={draw.choice([1, 5, 20])})",
    ]) for _ in range(count)]
    starts = sorted(draw.sample(range(1, 40), count - 1))
    return parts[0] if count == 1 else f"join_schedules([{', '.join(parts)}], {starts})"


def run(text: str, n: int) -> list[float]:
    """Return the rates of SGD, whose update computes the rate."""
    import mlx.optimizers as optimizers  # pyright: ignore[reportMissingImports]

    return measure(optimizers.SGD(learning_rate=eval(text, vars(optimizers))), n)


def measure(optimizer: Any, n: int) -> list[float]:
    """Return the rates of an optimizer."""
    import mlx.core as mx  # pyright: ignore[reportMissingImports]

    weights = {"w": mx.zeros(1)}
    rates = []
    for _ in range(n):
        weights = optimizer.apply_gradients({"w": mx.ones(1)}, weights)
        rates.append(float(optimizer.learning_rate))
    return rates


SETTING = Setting("mlx", build, run, {}, ("mlx",), bits=32)
