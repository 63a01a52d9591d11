"""Builds random constructors, configurations and command-line arguments of the libraries that train large models."""

from __future__ import annotations

import json
import random


def _draw_options(draw: random.Random, options: dict[str, list[object]], share: float = 0.7) -> dict[str, object]:
    """Return a random choice of options, with a random value each."""
    return {name: draw.choice(values) for name, values in options.items() if draw.random() < share}


def _write_words(options: dict[str, object]) -> str:
    return " ".join(f"--{name}" if value is True else f"--{name} {value}" for name, value in options.items())


def build_deepspeed(draw: random.Random) -> str:
    """Return a random configuration or constructor of DeepSpeed."""
    warm: dict[str, list[object]] = {"warmup_num_steps": [1, 2, 3, 7, 20], "warmup_type": ["log", "linear", "linear"]}
    low: dict[str, list[object]] = {"warmup_min_lr": [0, 0.0, 0.01, 0.1], "warmup_max_lr": [0.4, 0.1]}
    kind = draw.choice(["WarmupLR", "WarmupDecayLR", "WarmupCosineLR", "OneCycle", "LRRangeTest"])
    options: dict[str, object] = {}
    if kind.startswith("Warmup"):
        options = {"warmup_num_steps": 5} | _draw_options(draw, warm | (low if kind != "WarmupCosineLR" else {
            "warmup_min_ratio": [0.0, 0.1], "cos_min_ratio": [0.0, 0.1, 0.0001]}))
        if kind != "WarmupLR":
            options["total_num_steps"] = draw.choice([1, 5, 7, 8, 20, 33, 50])
    elif kind == "OneCycle":
        options = {"cycle_min_lr": draw.choice([0.01, 0.1, 0.0]), "cycle_max_lr": draw.choice([0.4, 0.2]),
                   "cycle_first_step_size": draw.choice([1, 2, 7, 13, 20])} | _draw_options(draw, {
                       "cycle_second_step_size": [0, 1, 5, 9, 20], "decay_step_size": [0, 1, 3, 10],
                       "decay_lr_rate": [0.0, 0.5, 2.0], "cycle_first_stair_count": [0, 1, 2, 3, 5, 30],
                       "cycle_second_stair_count": [0, 1, 2, 3, 5, 30], "cycle_momentum": [False, True]}, 0.5)
    else:
        options = {"lr_range_test_step_size": draw.choice([1, 3, 10])} | _draw_options(draw, {
            "lr_range_test_min_lr": [0.001, 0.1], "lr_range_test_step_rate": [0.0, 0.5, 1.0, 3.0],
            "lr_range_test_staircase": [True, False]})
    if draw.random() < 0.3:
        return f"{kind}(optimizer, {', '.join(f'{name}={value!r}' for name, value in options.items())})"
    scheduler = {"type": kind, "params": options}
    if draw.random() < 0.3:
        return json.dumps(scheduler)
    optimizer = {"type": draw.choice(["AdamW", "Lamb"]), "params": {"lr": draw.choice([0.4, 0.003])}}
    return json.dumps({"optimizer": optimizer, "scheduler": scheduler})


def build_megatron(draw: random.Random) -> str:
    """Return random arguments of Megatron-LM, or a constructor of megatron-core."""
    style = draw.choice(["constant", "linear", "cosine", "inverse-square-root", "WSD", "WSD"])
    wsd = draw.choice(["linear", "cosine", "minus_sqrt", "exponential"])
    low = draw.choice([0.0, 0.01, 0.2, 0.25, 0.4])
    batch, total = draw.choice([1, 7, 8, 64]), draw.choice([5, 20, 33, 50])
    if draw.random() < 0.3:
        warm_steps = draw.choice([0, 1, 3, 4.5])
        return (f"OptimizerParamScheduler(optimizer, {draw.choice([0.0, 0.1])}, 0.4, {low}, {warm_steps}, {total}, "
                f"{style!r}, 0.0, 0.0, 10, 'constant', wsd_decay_steps={draw.choice([0, 2, 5])}, "
                f"lr_wsd_decay_style={wsd!r})")
    unit = draw.choice(["iters", "iters", "samples"])
    scale = 1 if unit == "iters" else batch
    rest = 0 if unit == "iters" else draw.choice([0, 0, batch // 2])
    options: dict[str, object] = {"micro-batch-size": 2, "lr": 0.4, "min-lr": low, "lr-decay-style": style,
                                  f"train-{unit}": total * scale + rest, "global-batch-size": batch}
    warm = draw.choice([{}, {f"lr-warmup-{unit}": draw.choice([1, 3, 4]) * scale + rest},
                        {"lr-warmup-fraction": draw.choice([0.1, 0.03, 0.25, 0.001])}])
    if style == "WSD":
        options |= {f"lr-wsd-decay-{unit}": draw.choice([0, 1, 3, 5, 20]) * scale + rest, "lr-wsd-decay-style": wsd}
    return _write_words(options | warm | _draw_options(draw, {
        f"lr-decay-{unit}": [6 * scale, 15 * scale + rest, 40 * scale], "lr-warmup-init": [0.0, 0.05, 0.4],
        "bf16": [True]}, 0.4))


def build_torchtitan(draw: random.Random) -> str:
    """Return a random configuration of torchtitan, or a call of build_lr_schedulers."""
    fields = _draw_options(draw, {
        "warmup_steps": [0, 1, 5, 20, 50], "decay_ratio": [0.0, 0.1, 0.25, 0.5, 1.0],
        "decay_type": ["linear", "sqrt", "cosine"], "min_lr_factor": [0.0, 0.1, 0.5], "total_steps": [10, 30, 50]}, 0.6)
    steps = draw.choice([1, 10, 33, 50, 60])
    if draw.random() < 0.3:
        config = ", ".join(f"{key}={value!r}" for key, value in fields.items())
        return f"build_lr_schedulers(optimizers, LRScheduler({config}), {steps})"
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in fields.items())
    return (f'[optimizer]\nname = "AdamW"\nlr = {draw.choice([0.4, 8e-4])}\n[lr_scheduler]\n{lines}\n'
            f"[training]\nsteps = {steps}\n")


def build_fairseq(draw: random.Random) -> str:
    """Return random arguments of fairseq."""
    warm: dict[str, list[object]] = {"warmup-updates": [0, 1, 5, 9], "warmup-init-lr": [-1, 0.0, 0.1, 1e-7]}
    fields: dict[str, dict[str, list[object]]] = {
        "inverse_sqrt": warm | {"warmup-updates": [1, 5, 9]},
        "polynomial_decay": {"warmup-updates": [0, 1, 5, 40], "end-learning-rate": [0.0, 0.01],
                             "power": [0.5, 1.0, 2.0], "total-num-update": [5, 20, 40, 100]},
        "cosine": warm | {"min-lr": [0.0, 0.01], "t-mult": [1.0, 1, 2, 3], "lr-period-updates": [-1, 1, 2, 5, 9, 20],
                          "lr-shrink": [0.1, 0.5, 1.0]},
        "fixed": {"warmup-updates": [0, 1, 5, 9], "force-anneal": [0, 1, 2, 5, 100], "lr-shrink": [0.1, 0.5, 1.0]},
        "triangular": {"lr-period-updates": [2, 3, 5, 10.0, 25], "lr-shrink": [0.1, 0.5, 1.0], "shrink-min": [True]},
        "tri_stage": {"warmup-steps": [0, 1, 5], "hold-steps": [0, 1, 5], "decay-steps": [1, 5, 20],
                      "init-lr-scale": [0.0, 0.01, 0.5], "final-lr-scale": [0.01, 0.1, 1.0],
                      "phase-ratio": ["0.5,0.25,0.25", "[0.25,0.25,0.5]"]},
        "step": warm | {"min-lr": [0.0, 0.01], "lr-deacy-period": [1, 5, 9], "lr-decay": [0.5, 0.9, 1.0]}}
    name = draw.choice(list(fields))
    required: dict[str, object] = {"triangular": {"max-lr": draw.choice([0.5, 1.0])}, "tri_stage": {"decay-steps": 3},
                                   "inverse_sqrt": {"warmup-updates": 3}}.get(name, {})
    rates = draw.choice(["0.4", "0.1", "[0.4]", *(["0.4,0.2", "[0.4,0.1,0.2]"] if name == "fixed" else [])])
    return _write_words({"arch": "transformer", "lr": rates, "lr-scheduler": name, "max-update": draw.choice([40, 80])}
                        | required | _draw_options(draw, fields[name], 0.6))


def _write_ignite(draw: random.Random, *, torch: bool = True) -> str:
    """Return a random scheduler of PyTorch-Ignite that contains no other one, or of torch where it accepts one."""
    name = draw.choice(["linear", "cosine", "piecewise", *(["torch"] if torch else [])])
    if name == "torch":
        return draw.choice(["StepLR(optimizer, 5, 0.5)", "MultiStepLR(optimizer, [4, 9], 0.3)",
                            "ExponentialLR(optimizer, 0.9)", "CosineAnnealingLR(optimizer, 12, 0.01)",
                            "CosineAnnealingWarmRestarts(optimizer, 7, 2, 0.01)",
                            "CyclicLR(optimizer, 0.1, 0.4, 6, cycle_momentum=False)"])
    if name == "piecewise":
        steps = sorted(draw.sample(range(30), draw.randint(1, 4)))
        return f"PiecewiseLinear(optimizer, 'lr', {[(step, draw.choice([0.0, 0.1, 0.4])) for step in steps]})"
    rates = f"{draw.choice([0.1, 0.4, 0.0])}, {draw.choice([0.5, 0.01, 0.3])}, {draw.choice([2, 3, 7, 12, 40])}"
    changes = draw.choice(["", "", ", cycle_mult=2", ", cycle_mult=1.5", ", start_value_mult=0.5",
                           ", end_value_mult=0.5", ", cycle_mult=2, start_value_mult=0.7, end_value_mult=0.9"])
    if name == "cosine":
        back = draw.choice(["", ", warmup_duration=4"])
        return f"CosineAnnealingScheduler(optimizer, 'lr', {rates}{changes}{back})"
    shape = draw.choice(["", ", monotonic=True", ", monotonic=True, warmup_duration=3"])
    return f"LinearCyclicalScheduler(optimizer, 'lr', {rates}{changes}{shape})"


def build_ignite(draw: random.Random) -> str:
    """Return a random call of PyTorch-Ignite."""
    kind = draw.choice(["plain", "plain", "concat", "group", "wrapped", "warmup"])
    if kind == "plain":
        return _write_ignite(draw, torch=False)
    if kind == "concat":
        parts = [_write_ignite(draw, torch=False) for _ in range(draw.choice([2, 3]))]
        return f"ConcatScheduler([{', '.join(parts)}], {[draw.randint(1, 15) for _ in parts[1:]]})"
    if kind == "group":
        return f"ParamGroupScheduler([{_write_ignite(draw, torch=False)}])"
    if kind == "wrapped":
        call = next(call for call in iter(lambda: _write_ignite(draw), None) if "optimizer, 'lr'" not in call)
        return f"LRScheduler(torch.optim.lr_scheduler.{call})"
    inner = _write_ignite(draw)
    inner = inner if "'lr'" in inner else f"torch.optim.lr_scheduler.{inner}"
    end = draw.choice([", 0.4", ", 0.1", "", ", 0.25"])
    return f"create_lr_scheduler_with_warmup({inner}, {draw.choice([0.0, 0.05])}, {draw.choice([2, 3, 8])}{end})"
