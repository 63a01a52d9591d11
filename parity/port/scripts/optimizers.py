"""Writes the parts of a training script that differ between frameworks: model, optimizer, lines of an update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeGuard

from parity.port.scripts.run import Adam, Sgd

_WHOSE = """\
# {framework}'s velocity adds up {mine}; {others}. The trainings differ
# once the rate changes. velocity = "updates" or "gradients" in the run file makes all three do the same.\
"""


@dataclass(frozen=True)
class Loop:
    """Parts of a script.

    model, batch: placeholders that the user replaces. optimizer: lines that create the optimizer. body: lines of the
    training loop. loss: an expression that converts the last loss to a number.
    """

    model: str
    batch: str
    optimizer: list[str]
    body: list[str]
    loss: str


def has_custom_velocity(optimizer: Sgd | Adam, adds_up: str) -> TypeGuard[Sgd]:
    """Return whether the loop must compute the velocity, since the framework's optimizer adds up something else."""
    return isinstance(optimizer, Sgd) and optimizer.momentum > 0 and optimizer.velocity not in (None, adds_up)


def _note_velocity(optimizer: Sgd | Adam, framework: str, mine: str, others: str) -> list[str]:
    if isinstance(optimizer, Sgd) and optimizer.momentum and optimizer.velocity is None:
        return _WHOSE.format(framework=framework, mine=mine, others=others).splitlines()
    return []


def write_torch(o: Sgd | Adam) -> Loop:
    """Write the parts for PyTorch, whose velocity adds up gradients.

    To add up updates, the loop multiplies the gradients by the rate first.
    """
    folded = has_custom_velocity(o, "gradients")
    lines, before = _note_velocity(o, "PyTorch", "gradients", "MXNet's and Keras' add up rate x gradient"), []
    options = ["model.parameters()", "lr=1.0"]
    if isinstance(o, Adam):
        options += [f"betas=({o.beta1!r}, {o.beta2!r})", f"eps={o.epsilon!r}"]
        before = [f'optimizer.param_groups[0]["eps"] = {o.epsilon!r} / math.sqrt(1 - {o.beta2!r} ** (t + 1))'
                  "  # where MXNet and Keras add it"]
    elif o.momentum:
        options += [f"momentum={o.momentum!r}"] + ["nesterov=True"] * o.nesterov
    if o.weight_decay and not folded:
        options.append(f"weight_decay={o.weight_decay!r}")
    name = "Adam" if isinstance(o, Adam) else "SGD"
    if folded:
        decay = f".add_(weight, alpha={o.weight_decay!r})" if o.weight_decay else ""
        return _build_torch_loop([
            "# velocity = \"updates\": PyTorch's adds up gradients, so the loop multiplies them by the rate first",
            f"optimizer = torch.optim.SGD({', '.join(options)})"], [
            "rate = rounded(t)",
            "with torch.no_grad():",
            "    for weight in model.parameters():",
            f"        weight.grad{decay}.mul_(rate)",
            "optimizer.step()  # at its rate of 1"])
    return _build_torch_loop([
        *lines, f"optimizer = torch.optim.{name}({', '.join(options)})",
        "# LambdaLR multiplies the 1.0",
        "scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rounded)"], [
        'rate = optimizer.param_groups[0]["lr"]', *before, "optimizer.step()",
        "scheduler.step()  # after every update, not after every epoch"])


def _build_torch_loop(optimizer: list[str], update: list[str]) -> Loop:
    return Loop(
        "features, labels = torch.from_numpy(features), torch.from_numpy(labels)\n"
        "model = torch.nn.Linear(8, 1)\n"
        "torch.nn.init.zeros_(model.weight)\n"
        "torch.nn.init.zeros_(model.bias)",
        "features[indices], labels[indices]", optimizer,
        ["optimizer.zero_grad()", "loss = ((model(inputs) - targets) ** 2).mean()", "loss.backward()", *update],
        "loss.item()")


def write_mxnet(o: Sgd | Adam) -> Loop:
    """Write the parts for MXNet, whose velocity adds up updates. The loop adds up gradients itself."""
    summed = has_custom_velocity(o, "updates")
    lines, before = _note_velocity(o, "MXNet", "rate x gradient", "PyTorch's adds up gradients"), []
    options = ['"lr_scheduler": Schedule()']
    name = "adam" if isinstance(o, Adam) else "sgd"
    if isinstance(o, Adam):
        lines.append("# learning_rate None: else Adam writes its default into the scheduler")
        options += ['"learning_rate": None', f'"beta1": {o.beta1!r}', f'"beta2": {o.beta2!r}',
                    f'"epsilon": {o.epsilon!r}']
    elif o.momentum and not summed:
        options += [f'"momentum": {o.momentum!r}']
        name = "nag" if o.nesterov else "sgd"
    if o.weight_decay and name == "nag":
        before = ["for weight in model.collect_params().values():  # nag's wd adds the weight after its change",
                  f"    weight.grad()[:] += {o.weight_decay!r} * weight.data()"]
    elif o.weight_decay and not summed:
        options.append(f'"wd": {o.weight_decay!r}')
    if summed:
        decay = f" + {o.weight_decay!r} * weight.data()" if o.weight_decay else ""
        lines += ["# velocity = \"gradients\": MXNet's adds up rate x gradient, so the loop computes it",
                  "weights = list(model.collect_params().values())",
                  "velocities = [mx.nd.zeros(weight.shape) for weight in weights]"]
        before = ["for weight, velocity in zip(weights, velocities):",
                  f"    gradient = weight.grad(){decay}",
                  f"    velocity[:] = {o.momentum!r} * velocity + gradient",
                  f"    weight.grad()[:] = {f'gradient + {o.momentum!r} * velocity' if o.nesterov else 'velocity'}"]
    return Loop(
        "features, labels = mx.nd.array(features), mx.nd.array(labels)\n"
        "model = mx.gluon.nn.Dense(1, in_units=8)\n"
        "model.initialize(mx.init.Zero())",
        "features.take(mx.nd.array(indices)), labels.take(mx.nd.array(indices))",
        [*lines, "trainer = mx.gluon.Trainer(", f'    model.collect_params(), "{name}", {{{", ".join(options)}}})'],
        ["with mx.autograd.record():", "    loss = ((model(inputs) - targets) ** 2).mean()", "loss.backward()", *before,
         "trainer.step(1)  # 1: the loss is already a mean", "rate = trainer.learning_rate  # of the update just made"],
        "loss.asscalar()")


def write_tensorflow(o: Sgd | Adam) -> Loop:
    """Write the parts for Keras, whose velocity adds up updates.

    Its weight decay is not part of the gradient. The loop adds up gradients, and adds the weight decay to them.
    """
    summed = has_custom_velocity(o, "updates")
    lines, before = _note_velocity(o, "Keras", "rate x gradient", "PyTorch's adds up gradients"), []
    options, given = ["Schedule()"], "gradients"
    if isinstance(o, Adam):
        options += [f"beta_1={o.beta1!r}", f"beta_2={o.beta2!r}", f"epsilon={o.epsilon!r}"]
    elif o.momentum and not summed:
        options += [f"momentum={o.momentum!r}"] + ["nesterov=True"] * o.nesterov
    if o.weight_decay:
        before += ["# Keras' weight_decay shrinks the weights separately; MXNet's and PyTorch's is in the gradient",
                   f"gradients = [gradient + {o.weight_decay!r} * weight",
                   "             for gradient, weight in zip(gradients, model.trainable_variables)]"]
    if summed:
        lines += ["# velocity = \"gradients\": Keras' adds up rate x gradient, so the loop computes it",
                  "velocities = [tf.Variable(tf.zeros(weight.shape)) for weight in model.trainable_variables]"]
        before += ["for gradient, velocity in zip(gradients, velocities):",
                   f"    velocity.assign({o.momentum!r} * velocity + gradient)"]
        given = "velocities"
        if o.nesterov:
            before += [f"gradients = [gradient + {o.momentum!r} * velocity",
                       "             for gradient, velocity in zip(gradients, velocities)]"]
            given = "gradients"
    update = ["with tf.GradientTape() as tape:", "    loss = tf.reduce_mean((model(inputs) - targets) ** 2)",
              "gradients = tape.gradient(loss, model.trainable_variables)", *before,
              "rate = optimizer.learning_rate  # of the update that follows",
              f"optimizer.apply({given}, model.trainable_variables)", "return rate, loss"]
    name = "Adam" if isinstance(o, Adam) else "SGD"
    return Loop(
        "features, labels = tf.constant(features), tf.constant(labels)\n"
        'model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, kernel_initializer="zeros")])',
        "tf.gather(features, indices), tf.gather(labels, indices)",
        [*lines, f"optimizer = keras.optimizers.{name}({', '.join(options)})",
         "optimizer.build(model.trainable_variables)", "", "",
         "@tf.function", "def update(inputs, targets):", *(f"    {line}" for line in update), ""],
        ["rate, loss = update(inputs, targets)"], "loss.numpy()")


#: The function that writes the parts for each framework.
LOOPS: dict[str, Callable[[Sgd | Adam], Loop]] = {"mxnet": write_mxnet, "torch": write_torch,
                                                  "tensorflow": write_tensorflow}
