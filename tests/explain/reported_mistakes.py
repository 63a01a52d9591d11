"""Holds mistakes of trainings that were reported in public, as the rates they apply.

Each row has the address of a report or the number of a kind. It has the intended schedule and the applied rates.
Lengths and rates are reduced; what happens to them is as reported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from frameworks.schedule import (
    Constant,
    Cosine,
    Exponential,
    Factor,
    Hold,
    Linear,
    MultiFactor,
    OneCycle,
    Polynomial,
    Schedule,
    Sequence,
    Warmup,
    lrs,
)

GITHUB = "https://github.com"
LIGHTNING, HF = f"{GITHUB}/Lightning-AI/pytorch-lightning/issues", f"{GITHUB}/huggingface"
UPDATES = 150

steps = MultiFactor(base_lr=0.5, factor=0.1, milestones=[60, 120])
curve = Cosine(base_lr=0.3, updates=150)
line = Linear(base_lr=1e-5, final_lr=0, updates=150)
warm_line = Warmup(updates=20, then=Polynomial(base_lr=5e-5, power=1, updates=130))
warm_curve = Warmup(updates=15, then=Cosine(base_lr=3e-4, final_lr=3e-5, updates=135))
warm = Warmup(updates=30, then=Constant(base_lr=1e-3))
epochs = Hold(updates=10, of=Factor(base_lr=2e-4, factor=0.5))
per_epoch = Hold(updates=10, of=Cosine(base_lr=0.01, final_lr=0.001, updates=15))
cycle = OneCycle(base_lr=4e-5, peak_lr=1e-3, final_lr=0, rise=45, updates=150)


class Reported(NamedTuple):
    """A reported mistake.

    report: its address, or the number of its kind.
    right: the intended schedule.
    apply: makes the applied rates of UPDATES updates from many intended rates.
    names: the names of the mistakes, in any order.
    """

    report: str
    right: Schedule
    apply: Callable[[np.ndarray], np.ndarray]
    names: tuple[str, ...]


def restart(n: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that begins the rates again at update n."""
    return lambda lr: np.concatenate((lr[:n], lr))


def resume(n: int, update: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that continues at update n with the rate of another update."""
    return lambda lr: np.concatenate((lr[:n], lr[update:]))


def step(n: int, first: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that steps n times per update, from update `first` on."""
    return lambda lr: lr[first::n]


def freeze(n: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that keeps the rate before update n."""
    return lambda lr: np.where(np.arange(len(lr)) < n, lr, lr[n - 1])


def reset(*updates: int, rate: Callable[[np.ndarray], float] = lambda lr: lr[0]) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that applies one rate at some updates."""
    return lambda lr: np.where(np.isin(np.arange(len(lr)), updates), rate(lr), lr)


def multiply(n: int, factor: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that multiplies the rates from update n on."""
    return lambda lr: np.where(np.arange(len(lr)) < n, lr, factor * lr)


def follow(other: Schedule, begin: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that follows another schedule from update `begin` on."""
    return lambda lr: np.where(np.arange(len(lr)) < begin, lr, lrs(other, len(lr)))


def _between(decay: int) -> Sequence:
    """Return (t + 1) / 16, then a cosine."""
    rates = [Constant(base_lr=3e-4 * (t + 1) / 16) for t in range(15)]
    return Sequence(parts=[*rates, Cosine(base_lr=3e-4, final_lr=3e-5, updates=decay)], boundaries=[*range(1, 16)])


RESTARTED, FROZEN, STEPPED, LENGTH = ("schedule restarted",), ("frozen from an update on",), (
    "several steps per update",), ("another length",)
RESET, NEVER, CONTINUED = ("base rate at a resume",), ("never moves",), ("continued at another update",)
EARLY, LATE, EPOCHS = ("one update early",), ("one update late",), ("per epoch for per update",)

REPORTED = {
    "restarted_at_30": Reported("L7", curve, restart(30), RESTARTED),
    "restarted_at_60": Reported("L7", warm_curve, restart(60), RESTARTED),
    "restarted_at_100": Reported("L7", steps, restart(100), RESTARTED),
    "reid": Reported(f"{GITHUB}/KaiyangZhou/deep-person-reid/issues/270", per_epoch, restart(70), RESTARTED),
    "dinov3": Reported(f"{GITHUB}/lightly-ai/lightly-train/pull/301", warm_curve, restart(90), RESTARTED),
    "joeynmt": Reported(f"{GITHUB}/joeynmt/joeynmt/pull/127", warm_line, restart(75), RESTARTED),
    "verl": Reported(f"{GITHUB}/verl-project/verl/issues/7953", warm_curve, restart(40), RESTARTED),
    "keras_fit": Reported(f"{GITHUB}/tensorflow/tensorflow/issues/49208", Exponential(
        base_lr=0.1, factor=0.5, updates=20), restart(50), RESTARTED),
    "one_cycle": Reported(f"{LIGHTNING}/15462", cycle, restart(75), RESTARTED),
    "speculators": Reported(f"{GITHUB}/vllm-project/speculators/pull/900", warm_line, resume(80, 4), CONTINUED),
    "check_val": Reported(f"{LIGHTNING}/20495", curve, resume(60, 61), CONTINUED),
    "off_by_one": Reported(f"{LIGHTNING}/1772", curve, resume(40, 39), CONTINUED),
    "lags_behind": Reported(f"{LIGHTNING}/4655", Factor(base_lr=0.1, factor=0.9), resume(50, 49), CONTINUED),
    "two_processes": Reported(f"{HF}/accelerate/issues/2926", Factor(
        base_lr=0.1, factor=0.1, every=20), step(4), STEPPED),
    "stepped_2": Reported("L8", steps, step(2), STEPPED),
    "stepped_4_from_3": Reported("L8", steps, step(4, 3), STEPPED),
    "trainer": Reported(f"{HF}/transformers/pull/24088", warm_line, step(8), STEPPED),
    "translation": Reported(f"{HF}/transformers/issues/26827", warm_line, step(2), STEPPED),
    "dreambooth": Reported(f"{HF}/diffusers/issues/3954", curve, step(4), STEPPED),
    "ltx": Reported(f"{GITHUB}/Lightricks/LTX-Video-Trainer/issues/67", line, step(4), STEPPED),
    "accumulation": Reported(f"{HF}/accelerate/issues/963", warm_curve, step(2), STEPPED),
    "accumulate_16": Reported(f"{LIGHTNING}/1476", warm, step(16), STEPPED),
    "starvla": Reported(f"{GITHUB}/starVLA/starVLA/pull/210", curve, step(2, 1), STEPPED),
    "skyrl": Reported(f"{GITHUB}/NovaSky-AI/SkyRL/pull/873", warm_curve, follow(Warmup(
        updates=15, then=Cosine(base_lr=3e-4, final_lr=3e-5, updates=40))), LENGTH),
    "longer_at_a_resume": Reported(f"{GITHUB}/mlfoundations/open_clip/issues/413", curve, follow(
        Cosine(base_lr=0.3, updates=220), 90), LENGTH),
    "max_steps": Reported(f"{GITHUB}/vllm-project/speculators/pull/1104", warm_line, follow(Warmup(
        updates=20, then=Polynomial(base_lr=5e-5, power=1, updates=400))), LENGTH),
    "lr_decay_steps": Reported(f"{GITHUB}/areal-project/AReaL/pull/1289", warm_curve, follow(Warmup(
        updates=15, then=Cosine(base_lr=3e-4, final_lr=3e-5, updates=120))), ("decay horizon for the total horizon",)),
    "gradual_warmup": Reported(f"{GITHUB}/ildoonet/pytorch-gradual-warmup-lr/issues/27", warm_curve, freeze(70),
                               FROZEN),
    "scheduler_and_optimizer": Reported(f"{LIGHTNING}/12812", per_epoch, reset(
        *range(60, 1000)), RESET),
    "yolov5": Reported(f"{GITHUB}/ultralytics/yolov5/issues/292", per_epoch, reset(*range(80, 90)), RESET),
    "glitch": Reported("L9", warm_curve, reset(70), RESET),
    "points3d": Reported(f"{GITHUB}/torch-points3d/torch-points3d/pull/630", Factor(
        base_lr=0.1, factor=0.98), reset(64), RESET),
    "deepspeed_auto": Reported(f"{HF}/transformers/issues/15508", warm, reset(*range(1000), rate=np.max),
                               ("warm-up missing",)),
    "one_cycle_not_stepped": Reported(f"{LIGHTNING}/3869", cycle, reset(*range(1000)), NEVER),
    "interval_steps": Reported(f"{LIGHTNING}/9475", Factor(base_lr=0.1, factor=0.9, every=10),
                               reset(*range(1000)), NEVER),
    "per_epoch": Reported(f"{LIGHTNING}/20436", cycle, lambda lr: lr[np.arange(150) // 50], EPOCHS),
    "deepspeed_per_epoch": Reported(f"{LIGHTNING}/11694", warm, lambda lr: lr[np.arange(150) // 25], EPOCHS),
    "ivadomed": Reported(f"{GITHUB}/ivadomed/ivadomed/issues/57", per_epoch, lambda lr: lr[::10],
                         ("per update for per epoch",)),
    "start_factor": Reported("L9", per_epoch, multiply(70, 1 / 3), ("multiplied from an update on",)),
    "cosine_multiplied": Reported(f"{LIGHTNING}/5455", curve, multiply(45, 0.7), ("multiplied from an update on",)),
    "megatron_end": Reported(f"{GITHUB}/NVIDIA/Megatron-LM/issues/963", warm_curve, follow(Warmup(
        updates=15, then=Cosine(base_lr=3e-4, final_lr=2e-5, updates=135))), ("another end",)),
    "ten_percent": Reported("L9", curve, follow(Cosine(base_lr=0.3, final_lr=0.03, updates=150)), ("another end",)),
    "line_for_a_cosine": Reported("L9", warm_curve, follow(Warmup(
        updates=15, then=Polynomial(base_lr=3e-4, final_lr=3e-5, power=1, updates=135))), ("another curve",)),
    "line_to_0_for_a_cosine": Reported("L9", warm_curve, follow(Warmup(
        updates=15, then=Polynomial(base_lr=3e-4, power=1, updates=135))), ("another curve",)),
    "stepped_after_skipped_updates": Reported(f"{GITHUB}/pytorch/pytorch/issues/55585", curve, step(2, 5), STEPPED),
    "engine_and_loop": Reported(f"{GITHUB}/deepspeedai/DeepSpeed/pull/913", curve, step(3, 1), STEPPED),
    "heavyball": Reported(f"{GITHUB}/HomebrewML/HeavyBall/issues/29", warm_curve, follow(_between(135)),
                          ("warm-up between both ends",)),
    "between_and_one_more": Reported("L9", warm_curve, follow(_between(136)), ("warm-up between both ends",)),
    "torchtune": Reported(f"{GITHUB}/meta-pytorch/torchtune/issues/2010", warm, lambda lr: lr[1:], EARLY),
    "marian": Reported(f"{GITHUB}/marian-nmt/marian/issues/156", warm_line, lambda lr: np.append(lr.max(), lr), LATE),
    "deepspeed_first_step": Reported(f"{HF}/accelerate/issues/2124", warm, lambda lr: np.append(lr.max(), lr), LATE),
    "warmup_lr": Reported(f"{GITHUB}/deepspeedai/DeepSpeed/issues/7303", warm, lambda lr: 20 * lr,
                          ("base rate overwritten",)),
    "mlx_lm": Reported(f"{GITHUB}/ml-explore/mlx/issues/2617", warm_curve, follow(Warmup(
        updates=15, clock="keep", peak_lr=3e-4, then=warm_curve.then)), ("decay clock from 0",)),
    "resumed_and_stepped": Reported(f"{GITHUB}/starVLA/starVLA/pull/210", curve, lambda lr: np.concatenate(
        (lr[:80:2], lr[::2])), ("several steps per update", "schedule restarted")),
    "early_and_restarted": Reported("L9", warm_curve, lambda lr: np.concatenate((lr[1:71], lr[1:])),
                                    ("one update early", "schedule restarted")),
}

#: What two logs show, without the specification, where that is another name for the same rates.
SEEN = {"ivadomed": STEPPED, "mlx_lm": CONTINUED, "deepspeed_auto": NEVER}


def list_rates(reported: Reported) -> tuple[np.ndarray, np.ndarray]:
    """Return the intended and the applied rates of UPDATES updates, as float32."""
    lr = lrs(reported.right, 20 * UPDATES)
    return lr[:UPDATES].astype(np.float32), reported.apply(lr)[:UPDATES].astype(np.float32)
