"""Writes a specification for a framework or library: as self-contained code, and with a built-in class if possible.

Self-contained code does not import this project. It computes the rate in float64 from the number of updates already
made, and rounds it to float32 once.
"""

from __future__ import annotations

import hashlib
import textwrap
from functools import partial

from frameworks.schedule import Schedule, dumps, expand
from parity.port.write.dialects import JAX, PYTHON, TENSORFLOW, Dialect
from parity.port.write.formulas import FormulaError, write_branches
from parity.port.write.native import NATIVE
from parity.port.write.native.expressed import explain
from parity.port.write.native.spelling import Spelling

__all__ = ["LIBRARIES", "TARGETS", "FormulaError", "Spelling", "write_definitions", "write_spellings"]

#: The supported frameworks.
TARGETS = ("mxnet", "torch", "tensorflow", "optax")
#: Other libraries with built-in classes, and the framework whose self-contained code runs with them.
LIBRARIES = {"transformers": "torch", "timm": "torch", "paddle": "paddle", "composer": "torch", "fvcore": "torch",
             "gluoncv": "mxnet", "deepspeed": "torch", "megatron": "torch", "mmengine": "torch", "lightning": "torch",
             "mlx": "mlx", "detectron2": "torch", "torchtitan": "torch", "fairseq": "torch", "ignite": "torch",
             "olmo": "torch"}

#: The self-contained code of each framework, a format of its branches and of a name.
TEMPLATES = {
    "mxnet": """\
import math

import mxnet as mx  # with NumPy 1.24 or later, set numpy.bool = bool before
import numpy


def lr(t):  # t: updates already made
{branches}


class Schedule(mx.lr_scheduler.LRScheduler):
    def __call__(self, num_update):  # a Trainer calls it with 1 at its first update
        return float(numpy.float32(lr(max(num_update - 1, 0))))


lr_scheduler = Schedule()  # gluon.Trainer(net.collect_params(), "sgd", {{"lr_scheduler": lr_scheduler}})
""",
    "torch": """\
import math

import numpy
import torch


def lr(t):  # t: updates already made
{branches}


def rounded(t):  # a lambda could not be pickled
    return float(numpy.float32(lr(t)))


optimizer = torch.optim.SGD(model.parameters(), lr=1.0)  # LambdaLR multiplies this 1.0
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rounded)
# scheduler.step() after every update
""",
    "tensorflow": """\
import math

import keras
import tensorflow as tf
from numpy import float64


# load_model looks for this name, which no other schedule has: run this code first
@keras.saving.register_keras_serializable(package="exact", name="{name}")
class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        t = tf.cast(step, tf.int64)  # updates already made
{branches}
        return tf.cast(rate, tf.float32)

    def get_config(self):
        return {{}}


learning_rate = Schedule()  # keras.optimizers.SGD(learning_rate)
""",
    "optax": """\
import math

import jax
import jax.numpy as jnp
import optax

jax.config.update("jax_enable_x64", True)  # or the rates are computed in float32, some ULP off


def schedule(count):
    t = jnp.asarray(count).astype(jnp.int64)  # updates already made
{branches}
    return rate


optimizer = optax.sgd(schedule)
""",
    "paddle": """\
import math

import numpy
import paddle


def lr(t):  # t: updates already made
{branches}


def rounded(t):
    return float(numpy.float32(lr(t)))


scheduler = paddle.optimizer.lr.LambdaDecay(1.0, rounded)  # scheduler.step() after every update
optimizer = paddle.optimizer.SGD(scheduler, parameters=model.parameters())
""",
    "mlx": """\
import math

import mlx.optimizers


def lr(t):  # t: updates already made
{branches}


optimizer = mlx.optimizers.SGD(learning_rate=lr(0))
# before update t, counted from 0: optimizer.learning_rate = lr(t)
""",
}
#: The dialect and the indentation for each framework.
_DIALECTS = {"mxnet": (PYTHON, "    "), "torch": (PYTHON, "    "), "tensorflow": (TENSORFLOW, "        "),
             "optax": (JAX, "    "), "paddle": (PYTHON, "    "), "mlx": (PYTHON, "    ")}


def write_spellings(schedule: Schedule, target: str) -> list[Spelling]:
    """Return the spelling with built-in classes, if there is one, and the self-contained code. Raises FormulaError."""
    framework = LIBRARIES.get(target, target)
    native = NATIVE[target](schedule) or NATIVE[target](expand(schedule))
    reason = explain(schedule, target) if native is None and target in LIBRARIES else ""
    stepped = ', with "interval": "step" in its dict' if target == "lightning" else ""
    origin = "" if framework == target else f"This code is that of {framework}, on which {target} runs{stepped}."
    exact = Spelling(_write_exact(schedule, framework), " ".join(filter(None, (reason, origin))), native=False)
    return [exact] if native is None else [native, exact]


def write_definitions(schedule: Schedule, target: str) -> str:
    """Return the definitions of the self-contained code, without its imports and its last lines."""
    _, *blocks, _ = _write_exact(schedule, target).split("\n\n\n")
    return "\n\n\n".join(blocks)


def _write_exact(schedule: Schedule, target: str) -> str:
    dialect, indent = _DIALECTS[target]
    write = _write_returns if dialect is PYTHON else partial(_write_choice, dialect)
    lines = write(write_branches(expand(schedule), dialect))
    code = TEMPLATES[target].format(branches=textwrap.indent("\n".join(lines), indent),
                                 name=_build_registered_name(schedule))
    if "math." not in code.replace("import math", ""):
        code = code.replace("import math\n\n", "")
    if "float64(" not in code:
        code = code.replace("from numpy import float64\n", "")
    return code


def _build_registered_name(schedule: Schedule) -> str:
    """Return a name from the kind and a digest, so that schedules in one process have different names."""
    return f"{schedule.kind}_{hashlib.sha256(dumps(schedule).encode()).hexdigest()[:8]}"


def _write_returns(rates: list[tuple[str | None, str]]) -> list[str]:
    """Return the lines of a function that returns the rate of the first condition that holds."""
    lines = []
    for condition, rate in rates:
        lines += [f"return {rate}"] if condition is None else [f"if {condition}:", f"    return {rate}"]
    return lines


def _write_choice(dialect: Dialect, rates: list[tuple[str | None, str]]) -> list[str]:
    """Return the lines that choose the rate of each element of an array. The last condition comes first."""
    *first, (_, last) = rates
    return [f"rate = {last}", *(f"rate = {dialect.choice.format(condition, rate, 'rate')}"
                               for condition, rate in reversed(first))]
