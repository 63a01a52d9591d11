"""Runs a training script as printed and observes its optimizer: python -m parity.port.scripts.executed

Reads a JSON object from stdin, {"code": "...", "updates": n, "plain": true or false}, and prints {"bits": [[..], ..]},
for each update the rate of each weight. For plain SGD this is the change of weights of 0 with gradients that are powers
of two: exactly the rate. For other optimizers it is the rate that the optimizer received. The code comes from
parity/port/scripts/skeletons.py, which writes it from a run file: no text of a user is run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np

from frameworks import backend
from frameworks.observation import GRADIENTS, format_bits, parse_bits
from parity.measuring.questions import NotMeasuredError, answer, ask

#: Receives the rates of one update: one for each weight.
Seen = Callable[[list[float]], None]


class EnoughUpdatesError(BaseException):
    """Ends a script: the requested number of updates has been observed."""


def execute_script(code: str, framework: str, updates: int, *, plain: bool) -> np.ndarray:
    """Run a script in a new process and return the rates of its first updates: float32, (updates, weights).

    Raises NotMeasuredError if the script fails or makes fewer updates.
    """
    question = {"code": code, "updates": updates, "plain": plain}
    rows = ask("parity.port.scripts.executed", framework, question)["bits"]
    if len(rows) != updates:
        raise NotMeasuredError(f"it made {len(rows)} updates, not {updates}")
    return np.array([parse_bits(row) for row in rows])


def watch_torch(seen: Seen, plain: bool) -> None:
    """Replace the gradients after backward(), and read the weights before and after the optimizer's step."""
    import torch
    from torch.nn.modules.module import register_module_parameter_registration_hook
    from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

    weights: list[Any] = []  # of torch.nn.Parameter, each with a gradient once backward() has run
    saved: list[torch.Tensor] = []
    backward = torch.Tensor.backward

    def replace_gradients(self: torch.Tensor, *given: Any, **options: Any) -> None:
        backward(self, *given, **options)
        saved[:] = [weight.detach().clone() for weight in weights]
        with torch.no_grad():
            for weight, gradient in zip(weights, cycle(GRADIENTS)):
                weight.zero_()
                weight.grad.fill_(gradient)

    def before(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        if not plain:  # the script may have multiplied the gradients by the rate
            rate = float(optimizer.param_groups[0]["lr"])
            seen([rate * float(each) / gradient for weight, gradient in zip(weights, cycle(GRADIENTS))
                  for each in weight.grad.flatten()])

    @torch.no_grad()
    def after(*_: Any) -> None:
        if plain:
            seen([float(each) / -gradient for weight, gradient in zip(weights, cycle(GRADIENTS))
                  for each in weight.flatten()])
        for weight, value in zip(weights, saved):
            weight.copy_(value)

    register_module_parameter_registration_hook(lambda module, name, weight: weights.append(weight))
    torch.Tensor.backward = replace_gradients
    register_optimizer_step_pre_hook(before)
    register_optimizer_step_post_hook(after)


def watch_mxnet(seen: Seen, plain: bool) -> None:
    """Read the weights before and after a Trainer's step, or the rates that it passes to its operators."""
    import mxnet as mx

    step, rates = mx.gluon.Trainer.step, mx.optimizer.Optimizer._get_lrs
    received: list[float] = []

    def record_rates(optimizer: mx.optimizer.Optimizer, indices: list[int]) -> list[float]:
        values = rates(optimizer, indices)
        received.extend(values)
        return values

    def observe_step(trainer: mx.gluon.Trainer, batch_size: int) -> None:
        received.clear()
        if not plain:
            step(trainer, batch_size)
            seen(list(received))
            return
        saved = [weight.data().copy() for weight in trainer._params]
        for weight, gradient in zip(trainer._params, cycle(GRADIENTS)):
            weight.data()[:] = 0
            weight.grad()[:] = gradient * batch_size
        step(trainer, batch_size)
        seen([float(each) / -gradient for weight, gradient in zip(trainer._params, cycle(GRADIENTS))
              for each in weight.data().asnumpy().ravel()])
        for weight, value in zip(trainer._params, saved):
            weight.data()[:] = value

    mx.gluon.Trainer.step, mx.optimizer.Optimizer._get_lrs = observe_step, record_rates


def watch_tensorflow(seen: Seen, plain: bool) -> None:
    """Observe what an optimizer does to each variable, also inside a tf.function."""
    import keras
    import tensorflow as tf

    def wrap(update_step: Callable) -> Callable:
        def step(optimizer: keras.optimizers.Optimizer, gradient: Any, variable: Any, learning_rate: Any) -> None:
            index = optimizer._get_variable_index(variable)
            if plain:
                saved, power = tf.identity(tf.convert_to_tensor(variable)), GRADIENTS[index % len(GRADIENTS)]
                variable.assign(tf.zeros_like(saved))
                update_step(optimizer, tf.fill(saved.shape, power), variable, learning_rate)
                change, divisor = tf.identity(tf.convert_to_tensor(variable)), -power
                variable.assign(saved)
            else:
                update_step(optimizer, gradient, variable, learning_rate)
                change, divisor = learning_rate, 1.0
            last = index == len(optimizer._trainable_variables) - 1
            tf.py_function(record, [index == 0, last, change, divisor], [])

        return step

    row: list[float] = []

    def record(first: Any, last: Any, change: Any, divisor: Any) -> None:
        if first:
            row.clear()
        row.extend((change.numpy().ravel() / divisor.numpy()).tolist())  # TensorFlow's division may be 1 ULP off
        if last:
            seen(list(row))

    for kind in (keras.optimizers.SGD, keras.optimizers.Adam):
        kind.update_step = wrap(kind.update_step)


WATCH = {"mxnet": watch_mxnet, "torch": watch_torch, "tensorflow": watch_tensorflow}


def _answer(framework: str, question: dict[str, Any]) -> dict[str, Any]:
    rows: list[list[float]] = []

    def record(rates: list[float]) -> None:
        if len(rows) == question["updates"]:
            raise EnoughUpdatesError
        rows.append(rates)

    backend(framework)
    WATCH[framework](record, question["plain"])
    try:
        exec(compile(question["code"], "script.py", "exec"), {"__name__": "__main__"})
    except EnoughUpdatesError:
        pass
    except Exception as error:
        if "Enough" not in str(error):  # TensorFlow wraps Enough in its error
            raise
    return {"bits": [[format_bits(rate + 0.0) for rate in row] for row in rows]}


if __name__ == "__main__":
    sys.exit(answer("parity.port.scripts.executed", "Run a training script as printed, and observe its optimizer.",
                    _answer))
