"""Lists mistakes of trainings: what `explain` searches for in recorded rates beside the mistakes of schedules.

A back end cannot make them, since they need a resume, several steps or a log. So the gate does not have them, and no
vector is flagged with them.
"""

from __future__ import annotations

from parity.mistakes.record import GITHUB, Mistake

_HF = f"{GITHUB}/huggingface"

RESTARTED = Mistake(
    "schedule restarted", "state",
    "the scheduler is not saved or not loaded: after a resume the schedule begins at update 0 again; save the "
    "scheduler's state and load it", f"{GITHUB}/KaiyangZhou/deep-person-reid/issues/270")
CONTINUED = Mistake(
    "continued at another update", "state",
    "after a resume the scheduler counts from another update, such as the number of an epoch: all later rates are "
    "shifted; load its state, or set its count to the number of updates made",
    f"{GITHUB}/vllm-project/speculators/pull/900")
FROZEN = Mistake(
    "frozen from an update on", "state",
    "the scheduler changes another optimizer, or is not stepped: from some update on the rate does not change; build "
    "the scheduler on the optimizer that trains, and step it after each update",
    f"{GITHUB}/ildoonet/pytorch-gradual-warmup-lr/issues/27")
RESET = Mistake(
    "base rate at a resume", "state",
    "a new scheduler or optimizer writes its first or its highest rate, which is applied until the next step; load "
    "the optimizer's state after the scheduler is built", f"{GITHUB}/ultralytics/yolov5/issues/292")
MULTIPLIED = Mistake(
    "multiplied from an update on", "state",
    "a scheduler that is built again multiplies the loaded rate, as LinearLR does with start_factor: all later rates "
    "are off by this factor; build it before the states are loaded",
    f"{GITHUB}/pytorch/pytorch/issues/60265")
STEPPED = Mistake(
    "several steps per update", "clock",
    "the scheduler is stepped once per process or batch, several times per update: the schedule runs through too "
    "fast; step it once per update, or multiply its lengths", f"{_HF}/accelerate/issues/2926")
NEVER = Mistake(
    "never moves", "state",
    "the scheduler is not stepped, or its rates are limited to the first one: the rate does not change; step it after "
    "each update", f"{_HF}/transformers/issues/15508")
LENGTH = Mistake(
    "another length", "range",
    "the length of the schedule is computed from another number of updates, also after a resume: it ends too early or "
    "too late; use the number of updates of the whole training", f"{_HF}/transformers/issues/26827")
END = Mistake(
    "another end", "range",
    "the lowest rate (min_lr) is not the intended one: the rate decreases to another end; set it",
    f"{GITHUB}/NVIDIA/Megatron-LM/issues/963")
CURVE = Mistake(
    "another curve", "range",
    "the shape of the decay is not the intended one, such as a line for a cosine: the rates between both ends differ; "
    "set the shape", f"{GITHUB}/QwenLM/Qwen-VL/issues/183")
BETWEEN = Mistake(
    "warm-up between both ends", "counting",
    "the warm-up computes (t + 1) / (updates + 1): neither 0 nor the peak is one of its rates; use t / updates")
UNLOGGED = Mistake(
    "warm-up not in the log", "counting",
    "MXNet logs each drop but no rate of a warm-up, so the rates before the first line are assumed: compare without "
    "the rate before the first line")

#: By name, in the order in which `explain` prints them.
TRAININGS: dict[str, Mistake] = {mistake.name: mistake for mistake in (
    UNLOGGED, RESTARTED, RESET, FROZEN, NEVER, STEPPED, CONTINUED, MULTIPLIED, LENGTH, END, CURVE, BETWEEN)}
