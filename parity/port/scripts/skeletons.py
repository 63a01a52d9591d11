"""Write a run as a training script for a framework: an explicit loop, and the rate in plain sight.

A script needs the framework and NumPy, and nothing of this project. The same run gives the same weights in each, but
for rounding: where an optimizer of one framework means something else, the script computes it in the loop and says so.
"""

from __future__ import annotations

from parity.port.scripts.optimizers import LOOPS, Loop
from parity.port.scripts.run import Run
from parity.port.write import definitions

#: Where a script may be for, and why not for optax.
TARGETS = tuple(LOOPS)
NO_OPTAX = "no script is written for optax, only its schedule: give the [schedule] alone"

_IMPORTS = {
    "mxnet": "import numpy\n\nnumpy.bool = bool  # mxnet 1.9.1 reads it, NumPy 1.24 took it away\nimport mxnet as mx",
    "torch": "import numpy\nimport torch", "tensorflow": "import keras\nimport numpy\nimport tensorflow as tf"}

_DATA = """\
# yours, from here
random = numpy.random.default_rng(0)
features = random.standard_normal((256, 8), dtype="float32")
labels = features @ random.standard_normal((8, 1), dtype="float32")
{model}


def batches(epoch):  # as many as UPDATES_PER_EPOCH says
    for indices in numpy.random.default_rng(epoch).integers(len(features), size=(UPDATES_PER_EPOCH, 16)):
        yield {batch}
# to here
"""

_LOOP = """\
t = 0  # updates already made
for epoch in range(EPOCHS):
    for inputs, targets in batches(epoch):
{body}
        t += 1
{stop}    assert t == {expected}, "the schedule counts on as many updates as it was told"
    print(f"epoch {{epoch + 1}}: rate {{float(rate):.9g}}, loss {{{loss}:.6g}}")
"""


def skeleton(run: Run, target: str) -> str:
    """Return the script."""
    loop: Loop = LOOPS[target](run.optimizer)
    defined = definitions(run.schedule, target)
    uses_math = "math." in defined or any("math." in line for line in loop.body)
    imports = ("import math\n\n" if uses_math else "") + _IMPORTS[target]
    if "float64(" in defined:
        imports += "\nfrom numpy import float64"
    epochs, rest = divmod(run.total, run.updates_per_epoch)
    lengths = f"EPOCHS, UPDATES_PER_EPOCH = {epochs + bool(rest)}, {run.updates_per_epoch}"
    if rest:
        lengths += f"\nUPDATES = {run.total}  # the last epoch is cut short"
    text = _LOOP.format(
        body="\n".join(f"        {line}" if line else "" for line in loop.body),
        loss=loop.loss, stop="        if t == UPDATES:\n            break\n" if rest else "",
        expected="min((epoch + 1) * UPDATES_PER_EPOCH, UPDATES)" if rest else "(epoch + 1) * UPDATES_PER_EPOCH")
    data = _DATA.format(model=loop.model, batch=loop.batch)
    return "\n".join([imports, "", lengths, "\n", defined, "\n", data, "\n".join(loop.optimizer), "", text])

