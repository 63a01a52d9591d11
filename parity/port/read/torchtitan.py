"""Reads torchtitan's learning-rate schedule: its TOML configuration, and the call of build_lr_schedulers.

It multiplies the optimizer's rate, and is stepped after every update. The first update sees 1/warmup_steps of the rate,
not 0; a virtual last step keeps the last update above the end of the decay. Source: torchtitan 0.2.2,
components/lr_scheduler.py and config/job_config.py; 0.3.0, components/optimizer/lr_scheduler.py, has the same rates.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Any

from frameworks.schedule import Schedule, Shift, SpecificationError
from frameworks.schedule.files import parse_text
from parity.port.read.arguments import Context, bind_arguments, check_number, check_one_of, check_whole, name_errors
from parity.port.read.curves import add_warmup, build_annealing, build_constant, build_half_cosine, build_line, join
from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, Name, PortError
from parity.port.read.torch_optimizers import find_initial_rate

CONFIGS = (".toml",)
REFUSED: dict[str, str] = {}
#: The keys of the configuration, by argument.
_TYPED = {"training_steps": "[training] steps", "lr_scheduler_config": "[lr_scheduler]", "lr": "[optimizer] lr"}


def read_schedulers(c: Context, optimizers: Any, lr_scheduler_config: Any, training_steps: Any) -> Schedule:
    """Read a warm-up, a stable phase and a decay; lr_scheduler_config: a call such as LRScheduler(warmup_steps=200)."""
    if not isinstance(lr_scheduler_config, Call):
        raise PortError("lr_scheduler_config must be written out, such as LRScheduler(warmup_steps=200), got "
                        f"{lr_scheduler_config!r}")
    steps = check_whole("training_steps", training_steps, 1)
    with name_errors(lr_scheduler_config.name):
        base = find_initial_rate(c, optimizers, -1)
        fields = bind_arguments(lr_scheduler_config, _list_fields)
        replace(c, given=frozenset(lr_scheduler_config.keywords)).note_default("warmup_steps", fields["warmup_steps"])
        return _read_fields(c, base, steps, **fields)


def read_job(c: Context, optimizers: Any, lr_scheduler_config: Any, training_steps: Any = 10_000) -> Schedule:
    """Read the sections of a configuration."""
    c.note_default("training_steps", training_steps)
    return read_schedulers(c, optimizers, lr_scheduler_config, training_steps)


def _list_fields(c: Context, *, warmup_steps: Any = 200, total_steps: Any = None, decay_ratio: Any = None,
                 decay_type: Any = "linear", min_lr_factor: Any = None, lr_min: Any = None) -> None:
    """Declare the fields of the configuration; lr_min is the name of min_lr_factor in 0.1."""


def _read_fields(c: Context, base: float, steps: int, warmup_steps: Any, total_steps: Any, decay_ratio: Any,
                 decay_type: Any, min_lr_factor: Any, lr_min: Any) -> Schedule:
    total = steps if total_steps is None else check_whole("total_steps", total_steps, 1)
    if min_lr_factor is not None and lr_min is not None:
        raise PortError("one of min_lr_factor and lr_min, its name in 0.1, must be given, not both")
    if lr_min:
        c.traps.append("lr_min is a share of the rate, which 0.2 names min_lr_factor, not a rate.")
    low = base * check_number("min_lr_factor", lr_min or min_lr_factor or 0.0)
    warm = min(check_whole("warmup_steps", warmup_steps), total)
    decay = total - warm
    if decay_ratio is not None:
        decay = min(round(total * check_number("decay_ratio", decay_ratio, 0, 1)), decay)
    shape = check_one_of("decay_type", decay_type, ("linear", "sqrt", "cosine"))
    c.traps.append("torchtitan counts from 1: the first update has 1/warmup_steps of the rate, not 0, and the last one "
                   "is still above the end of the decay.")
    if total < steps:
        c.traps.append(f"total_steps, {total:,}, is less than the {steps:,} updates of the training: the rates after "
                       "it are not ported; torchtitan continues the curve, below 0 if it is a line.")
    c.followed.append(total + 1)
    curve = {"linear": lambda: build_line(base, low, decay), "cosine": lambda: build_half_cosine(base, low, decay),
             "sqrt": lambda: build_annealing(base, low, decay, elapsed_power=0.5)}[shape]
    held = total + 1 - warm - decay
    flat = build_constant(base)
    return Shift(by=1, of=add_warmup("warmup_steps", warm, join([held], flat, curve()) if decay else flat))


def read_config(text: str, scope: Scope) -> Call:
    """Return the call of build_lr_schedulers for [optimizer] lr, [lr_scheduler] and [training] steps."""
    try:
        data = parse_text(text, "toml")
    except SpecificationError as error:
        raise PortError(str(error)) from None
    sections = {name: data.get(name, {}) for name in ("optimizer", "lr_scheduler", "training")}
    for name, section in sections.items():
        if not isinstance(section, dict):
            raise PortError(f"{name} must be a section, [{name}], got {section!r}")
    for name in data:
        near = difflib.get_close_matches(name, [*sections], n=1, cutoff=0.75)
        if near and name not in sections:
            raise PortError(f"[{name}] is not a section of torchtitan; did you mean [{near[0]}]?")
    for name in sections["training"]:
        if name != "steps" and difflib.get_close_matches(name, ["steps"], cutoff=0.8):
            raise PortError(f"[training] {name} is not a key of torchtitan; did you mean steps?")
    if not any(sections.values()):
        raise PortError("the configuration has none of the sections [optimizer], [lr_scheduler] and [training]")
    if "warmup_steps" in sections["training"]:
        raise PortError("[training] warmup_steps is of torchtitan 0.0: move it to [lr_scheduler], as in 0.1 and later")
    rate = sections["optimizer"].get("lr")
    name = str(sections["optimizer"].get("name", "AdamW"))
    optimizer = Name("optimizer") if rate is None else Call(name, keywords={"lr": rate})
    config = Call("[lr_scheduler]", keywords=dict(sections["lr_scheduler"]))
    steps = {"training_steps": sections["training"]["steps"]} if "steps" in sections["training"] else {}
    return Call("torchtitan", (optimizer, config), steps, typed=_TYPED)


READERS = {"build_lr_schedulers": read_schedulers, "torchtitan": read_job}
