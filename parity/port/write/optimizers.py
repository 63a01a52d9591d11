"""Writes the code with the optimizer that was named, instead of plain SGD."""

from __future__ import annotations

import re

from parity.port.write import LIBRARIES

#: What each framework calls an optimizer.
_NAMES = {
    "adadelta": {"mxnet": "adadelta", "torch": "Adadelta", "tensorflow": "Adadelta", "optax": "adadelta"},
    "adagrad": {"mxnet": "adagrad", "torch": "Adagrad", "tensorflow": "Adagrad", "optax": "adagrad"},
    "adam": {"mxnet": "adam", "torch": "Adam", "tensorflow": "Adam", "optax": "adam"},
    "adamax": {"mxnet": "adamax", "torch": "Adamax", "tensorflow": "Adamax", "optax": "adamax"},
    "adamw": {"torch": "AdamW", "tensorflow": "AdamW", "optax": "adamw"},
    "ftrl": {"mxnet": "ftrl", "tensorflow": "Ftrl"},
    "lamb": {"mxnet": "lamb", "tensorflow": "Lamb", "optax": "lamb"},
    "lars": {"mxnet": "lars", "optax": "lars"},
    "muon": {"torch": "Muon", "tensorflow": "Muon"},
    "nadam": {"mxnet": "nadam", "torch": "NAdam", "tensorflow": "Nadam", "optax": "nadam"},
    "nag": {"mxnet": "nag"},
    "radam": {"torch": "RAdam", "optax": "radam"},
    "rmsprop": {"mxnet": "rmsprop", "torch": "RMSprop", "tensorflow": "RMSprop", "optax": "rmsprop"},
    "rprop": {"torch": "Rprop", "optax": "rprop"},
    "sgd": {"mxnet": "sgd", "torch": "SGD", "tensorflow": "SGD", "optax": "sgd"},
    "signum": {"mxnet": "signum"},
}
_PLACES = {"mxnet": (r'(collect_params\(\), ")sgd"', r'\g<1>{name}"'),
           "torch": (r"torch\.optim\.SGD\(", "torch.optim.{name}("),
           "tensorflow": (r"keras\.optimizers\.SGD\(", "keras.optimizers.{name}("),
           "optax": (r"optax\.sgd\(", "optax.{name}(")}
#: Libraries whose code is written with SGD only.
_WITH_SGD = ("paddle", "deepspeed", "mmengine", "mlx")
#: Libraries whose code has no optimizer.
_WITHOUT = ("megatron", "detectron2", "torchtitan", "fairseq", "olmo")


def name_optimizer(code: str, target: str, optimizer: str | None) -> str:
    """Return code with the optimizer that was named.

    code: written with plain SGD. target: its framework. optimizer: a class of any framework (None: none was named); one
    that the framework does not have leaves SGD.
    """
    framework = LIBRARIES.get(target, target)
    name = _NAMES.get((optimizer or "sgd").lower(), {}).get(framework)
    if framework not in _PLACES:
        return code
    pattern, written = _PLACES[framework]
    return code if name is None else re.sub(pattern, written.format(name=name), code)


def describe_optimizer(target: str, optimizer: str | None) -> str:
    """Return what to know about the optimizer of the code: "" for plain SGD without a name."""
    if optimizer is None or optimizer.lower() == "sgd":
        return ""
    if target in _WITH_SGD:
        return f"The code for {target} is written with SGD: write {optimizer} in its place. Only its rate is ported."
    if target in _WITHOUT:
        return f"The code for {target} names no optimizer: give it {optimizer}. Only its rate is ported."
    name = _NAMES.get(optimizer.lower(), {}).get(LIBRARIES.get(target, target))
    if name is None:
        return f"{target} has no optimizer {optimizer}: the code is written with SGD."
    return (f"Only the rate of {optimizer} is ported: its other options have other defaults and meanings in {target}; "
            "a run file ports an optimizer whole.")
