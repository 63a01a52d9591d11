"""Reads Megatron-LM's command-line arguments, and megatron-core's OptimizerParamScheduler.

Megatron counts samples: each update that was not skipped adds the global batch size. The first update sees 0 samples,
so that a warm-up begins at --lr-warmup-init, and reaches --lr at its last sample. The decay includes the warm-up.
Source: megatron-core 0.16.1, optimizer_param_scheduler.py; Megatron-LM, training/training.py and arguments.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from frameworks.schedule import InverseSquareRoot, Maximum, Schedule, Sum, Warmup
from parity.port.read.arguments import Context, check_number, check_one_of, check_whole
from parity.port.read.configs import ARGUMENTS, read_arguments
from parity.port.read.curves import build_annealing, build_constant, build_half_cosine, build_line, join
from parity.port.read.evaluate import Scope
from parity.port.read.literal import Call, Name, PortError

CONFIGS = (ARGUMENTS,)
REFUSED: dict[str, str] = {}
_STYLES = ("constant", "linear", "cosine", "inverse-square-root", "WSD")
_WSD_STYLES = ("exponential", "linear", "cosine", "minus_sqrt")
_OPTIONS = {
    **dict.fromkeys(("--lr", "--min-lr", "--lr-warmup-init", "--lr-warmup-fraction"), float),
    **dict.fromkeys(("--train-iters", "--train-samples", "--lr-decay-iters", "--lr-decay-samples", "--lr-warmup-iters",
                     "--lr-warmup-samples", "--lr-wsd-decay-iters", "--lr-wsd-decay-samples", "--global-batch-size"),
                    int),
    **dict.fromkeys(("--lr-decay-style", "--lr-wsd-decay-style"), str)}
#: The options for the arguments of the class.
_TYPED = {**{option[2:].replace("-", "_"): option for option in _OPTIONS}, "max_lr": "--lr",
          "init_lr": "--lr-warmup-init", "get_optimizer_param_scheduler": "Megatron-LM"}
_REFUSED = {
    **dict.fromkeys(("--rampup-batch-size", "--step-batch-size-schedule"),
                    "the updates then have different numbers of samples"),
    "--yaml-cfg": "give the arguments of the file instead",
    **dict.fromkeys(("--decoupled-lr", "--decoupled-min-lr"),
                    "the first and the last layer have another rate: leave it out, and port each with its --lr"),
    "--warmup": "Megatron refuses it: give --lr-warmup-fraction"}


@dataclass(frozen=True)
class _Decay:
    """The decay after the warm-up, with lengths in samples.

    high, low: rates. warm: warm-up. end: the last number of samples of the decay. style: its name. wsd: length of the
    annealing of "WSD". wsd_style: its name. batch: samples of an update.
    """

    high: float
    low: float
    warm: float
    end: float
    style: str
    wsd: float
    wsd_style: str
    batch: int

    def count(self, samples: float) -> int:
        """Return the first update that sees more samples."""
        return math.floor(samples) // self.batch + 1


def read_scheduler(c: Context, optimizer: Any, init_lr: Any, max_lr: Any, min_lr: Any, lr_warmup_steps: Any,
                   lr_decay_steps: Any, lr_decay_style: Any, start_wd: Any = 0.0, end_wd: Any = 0.0,
                   wd_incr_steps: Any = 0, wd_incr_style: Any = "constant",
                   use_checkpoint_opt_param_scheduler: Any = True, override_opt_param_scheduler: Any = False,
                   wsd_decay_steps: Any = None, lr_wsd_decay_style: Any = None, increment: Any = 1) -> Schedule:
    """Read the class; increment: the argument of its step(), in Megatron's loop the samples of an update."""
    first, high, low = check_number("init_lr", init_lr), check_number("max_lr", max_lr), check_number("min_lr", min_lr)
    style = check_one_of("lr_decay_style", lr_decay_style, _STYLES)
    warm, end = check_number("lr_warmup_steps", lr_warmup_steps), check_number("lr_decay_steps", lr_decay_steps)
    if high < low or high < first:
        raise PortError(f"max_lr must be at least min_lr and init_lr, got {high:g}, {low:g} and {first:g}")
    if not warm < end:
        raise PortError(f"lr_decay_steps includes the warm-up: it must be above lr_warmup_steps, {warm:g}, got {end:g}")
    wsd, wsd_style = 0.0, "linear"
    if style == "WSD":
        if wsd_decay_steps is None:
            raise PortError("wsd_decay_steps must be given with WSD: the length of its annealing")
        wsd = check_number("wsd_decay_steps", wsd_decay_steps)
        wsd_style = check_one_of("lr_wsd_decay_style", lr_wsd_decay_style, _WSD_STYLES)
    decay = _Decay(high, low, warm, end, style, wsd, wsd_style, check_whole("increment", increment, 1))
    return _warm(c, first, decay)


def read_options(c: Context, optimizer: Any, lr: Any, min_lr: Any = 0.0, lr_decay_style: Any = "linear",
                 lr_wsd_decay_style: Any = "exponential", lr_warmup_init: Any = 0.0, lr_warmup_fraction: Any = None,
                 train_iters: Any = None, lr_decay_iters: Any = None, lr_warmup_iters: Any = 0,
                 lr_wsd_decay_iters: Any = None, train_samples: Any = None, lr_decay_samples: Any = None,
                 lr_warmup_samples: Any = 0, lr_wsd_decay_samples: Any = None,
                 global_batch_size: Any = None) -> Schedule:
    """Read the arguments of a training by iterations, or by samples."""
    batch = None if global_batch_size is None else check_whole("--global-batch-size", global_batch_size, 1)
    iterations = (lr_decay_iters, lr_warmup_iters, lr_wsd_decay_iters)
    samples = (lr_decay_samples, lr_warmup_samples, lr_wsd_decay_samples)
    if bool(train_iters) == bool(train_samples):
        raise PortError("one of --train-iters and --train-samples must be given")
    unit = "iters" if train_iters else "samples"
    (decay, warm, wsd), others = (iterations, samples) if train_iters else (samples, iterations)
    if any(others):
        raise PortError(f"with --train-{unit} the lengths must be in {unit} too: --lr-decay-{unit}, --lr-warmup-{unit}")
    if batch is None:
        if unit == "samples" or (lr_decay_style == "inverse-square-root" and not warm and not lr_warmup_fraction):
            raise PortError("--global-batch-size is needed: Megatron counts samples")
        batch = 1  # all lengths are multiples of it
    scale = batch if unit == "iters" else 1
    total = check_whole(f"--train-{unit}", train_iters or train_samples, 1)
    end = check_whole(f"--lr-decay-{unit}", total if decay is None else decay, 1) * scale
    count = check_whole(f"--lr-warmup-{unit}", warm) * scale
    if lr_warmup_fraction is not None:
        if count:
            raise PortError(f"one of --lr-warmup-fraction and --lr-warmup-{unit} must be given, not both")
        count = check_number("--lr-warmup-fraction", lr_warmup_fraction) * end
    if not count < end:
        raise PortError(f"--lr-decay-{unit}, by default --train-{unit}, must be above the warm-up, which it includes: "
                        f"{count / scale:g}, got {end // scale}")
    if decay is None and lr_decay_style != "constant":
        c.note_default(f"lr_decay_{unit}", f"train_{unit}, {total}")
    wsd = None if wsd is None else check_whole(f"--lr-wsd-decay-{unit}", wsd) * scale
    return read_scheduler(c, optimizer, lr_warmup_init, lr, min_lr, count, end, lr_decay_style, wsd_decay_steps=wsd,
                          lr_wsd_decay_style=lr_wsd_decay_style, increment=batch)


def read_config(text: str, scope: Scope) -> Call:
    """Return the call that builds the scheduler from command-line arguments."""
    values = read_arguments(text, scope, _OPTIONS, refused=_REFUSED)
    unit = "samples" if "--train-samples" in values else "iters"
    return Call("get_optimizer_param_scheduler", (Name("optimizer"),),
                {option[2:].replace("-", "_"): value for option, value in values.items()},
                typed=_TYPED | {"wsd_decay_steps": f"--lr-wsd-decay-{unit}"})


def _warm(c: Context, first: float, decay: _Decay) -> Schedule:
    """Return the line up, and then the decay."""
    if not decay.warm:
        return _follow(c, decay, 0)
    updates = decay.warm / decay.batch
    if updates.is_integer() and (decay.style != "WSD" or decay.end - decay.wsd >= decay.warm):
        return Warmup(updates=int(updates), begin_lr=first, peak_lr=decay.high, then=_follow(c, decay, int(updates)))
    start = decay.count(decay.warm)
    return join([start], build_annealing(first, decay.high, updates), _follow(c, decay, start))


def _follow(c: Context, decay: _Decay, start: int) -> Schedule:
    """Return the decay from an update on, the first or second at which the warm-up is complete."""
    if decay.style == "constant":
        return build_constant(decay.high)
    end = decay.count(decay.end)
    if decay.style == "inverse-square-root":
        return _read_root(c, decay, start, end)
    length = (decay.wsd if decay.style == "WSD" else decay.end - decay.warm) / decay.batch
    origin = (decay.end - decay.wsd if decay.style == "WSD" else decay.warm) / decay.batch
    if not length:
        last = build_constant(decay.low)
        return join([end - start], build_constant(decay.high), last) if end > start else last
    held = max(math.ceil(origin) - start, 0)
    style = decay.wsd_style if decay.style == "WSD" else decay.style
    curve = _build_curve(style, decay.high, decay.low, length, max(start + held - origin, 0.0))
    return join([held], build_constant(decay.high), curve) if held else curve


def _build_curve(style: str, high: float, low: float, length: float, elapsed: float) -> Schedule:
    """Return a curve to `low`, of any length in updates, of which a part has passed."""
    if length.is_integer() and not elapsed and style in ("linear", "cosine"):
        return (build_line if style == "linear" else build_half_cosine)(high, low, int(length))
    if style in ("linear", "cosine"):
        return build_annealing(high, low, length, style, elapsed=elapsed)
    if style == "minus_sqrt":
        return build_annealing(high, low, length, elapsed_power=0.5, elapsed=elapsed)
    if high == low:
        return build_constant(low)
    if 2 * low < high:
        raise PortError("the WSD decay 'exponential', the default, is an exponential minus a constant: not expressible "
                        "unless the lowest rate is at least half of the highest; lr_wsd_decay_style names another")
    curve = build_annealing(2 * (high - low), high - low, length, "exponential", elapsed=elapsed)
    return Sum(of=[build_constant(2 * low - high), curve])


def _read_root(c: Context, decay: _Decay, start: int, end: int) -> Schedule:
    """Return one over the square root of the number of samples, and from `end` on the lowest rate."""
    scale = max(decay.warm, 1.0) / decay.batch
    c.traps.append(f"The inverse square root jumps to the lowest rate, {decay.low:g}, at update {end:,}.")
    first = max(start, 1)
    root: Schedule = InverseSquareRoot(base_lr=decay.high * math.sqrt(scale / first), timescale=float(first))
    if start == 0:
        c.traps.append("Without a warm-up, the second rate is divided by the square root of the global batch size.")
        root = join([1], build_constant(decay.high), root)
    if decay.low:
        root = Maximum(of=[build_constant(decay.low), root])
    return join([end - start], root, build_constant(decay.low)) if end > start else build_constant(decay.low)


READERS = {"OptimizerParamScheduler": read_scheduler, "get_optimizer_param_scheduler": read_options}
