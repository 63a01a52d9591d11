"""Suggests what to do with a class that is not read: never a class with other rates."""

from __future__ import annotations

import difflib

#: Libraries of the table of schedulers and the names by which their schedulers are known.
ELSEWHERE = {
    "transformers": ("get_scheduler", "get_linear_schedule_with_warmup", "get_cosine_schedule_with_warmup",
                     "get_constant_schedule_with_warmup", "get_polynomial_decay_schedule_with_warmup",
                     "get_cosine_with_hard_restarts_schedule_with_warmup", "get_inverse_sqrt_schedule",
                     "get_wsd_schedule", "AdafactorSchedule"),
    "timm": ("CosineLRScheduler", "TanhLRScheduler", "StepLRScheduler", "MultiStepLRScheduler", "PlateauLRScheduler",
             "PolyLRScheduler", "create_scheduler", "create_scheduler_v2"),
    "fvcore": ("CompositeParamScheduler", "CosineParamScheduler", "MultiStepParamScheduler", "WarmupMultiStepLR",
               "WarmupCosineLR", "WarmupParamScheduler"),
    "optax": ("cosine_decay_schedule", "exponential_decay", "piecewise_constant_schedule", "polynomial_schedule",
              "warmup_cosine_decay_schedule", "warmup_exponential_decay_schedule", "linear_schedule",
              "linear_onecycle_schedule", "sgdr_schedule", "join_schedules"),
}


def suggest(name: str, source: str) -> str:
    """Return a sentence that leads on from a class that is not read.

    name: the class. source: the library in which it was looked for.
    """
    from parity.port.read import SOURCES

    module = SOURCES[source]
    others = [other for other, library in SOURCES.items() if name in (*library.READERS, *library.REFUSED)]
    if others:
        return f"it is a class of {' and '.join(others)}: --from {others[0]}"
    for library, names in ELSEWHERE.items():
        if name in names:
            return (f"{library} has it: the table of schedulers, frameworks/COVERAGE.md#{library}, shows its "
                    "specification")
    near = difflib.get_close_matches(name, [*module.READERS, *module.REFUSED], n=1, cutoff=0.88)
    return f"did you mean {near[0]}?" if near else f"supported: {', '.join(module.READERS)}"
