"""The cases of what begins anew: rounds that grow, sink, warm up, and come back after the end of a counter."""

from __future__ import annotations

from frameworks.schedule import Constant, Cosine, CosineRestarts, Hold, Polynomial, Repeat, Sequence, Shift, Warmup
from parity.cases.chapter import Case

_COSINE = "CosineScheduler"
_WARM_RESTARTS = "CosineAnnealingWarmRestarts"
triangle = Sequence(parts=[Polynomial(base_lr=0.1, final_lr=0.5, power=1, updates=8),
                           Polynomial(base_lr=0.5, final_lr=0.1, power=1, updates=12)], boundaries=[8])
lower = Repeat(updates=20, decay=0.5, min_lr=0.1, of=triangle)
growing = CosineRestarts(base_lr=0.3, final_lr=0.01, updates=5, growth=2)
threefold = CosineRestarts(base_lr=0.3, updates=1, growth=3)
sinking = CosineRestarts(base_lr=0.3, final_lr=0.05, updates=10, decay=0.7)
warm = CosineRestarts(base_lr=0.3, final_lr=0.01, updates=12, growth=2, decay=0.8, warmup=5)

ROUNDS = {
    "repeat_lower": Case(lower, "PolyScheduler", "", "PolynomialDecay", at_least=120),
    "repeat_lower_to_zero": Case(
        Repeat(updates=7, decay=0.5, of=Cosine(base_lr=0.3, updates=7)), _COSINE, "", "CosineDecay", at_least=600),
    "repeat_lower_of_one": Case(Repeat(updates=1, decay=0.9, min_lr=0.01, of=Constant(base_lr=0.3)), at_least=200),
    "repeat_lower_of_49": Case(
        Repeat(updates=49, decay=0.97, min_lr=0.02, of=Cosine(base_lr=0.3, final_lr=0.05, updates=30)),
        _COSINE, "", "CosineDecay", at_least=1000),
    "repeat_rises_to_its_floor": Case(
        Repeat(updates=10, decay=0.5, min_lr=0.2, of=Polynomial(base_lr=0.4, power=1, updates=10)),
        "PolyScheduler", "", "PolynomialDecay", at_least=100),
    "restarts": Case(CosineRestarts(base_lr=0.3, final_lr=0.01, updates=20), _COSINE, _WARM_RESTARTS),
    "restarts_of_49": Case(CosineRestarts(base_lr=0.3, updates=49), _COSINE, _WARM_RESTARTS, at_least=1000),
    "restarts_of_one": Case(CosineRestarts(base_lr=0.3, updates=1, decay=0.9), _COSINE),
    "restarts_growing": Case(growing, _COSINE, _WARM_RESTARTS, at_least=400),
    "restarts_growing_threefold": Case(threefold, _COSINE, _WARM_RESTARTS, at_least=1200),
    "restarts_sinking": Case(sinking, _COSINE, at_least=100),
    "restarts_growing_and_sinking": Case(
        CosineRestarts(base_lr=0.4, final_lr=0.04, updates=5, growth=2, decay=0.5), _COSINE, at_least=200),
    "restarts_below_their_end": Case(  # peaks of .4, .2, .1, .05, .025
        CosineRestarts(base_lr=0.4, final_lr=0.04, updates=10, decay=0.5, sinks="peak"), _COSINE, at_least=80),
    "restarts_upwards": Case(
        CosineRestarts(base_lr=0.0, final_lr=0.3, updates=6, growth=2), _COSINE, _WARM_RESTARTS, at_least=100),
    "restarts_warm": Case(warm, _COSINE, at_least=200),
    "restarts_warm_to_the_last": Case(
        CosineRestarts(base_lr=0.3, updates=3, warmup=2, decay=0.9, sinks="peak"), _COSINE),
    "restarts_per_epoch": Case(Hold(updates=7, of=growing), _COSINE, at_least=300),
    "restarts_after_a_warmup": Case(Warmup(updates=5, then=warm), _COSINE, at_least=100),
    "restarts_shifted": Case(Shift(by=17, of=warm), _COSINE, at_least=100),
}
