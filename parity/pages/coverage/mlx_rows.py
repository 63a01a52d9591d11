"""MLX: mlx.optimizers.schedulers, functions of the number of updates already made, in float32."""

from __future__ import annotations

from frameworks.schedule import Factor
from parity.pages.coverage.row import Library, Row, build_half_cosine, build_line, join

LIBRARY = Library(
    name="mlx", title="MLX", how="called with t, in float32", bits=32,
    source="https://ml-explore.github.io/mlx/build/html/python/optimizers/schedulers.html", rows=(
    Row("exponential_decay(0.4, 0.9)", Factor(base_lr=0.4, factor=0.9)),
    Row("step_decay(0.4, 0.5, 5)", Factor(base_lr=0.4, factor=0.5, every=5)),
    Row("cosine_decay(0.4, 20, end=0.01)", build_half_cosine(0.4, 0.01, 20)),
    Row("linear_schedule(0.4, 0.01, steps=20)", build_line(0.4, 0.01, 20)),
    Row("join_schedules([linear_schedule(0.0, 0.4, 5), cosine_decay(0.4, 20)], [5])",
        join([5], build_line(0, 0.4, 5), build_half_cosine(0.4, 0, 20)),
        note="a warm-up, then a cosine with a separate clock"),
))
