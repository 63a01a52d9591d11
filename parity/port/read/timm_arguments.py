"""Reads timm's create_scheduler_v2, and the arguments of its train.py, which passes them to it.

The lengths are epochs. Source: timm 1.0.31, scheduler/scheduler_factory.py; its repository (2026-08), train.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from frameworks.schedule import Schedule
from parity.port.read import timm
from parity.port.read.arguments import Context, check_number, check_one_of, check_positive, check_whole
from parity.port.read.configs import ARGUMENTS, RATES, read_arguments
from parity.port.read.curves import build_constant
from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, Name, PortError, shorten_text
from parity.port.read.torch_optimizers import find_initial_rate

CONFIGS = (ARGUMENTS,)
REFUSED = timm.REFUSED
_SCHEDULERS = ("cosine", "tanh", "step", "multistep", "poly", "wsd", "rsqrt", "constant", "plateau", "none")


def read_factory(c: Context, optimizer: Any, sched: Any = "cosine", num_epochs: Any = 300, decay_epochs: Any = None,
                 decay_milestones: Any = (90, 180, 270), cooldown_epochs: Any = 0, patience_epochs: Any = 10,
                 decay_rate: Any = 0.1, min_lr: Any = 0.0, warmup_lr: Any = 1e-5, warmup_epochs: Any = 0,
                 warmup_prefix: Any = False, noise: Any = None, noise_pct: Any = 0.67, noise_std: Any = 1.0,
                 noise_seed: Any = 42, cycle_mul: Any = 1.0, cycle_decay: Any = 0.1, cycle_limit: Any = 1,
                 k_decay: Any = 1.0, decay_fn: Any = None, stable_timescale: Any = None, plateau_mode: Any = "max",
                 step_on_epochs: Any = True, updates_per_epoch: Any = 0) -> Schedule:
    """Read the scheduler of a name; its lengths are epochs."""
    name = check_one_of("sched", sched, _SCHEDULERS)
    if name in ("tanh", "plateau"):
        refused = {"tanh": "TanhLRScheduler", "plateau": "PlateauLRScheduler"}[name]
        raise PortError(f"sched={name!r} cannot be ported: {timm.REFUSED[refused]}")
    if name == "none":
        return build_constant(find_initial_rate(c, optimizer, -1))
    scale = 1 if step_on_epochs else check_whole("updates_per_epoch", updates_per_epoch or c.need_epochs(), 1)
    epochs, warm = check_whole("num_epochs", num_epochs, 1), check_whole("warmup_epochs", warmup_epochs)
    length = epochs * scale
    _note_defaults(c, name, epochs, warm)
    shared = {"warmup_t": warm * scale, "warmup_lr_init": warmup_lr, "t_in_epochs": bool(step_on_epochs),
              "noise_range_t": noise}
    prefix = {"warmup_prefix": bool(warmup_prefix)}
    cycles = {"cycle_mul": cycle_mul, "cycle_decay": cycle_decay, "cycle_limit": cycle_limit, "k_decay": k_decay}
    if warm and not warmup_prefix:
        c.traps.append("--epochs counts the warm-up too unless --warmup-prefix is given.")
    if name == "cosine":
        return timm.read_cosine(c, optimizer, length, min_lr, **cycles, **shared, **prefix)
    if name == "poly":
        c.traps.append("sched='poly' uses decay_rate as its power.")
        return timm.read_poly(c, optimizer, length, decay_rate, min_lr, **cycles, **shared, **prefix)
    if name == "constant":
        return timm.read_step(c, optimizer, 1, 1.0, **shared, **prefix)
    if name == "step":
        every = 90 if decay_epochs is None else check_number("decay_epochs", decay_epochs)
        c.note_default("decay_epochs", f"{every:g}")
        return timm.read_step(c, optimizer, every * scale, decay_rate, **shared, **prefix)
    if name == "multistep":
        if not isinstance(decay_milestones, list | tuple):
            raise PortError(f"decay_milestones must be a list of epochs, got {decay_milestones!r}")
        c.note_default("decay_milestones", list(decay_milestones))
        steps = [check_whole("decay_milestones", step) * scale for step in decay_milestones]
        return timm.read_multi_step(c, optimizer, steps, decay_rate, **shared, **prefix)
    return _read_wsd(c, optimizer, name, length if warmup_prefix else length - warm * scale, scale, decay_epochs,
                     min_lr, decay_fn, stable_timescale, shared)


def _note_defaults(c: Context, name: str, epochs: int, warm: int) -> None:
    """Add traps for lengths that are not given and decide rates."""
    if name not in ("constant", "step", "multistep"):
        c.note_default("num_epochs", epochs)
    if warm:
        c.note_default("warmup_epochs", warm)


def _read_wsd(c: Context, optimizer: Any, name: str, length: int, scale: int, decay_epochs: Any, min_lr: Any,
              decay_fn: Any, timescale: Any, shared: dict[str, Any]) -> Schedule:
    """Read wsd and rsqrt: a decay_epochs below 1 is a share of the phases after the warm-up."""
    share = 0.2 if decay_epochs is None else check_positive("decay_epochs", decay_epochs)
    c.note_default("decay_epochs", share)
    decay = round(share * (length if share < 1 else scale))
    if not 0 < decay <= length:
        raise PortError(f"{name} schedule requires 0 < decay_epochs <= epochs after the warm-up, got decay {decay} and "
                        f"stable + decay length {length}")
    rule = "rsqrt" if name == "rsqrt" else "constant"
    stable = None if timescale is None else check_number("stable_timescale", timescale) * scale
    return timm.read_wsd(c, optimizer, length, decay, min_lr, stable_fn=rule, stable_timescale=stable,
                         decay_fn=decay_fn or ("linear" if name == "rsqrt" else "1-sqrt"), **shared)


#: The options of train.py that decide rates; the name of create_scheduler_v2's argument, if it is another one.
_OPTIONS: dict[str, Any] = {
    **dict.fromkeys(("--lr", "--min-lr", "--warmup-lr", "--decay-epochs", "--decay-rate", "--dr", "--lr-cycle-mul",
                     "--lr-cycle-decay", "--lr-k-decay", "--lr-noise-pct", "--lr-noise-std", "--layer-decay"), float),
    **dict.fromkeys(("--epochs", "--warmup-epochs", "--cooldown-epochs", "--patience-epochs", "--lr-cycle-limit",
                     "--start-epoch"), int),
    "--sched": str, "--decay-milestones": [int], "--lr-noise": [float], "--sched-on-updates": None,
    "--warmup-prefix": None}
_RENAMED = {"epochs": "num_epochs", "dr": "decay_rate", "lr_noise": "noise", "lr_noise_pct": "noise_pct",
            "lr_noise_std": "noise_std", "lr_cycle_mul": "cycle_mul", "lr_cycle_decay": "cycle_decay",
            "lr_cycle_limit": "cycle_limit", "lr_k_decay": "k_decay"}
#: Defaults of train.py that differ from those of create_scheduler_v2.
_DEFAULTS = {"decay_epochs": 90, "warmup_epochs": 5, "cycle_decay": 0.5}


def read_config(text: str, scope: Scope) -> Call:
    """Return the arguments of train.py in a text as a call of `read_train`; those without influence are ignored."""
    refused: dict[str, str] = {
        **dict.fromkeys(("--lr-base", "--lr-base-size", "--lr-base-scale"),
                        "the rate is then scaled by the batch size: give the scaled rate as --lr instead"),
        **dict.fromkeys(("-c", "--config"), "give the arguments of the file here, too")}
    given = read_arguments(text, scope, _OPTIONS, refused=refused,
                           rates=(*RATES, "--sched", "--decay", "--min", "--cooldown", "--t-", "--t_"))
    names = {option: option.removeprefix("--").replace("-", "_") for option in given}
    keywords = {_RENAMED.get(name, name): given[option] for option, name in names.items()}
    typed = {_RENAMED.get(name, name): option for option, name in names.items()}
    options = {name: f"--{name.replace('_', '-')}" for name in TYPED["create_scheduler_v2"].values()}
    return Call("train.py", keywords=keywords, text=shorten_text(text),
                typed={**options, "num_epochs": "--epochs", **typed})


def read_train(c: Context, lr: Any = None, sched_on_updates: Any = False, layer_decay: Any = None,
               start_epoch: Any = None, **others: Any) -> Schedule:
    """Read the scheduler that train.py makes: it steps per epoch unless --sched-on-updates is given."""
    if not lr and c.lr is None:
        raise PortError("--lr is needed: without it the rate is --lr-base scaled by the batch size")
    if start_epoch:
        raise PortError(f"--start-epoch must be 0, got {start_epoch}: the rates begin with the training")
    if lr and c.lr not in (None, lr):
        raise PortError(f"--lr is {lr:g} in the text, but {c.lr:g} beside it")
    if layer_decay is not None:
        c.traps.append("--layer-decay multiplies the rate of each layer; this is the rate with the factor 1.")
    return read_factory(replace(c, lr=lr or c.lr), Name("optimizer"), **_DEFAULTS | others,
                        step_on_epochs=not sched_on_updates)


#: The arguments of create_scheduler_v2 for those of the classes that it builds.
TYPED = {"create_scheduler_v2": {
    "t_initial": "num_epochs", "lr_min": "min_lr", "warmup_t": "warmup_epochs", "warmup_lr_init": "warmup_lr",
    "decay_t": "decay_epochs", "power": "decay_rate", "milestones": "decay_milestones"}}
TYPED["train.py"] = TYPED["create_scheduler_v2"]
READERS = {**timm.READERS, "create_scheduler_v2": read_factory, "train.py": read_train}
