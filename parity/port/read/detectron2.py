"""Reads detectron2's solver, as KEY VALUE pairs of its command line: SOLVER.BASE_LR 0.02 SOLVER.MAX_ITER 90000.

W is WARMUP_ITERS, M is MAX_ITER. The multiplier of BASE_LR is a function of t / M, of fvcore.
Source: detectron2 (2026-06), solver/build.py, solver/lr_scheduler.py and config/defaults.py; fvcore 0.1.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from typing import Any

from frameworks.schedule import Schedule, Warmup
from parity.port.read import fvcore
from parity.port.read.arguments import (
    Context,
    check_flag,
    check_number,
    check_one_of,
    check_whole,
    check_whole_list,
    suggest_name,
)
from parity.port.read.curves import build_constant, build_half_cosine, build_line
from parity.port.read.drops import drop_at
from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, Name, PortError, parse_expression, shorten_text

CONFIGS = ("SOLVER.",)
REFUSED: dict[str, str] = {}
#: Keys of SOLVER that do not change the rates of a parameter group with the factor 1.
IGNORED = ("momentum", "nesterov", "weight_decay", "weight_decay_norm", "weight_decay_bias", "checkpoint_period",
           "ims_per_batch")
#: From this number of updates on, the 1e-6 that fvcore adds to t / M is an update.
_MOST = 10**6
#: The keys of arguments that messages of fvcore and traps name.
_TYPED = {name: name.upper() for name in ("num_decays", "gamma", "max_iter", "warmup_iters", "steps")}
_KEY = re.compile(r"[A-Z][A-Z0-9_]*(\.[A-Z0-9_]+)+")


def read_config(text: str, scope: Scope) -> Call:
    """Return the pairs of SOLVER as a call of `read_solver`; pairs of other sections are ignored."""
    pairs: list[tuple[str, list[str]]] = []
    for word in text.replace("\\\n", " ").split():
        if _KEY.fullmatch(word):
            pairs.append((word, []))
        elif word.startswith("SOLVER."):
            raise PortError(f"{word}: must be a key in capitals and its value after a space, such as SOLVER.GAMMA 0.1")
        elif word.startswith("--config"):
            raise PortError(f"{word}: write the SOLVER keys of the file as pairs too, and leave it out")
        elif word.startswith("--"):
            raise PortError(f"{word}: leave options out, only pairs KEY VALUE are read")
        elif pairs:
            pairs[-1][1].append(word)
    values: dict[str, Any] = {}
    for key, words in pairs:
        section, _, name = key.partition(".")
        if section != "SOLVER" or "." in name:
            continue
        if not words:
            raise PortError(f"{key} needs a value: detectron2 reads pairs KEY VALUE")
        value = scope.evaluate(parse_expression(" ".join(words).strip("'\""), f"value of {key}"))
        is_word = isinstance(value, Name) and name in ("LR_SCHEDULER_NAME", "WARMUP_METHOD")
        values[name.lower()] = value.name if is_word else value  # the last one of a repeated key counts
    return Call("SOLVER", keywords=values, text=shorten_text(text), typed=_TYPED)


def read_solver(c: Context, base_lr: Any = 0.001, base_lr_end: Any = 0.0, lr_scheduler_name: Any = "WarmupMultiStepLR",
                steps: Any = (30000,), max_iter: Any = 40000, gamma: Any = 0.1, num_decays: Any = 3,
                warmup_factor: Any = 0.001, warmup_iters: Any = 1000, warmup_method: Any = "linear",
                rescale_interval: Any = False, bias_lr_factor: Any = 1.0, reference_world_size: Any = 0,
                **others: Any) -> Schedule:
    """Read a warm-up that overlaps the schedule, or with RESCALE_INTERVAL precedes it."""
    _check_others(others)
    base, total = check_number("BASE_LR", base_lr), check_whole("MAX_ITER", max_iter, 1)
    if total >= _MOST:
        raise PortError(f"MAX_ITER must be below {_MOST:,}, got {total}: fvcore adds 1e-6 of it to each update")
    if reference_world_size:
        raise PortError("REFERENCE_WORLD_SIZE must be 0: detectron2 scales BASE_LR, MAX_ITER and STEPS by the workers")
    if bias_lr_factor != 1:
        c.traps.append(f"BIAS_LR_FACTOR multiplies the rate of biases by {bias_lr_factor!r}; others have this one.")
    c.note_default("max_iter", total)
    c.note_default("warmup_iters", warmup_iters)
    if lr_scheduler_name == "WarmupMultiStepLR":
        c.note_default("steps", steps)
    c.traps.append(f"The training ends after MAX_ITER, {total:,} updates.")
    c.followed.append(total)
    warm = min(check_whole("WARMUP_ITERS", warmup_iters), total)
    if warm != warmup_iters:
        c.traps.append(f"WARMUP_ITERS is above MAX_ITER: the warm-up is {total:,} updates long.")
    rescaled = check_flag("RESCALE_INTERVAL", rescale_interval)
    curve = {"WarmupMultiStepLR": lambda n: _read_steps(c, base, n, steps, total, gamma),
             "WarmupCosineLR": lambda n: build_half_cosine(base, _read_end(base, base_lr_end), n),
             "WarmupStepWithFixedGammaLR": lambda n: fvcore.read_step_with_fixed_gamma(
                 replace(c, total=n), base, num_decays, gamma, total)}
    make = curve[check_one_of("LR_SCHEDULER_NAME", lr_scheduler_name, tuple(curve))]
    first = base * check_number("WARMUP_FACTOR", warmup_factor)
    mode = check_one_of("WARMUP_METHOD", warmup_method, ("linear", "constant"))
    then = make(total)
    if not warm:
        return then
    if warm == total:
        if lr_scheduler_name == "WarmupStepWithFixedGammaLR" and not rescaled:
            raise PortError(f"WARMUP_ITERS must be below MAX_ITER, {total}: fvcore raises IndexError at the end of the "
                            "training")
        last = base if rescaled else then.lr(total)
        return build_line(first, last, total) if mode == "linear" else build_constant(first)
    if rescaled:
        return Warmup(updates=warm, begin_lr=first, peak_lr=base, mode=mode, then=make(total - warm))
    c.traps.append("The schedule counts the warm-up too: STEPS and the cosine begin at update 0, and the warm-up ends "
                   "at the rate that the schedule has at WARMUP_ITERS.")
    return Warmup(updates=warm, begin_lr=first, peak_lr=then.lr(warm), mode=mode, clock="keep", then=then)


def _read_steps(c: Context, base: float, updates: int, steps: Any, total: int, gamma: Any) -> Schedule:
    """Return drops at STEPS of a training of MAX_ITER, squeezed into `updates`."""
    factor = check_number("GAMMA", gamma)
    listed = [steps] if isinstance(steps, int) and not isinstance(steps, bool) else steps
    given = check_whole_list("STEPS", listed) if listed not in ([], ()) else []
    used = [step for step in given if step <= total]
    if len(used) < len(given):
        c.traps.append(f"STEPS above MAX_ITER are ignored: {', '.join(map(str, given[len(used):]))}.")
    if used and used[-1] == total:
        raise PortError(f"STEPS must be below MAX_ITER, got {total}: fvcore raises ValueError")
    if updates == total:
        return drop_at("GAMMA", base, factor, used)
    rates = [base * factor**count for count in range(len(used) + 1)]
    return fvcore.read_multi_step(replace(c, total=updates), rates, total, used) if used else build_constant(base)


def _read_end(base: float, end: Any) -> float:
    if check_number("BASE_LR_END", end) > base:
        raise PortError(f"BASE_LR_END must be at most BASE_LR, {base:g}, got {end!r}")
    return float(end)


def _check_others(others: dict[str, Any]) -> None:
    """Raise PortError for a key that SOLVER does not have."""
    names = [name for name in inspect.signature(read_solver).parameters if name not in ("c", "others")]
    for name in others:
        if name not in IGNORED:
            hint = suggest_name(name.upper(), map(str.upper, [*names, *IGNORED]))
            raise PortError(f"SOLVER has no key {name.upper()}: detectron2 raises KeyError{hint}")


READERS = {"SOLVER": read_solver}
