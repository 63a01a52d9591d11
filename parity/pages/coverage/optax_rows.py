"""optax: optax.schedules, functions of the number of updates already made, in float32."""

from __future__ import annotations

from frameworks.schedule import Clamp, Exponential, Factor, Polynomial, Warmup
from parity.pages.coverage.metric_driven import build_plateau
from parity.pages.coverage.row import (
    ENDLESS,
    Library,
    Row,
    build_annealing,
    build_constant,
    build_half_cosine,
    build_increase,
    build_line,
    join,
)

_FALLING = Exponential(base_lr=0.4, factor=0.5, updates=10)
_POWER = Polynomial(base_lr=0.4, final_lr=0.01, updates=20)

LIBRARY = Library(
    name="optax", title="optax", how="called with the number of updates already made", bits=32,
    bases=("inject_hyperparams", "inject_stateful_hyperparams"),
    source="https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html", rows=(
    Row("constant_schedule(0.4)", build_constant(0.4)),
    Row("linear_schedule(0.4, 0.01, 20)", build_line(0.4, 0.01, 20)),
    Row("polynomial_schedule(0.4, 0.01, 2, 20)", _POWER),
    Row("polynomial_schedule(0.4, 0.01, 2, 20, transition_begin=5)", join([5], build_constant(0.4), _POWER)),
    Row("piecewise_constant_schedule(0.4, {5: 0.5, 12: 1.5})",
        join([5, 7], build_constant(0.4), build_constant(0.2), build_constant(0.3))),
    Row("piecewise_interpolate_schedule('linear', 0.4, {5: 0.5, 15: 0.2})",
        join([5, 10], build_line(0.4, 0.2, 5), build_line(0.2, 0.04, 10), build_constant(0.04))),
    Row("piecewise_interpolate_schedule('cosine', 0.4, {5: 0.5, 15: 0.2})",
        join([5, 10], build_half_cosine(0.4, 0.2, 5), build_half_cosine(0.2, 0.04, 10), build_constant(0.04))),
    Row("exponential_decay(0.4, 10, 0.5)", _FALLING),
    Row("exponential_decay(0.4, 10, 0.5, staircase=True)", Factor(base_lr=0.4, factor=0.5, every=10)),
    Row("exponential_decay(0.4, 10, 0.5, transition_begin=5, end_value=0.05)",
        join([5], build_constant(0.4), Clamp(min_lr=0.05, max_lr=0.4, of=_FALLING))),
    Row("exponential_decay(0.01, 10, 2.0, end_value=0.4)",
        Exponential(base_lr=0.01, factor=2.0, updates=10, max_lr=0.4)),
    Row("exponential_decay(0.4, 10, 1.5)", build_increase(0.4, 1.5, 10), until=100, note=ENDLESS),
    Row("cosine_decay_schedule(0.4, 20, alpha=0.1)", build_half_cosine(0.4, 0.04, 20)),
    Row("cosine_decay_schedule(0.4, 20, alpha=0.1, exponent=2.0)", build_annealing(0.4, 0.04, 20, "cosine", power=2.0)),
    Row("linear_onecycle_schedule(40, 0.5)",
        join([12, 22], build_line(0.02, 0.5, 12), build_line(0.5, 0.02, 22), build_line(0.02, 2e-6, 6)),
        note="phases are rounded down to whole updates"),
    Row("cosine_onecycle_schedule(40, 0.5)",
        join([12], build_half_cosine(0.02, 0.5, 12), build_half_cosine(0.5, 2e-6, 28))),
    Row("warmup_constant_schedule(0.0, 0.4, 5)", build_line(0, 0.4, 5)),
    Row("warmup_cosine_decay_schedule(0.0, 0.4, 5, 25, end_value=0.04)",
        Warmup(updates=5, then=build_half_cosine(0.4, 0.04, 20)),
        note="decay_steps includes the warm-up"),
    Row("warmup_cosine_decay_schedule(0.0, 0.4, 5, 25, exponent=2.0)",
        Warmup(updates=5, then=build_annealing(0.4, 0, 20, "cosine", power=2.0))),
    Row("warmup_exponential_decay_schedule(0.0, 0.4, 5, 10, 0.5)", Warmup(updates=5, then=_FALLING)),
    Row("sgdr_schedule([dict(init_value=0.0, peak_value=0.4, warmup_steps=5, decay_steps=15), "
        "dict(init_value=0.0, peak_value=0.2, warmup_steps=5, decay_steps=25)])",
        join([15], Warmup(updates=5, then=build_half_cosine(0.4, 0, 10)),
             Warmup(updates=5, then=build_half_cosine(0.2, 0, 20)))),
    Row("join_schedules([linear_schedule(0.0, 0.4, 5), constant_schedule(0.4), cosine_decay_schedule(0.4, 10)], "
        "[5, 15])", join([5, 10], build_line(0, 0.4, 5), build_constant(0.4), build_half_cosine(0.4, 0, 10))),
    Row("contrib.reduce_on_plateau()", build_plateau(patience=9, precision="float32"),
        note="multiplies the updates; reduces when patience is reached"),
))
