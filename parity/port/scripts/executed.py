"""Run a training script as it is printed, and watch its optimizer: python -m parity.port.scripts.executed

Reads a JSON object from stdin, {"code": "...", "updates": n, "plain": true or false}, and prints {"bits": [[..], ..]},
for each update the rate of each weight. Of plain SGD that is what it did to weights of 0, with gradients that are
powers of two: exactly the rate. Of the other rules it is the rate that the optimizer was handed. The code is what
parity/port/scripts/skeletons.py has written from a run file: no text of a user's is run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np

from frameworks import backend
from frameworks.observation import GRADIENTS, bits, from_bits
from parity.measuring.questions import NotMeasured, answer, ask

#: What is seen of an update: the rate of each weight.
Seen = Callable[[list[float]], None]


class Enough(BaseException):
    """As many updates as were asked for have been seen."""


def executed(code: str, framework: str, updates: int, *, plain: bool) -> np.ndarray:
    """Run a script in another process: the rates of its first updates, float32, (updates or fewer, weights).

    Raises NotMeasured, also if it makes fewer updates than were asked for.
    """
    question = {"code": code, "updates": updates, "plain": plain}
    found = ask("parity.port.scripts.executed", framework, question)["bits"]
    if len(found) != updates:
        raise NotMeasured(f"it made {len(found)} updates, not {updates}")
    return np.array([from_bits(one) for one in found])


def watch_torch(seen: Seen, plain: bool) -> None:
    """Change what backward() has found, and look before and after the optimizer's step."""
    import torch
    from torch.nn.modules.module import register_module_parameter_registration_hook
    from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

    weights: list[Any] = []  # of torch.nn.Parameter, each with a gradient once backward() has run
    kept: list[torch.Tensor] = []
    backward = torch.Tensor.backward

    def changed(self: torch.Tensor, *given: Any, **options: Any) -> None:
        backward(self, *given, **options)
        kept[:] = [weight.detach().clone() for weight in weights]
        with torch.no_grad():
            for weight, gradient in zip(weights, cycle(GRADIENTS)):
                weight.zero_()
                weight.grad.fill_(gradient)

    def before(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        if not plain:  # gradients may have been multiplied by the rate already
            rate = float(optimizer.param_groups[0]["lr"])
            seen([rate * float(each) / gradient for weight, gradient in zip(weights, cycle(GRADIENTS))
                  for each in weight.grad.flatten()])

    @torch.no_grad()
    def after(*_: Any) -> None:
        if plain:
            seen([float(each) / -gradient for weight, gradient in zip(weights, cycle(GRADIENTS))
                  for each in weight.flatten()])
        for weight, value in zip(weights, kept):
            weight.copy_(value)

    register_module_parameter_registration_hook(lambda module, name, weight: weights.append(weight))
    torch.Tensor.backward = changed
    register_optimizer_step_pre_hook(before)
    register_optimizer_step_post_hook(after)


def watch_mxnet(seen: Seen, plain: bool) -> None:
    """Look before and after a Trainer's step, or at what it gives its operators."""
    import mxnet as mx

    step, rates = mx.gluon.Trainer.step, mx.optimizer.Optimizer._get_lrs
    handed: list[float] = []

    def handing(optimizer: mx.optimizer.Optimizer, indices: list[int]) -> list[float]:
        found = rates(optimizer, indices)
        handed.extend(found)
        return found

    def watched(trainer: mx.gluon.Trainer, batch_size: int) -> None:
        handed.clear()
        if not plain:
            step(trainer, batch_size)
            seen(list(handed))
            return
        kept = [weight.data().copy() for weight in trainer._params]
        for weight, gradient in zip(trainer._params, cycle(GRADIENTS)):
            weight.data()[:] = 0
            weight.grad()[:] = gradient * batch_size
        step(trainer, batch_size)
        seen([float(each) / -gradient for weight, gradient in zip(trainer._params, cycle(GRADIENTS))
              for each in weight.data().asnumpy().ravel()])
        for weight, value in zip(trainer._params, kept):
            weight.data()[:] = value

    mx.gluon.Trainer.step, mx.optimizer.Optimizer._get_lrs = watched, handing


def watch_tensorflow(seen: Seen, plain: bool) -> None:
    """Look at what an optimizer does to each variable, also inside a tf.function."""
    import keras
    import tensorflow as tf

    def watched(update_step: Callable) -> Callable:
        def step(optimizer: keras.optimizers.Optimizer, gradient: Any, variable: Any, learning_rate: Any) -> None:
            index = optimizer._get_variable_index(variable)
            if plain:
                kept, power = tf.identity(tf.convert_to_tensor(variable)), GRADIENTS[index % len(GRADIENTS)]
                variable.assign(tf.zeros_like(kept))
                update_step(optimizer, tf.fill(kept.shape, power), variable, learning_rate)
                found, divisor = tf.identity(tf.convert_to_tensor(variable)), -power
                variable.assign(kept)
            else:
                update_step(optimizer, gradient, variable, learning_rate)
                found, divisor = learning_rate, 1.0
            last = index == len(optimizer._trainable_variables) - 1
            tf.py_function(said, [index == 0, last, found, divisor], [])

        return step

    row: list[float] = []

    def said(first: Any, last: Any, found: Any, divisor: Any) -> None:
        if first:
            row.clear()
        row.extend((found.numpy().ravel() / divisor.numpy()).tolist())  # TensorFlow's own division may be 1 ULP off
        if last:
            seen(list(row))

    for kind in (keras.optimizers.SGD, keras.optimizers.Adam):
        kind.update_step = watched(kind.update_step)


WATCH = {"mxnet": watch_mxnet, "torch": watch_torch, "tensorflow": watch_tensorflow}


def _answer(framework: str, question: dict[str, Any]) -> dict[str, Any]:
    found: list[list[float]] = []

    def seen(rates: list[float]) -> None:
        if len(found) == question["updates"]:
            raise Enough
        found.append(rates)

    backend(framework)
    WATCH[framework](seen, question["plain"])
    try:
        exec(compile(question["code"], "script.py", "exec"), {"__name__": "__main__"})
    except Enough:
        pass
    except Exception as error:
        if "Enough" not in str(error):  # TensorFlow wraps it
            raise
    return {"bits": [[bits(rate + 0.0) for rate in one] for one in found]}


if __name__ == "__main__":
    sys.exit(answer("parity.port.scripts.executed", "Run a training script as it is printed, and watch its optimizer.",
                    _answer))
