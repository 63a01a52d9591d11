"""Runs the schedulers of libraries whose users give a configuration or command-line arguments, with the library's code.

`call` is a constructor, a configuration in JSON or TOML, or a text of arguments. The engine of each library is left
out; what it does around an update is repeated here. fairseq's schedulers are run from their files.
"""

# each library is in a separate environment
# pyright: reportMissingImports=false

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import json
import logging
import math
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

from frameworks.schedule.files import parse_text
from parity.pages.coverage.other_libraries import build_optimizer
from parity.pages.coverage.reference import UPDATES_PER_EPOCH
from parity.pages.coverage.row import LR

Names = dict[str, Any]
_FAIRSEQ = ("fairseq_lr_scheduler", "inverse_square_root_schedule", "polynomial_decay_schedule", "cosine_lr_scheduler",
            "fixed_schedule", "triangular_lr_scheduler", "tri_stage_lr_scheduler", "step_lr_scheduler")


def _list_rates(optimizer: Any, scheduler: Any, n: int, *step: int) -> list[float]:
    """Return the rates of n updates, between which the scheduler is stepped."""
    rates = [float(optimizer.param_groups[0]["lr"])]
    for _ in range(n - 1):
        optimizer.step()
        scheduler.step(*step)
        rates.append(float(optimizer.param_groups[0]["lr"]))
    return rates


def run_deepspeed(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a scheduler that the engine steps after every update."""
    logging.disable(logging.WARNING)
    if not call.startswith("{"):
        optimizer = build_optimizer()
        return _list_rates(optimizer, eval(call, names | {"optimizer": optimizer}), n)
    config = {"optimizer": {"params": {"lr": LR}}} | json.loads(call)
    optimizer, scheduler = build_optimizer(config["optimizer"]["params"]["lr"]), config.get("scheduler", config)
    return _list_rates(optimizer, names[scheduler["type"]](optimizer, **scheduler["params"]), n)


def run_torchtitan(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of the LambdaLR that torchtitan builds and steps after every update."""
    logging.disable(logging.WARNING)
    if call.startswith("build"):
        optimizer = build_optimizer()
        return _list_rates(optimizer, eval(call, names | {"optimizers": [optimizer]}), n)
    config = parse_text(call, "toml")
    optimizer = build_optimizer(config["optimizer"]["lr"])
    fields, steps = config.get("lr_scheduler", {}), config["training"]["steps"]
    if "build_lr_schedulers" in names:
        scheduler = names["build_lr_schedulers"]([optimizer], names["LRScheduler"](**fields), steps)
    else:  # 0.3
        scheduler = names["LRSchedulersContainer"].Config(**fields).build(optimizers=[optimizer], training_steps=steps)
    return _list_rates(optimizer, scheduler, n)


def run_megatron(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a scheduler that is stepped by the samples of every update."""
    optimizer = build_optimizer()
    if not call.startswith("--"):
        return _list_rates(optimizer, eval(call, names | {"optimizer": optimizer}), n, 1)
    args = SimpleNamespace(
        min_lr=0.0, lr_decay_style="linear", lr_wsd_decay_style="exponential", lr_warmup_fraction=None,
        lr_warmup_iters=0, lr_warmup_samples=0, lr_warmup_init=0.0, global_batch_size=8, start_weight_decay=0.0,
        end_weight_decay=0.0, weight_decay_incr_style="constant", override_opt_param_scheduler=False,
        use_checkpoint_opt_param_scheduler=False, **dict.fromkeys((
            "lr_decay_iters", "lr_decay_samples", "lr_wsd_decay_iters", "lr_wsd_decay_samples", "train_iters",
            "train_samples")))
    vars(args).update(_read_words(call))
    function = _load_function("megatron.training.training", "get_optimizer_param_scheduler", names | {
        "get_args": lambda: args, "update_train_iters": lambda args: None})
    return _list_rates(optimizer, function(optimizer), n, args.global_batch_size)


def run_fairseq(call: str, names: Names, n: int) -> list[float]:
    """Return the rates of a scheduler that the trainer sets before the first and after every update."""
    if call.startswith("--"):
        given = _read_words(call)
        kind = names["SCHEDULERS"][given.pop("lr_scheduler", "fixed")]
    else:
        node = ast.parse(call, mode="eval").body
        assert isinstance(node, ast.Call)
        kind = names[ast.unparse(node.func)]
        given = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in node.keywords}
    whole = {"max_update": 0, "lr": [0.25]} | given
    whole["lr"] = list(whole["lr"]) if isinstance(whole["lr"], list | tuple) else [whole["lr"]]
    fields = {field.name: field.default for field in dataclasses.fields(names["CONFIGS"][kind])}
    fields |= {name: whole[str(value).rpartition(".")[2]] for name, value in fields.items()
               if str(value).startswith("optimization.")}
    optimizer = names["FairseqOptimizer"]()
    scheduler = kind(SimpleNamespace(**{name: whole.get(name, value) for name, value in fields.items()}), optimizer)
    rates = []
    for t in range(n):
        if t % UPDATES_PER_EPOCH == 0:
            scheduler.step_begin_epoch(t // UPDATES_PER_EPOCH + 1)
        scheduler.step_update(t)
        rates.append(optimizer.get_lr())
    return rates


def import_fairseq() -> Names:
    """Return the schedulers of fairseq, run from their files. Raises ImportError if it is not installed."""
    folder = _find_folder("fairseq") / "optim" / "lr_scheduler"

    class FairseqOptimizer:
        lr = math.nan

        def set_lr(self, lr: float) -> None:
            self.lr = lr

        def get_lr(self) -> float:
            return self.lr

    members: Names = {"SCHEDULERS": {}, "CONFIGS": {}, "FairseqOptimizer": FairseqOptimizer}

    def register(name: str, dataclass: Any = None) -> Any:
        def add(kind: Any) -> Any:
            members["SCHEDULERS"][name], members["CONFIGS"][kind], members[kind.__name__] = kind, dataclass, kind
            return kind

        return add

    modules = {
        "fairseq": {}, "fairseq.dataclass": {"FairseqDataclass": dataclasses.make_dataclass("FairseqDataclass", [])},
        "fairseq.dataclass.utils": {"gen_parser_from_dataclass": None},
        "fairseq.optim": {"FairseqOptimizer": FairseqOptimizer},
        "fairseq.optim.lr_scheduler": {"register_lr_scheduler": register},
        "omegaconf": {"II": str}}
    kept = {name: sys.modules[name] for name in modules if name in sys.modules}
    try:
        for name, content in modules.items():
            sys.modules[name] = ModuleType(name)
            vars(sys.modules[name]).update(content)
        for file in _FAIRSEQ:
            scope = {"__name__": "fairseq.optim.lr_scheduler"}
            exec(compile((folder / f"{file}.py").read_text(encoding="utf-8"), file, "exec"), scope)
            if file == "fairseq_lr_scheduler":
                vars(sys.modules["fairseq.optim.lr_scheduler"])["FairseqLRScheduler"] = scope["FairseqLRScheduler"]
    finally:
        for name in modules:
            del sys.modules[name]
        sys.modules.update(kept)
    return members


def _load_function(module: str, name: str, scope: Names) -> Any:
    """Return a function of a module that is not imported as a whole, with the names of `scope`."""
    scope = dict(scope)
    exec(_compile_function(module, name), scope)
    return scope[name]


@cache
def _compile_function(module: str, name: str) -> CodeType:
    package, _, file = module.rpartition(".")
    tree = ast.parse((_find_folder(package) / f"{file}.py").read_text(encoding="utf-8"))
    [node] = [part for part in tree.body if isinstance(part, ast.FunctionDef) and part.name == name]
    return compile(ast.Module([node], []), file, "exec")


def _find_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"{package} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def _read_words(text: str) -> Names:
    """Return the values of arguments such as "--lr 0.1 --lr-decay-style cosine --shrink-min"."""
    values, name = Names(), ""
    for word in shlex.split(text, comments=True):
        if word.startswith("--"):
            name = word[2:].replace("-", "_")
            values[name] = True
            continue
        values[name] = word
        with suppress(SyntaxError, ValueError):
            values[name] = ast.literal_eval(word)
    return values


ASKED: dict[str, Callable[[str, Names, int], list[float]]] = {
    "deepspeed": run_deepspeed, "megatron": run_megatron, "torchtitan": run_torchtitan, "fairseq": run_fairseq}
