"""Writes a run as a training script for a framework: an explicit loop that shows the rate.

A script needs the framework and NumPy only. The same run gives the same weights in each framework, up to rounding:
where an optimizer of one framework differs, the script computes it in the loop, with a comment.
"""

from __future__ import annotations

from parity.port.scripts.optimizers import LOOPS, Loop
from parity.port.scripts.run import Run
from parity.port.write import write_definitions

#: The supported frameworks, and the message for another one.
TARGETS = tuple(LOOPS)
NO_SCRIPT = "no script is written for {target}, only its schedule: give the [schedule] alone"

_IMPORTS = {
    "mxnet": "import numpy\n\nnumpy.bool = bool  # mxnet 1.9.1 needs it, NumPy 1.24 removed it\nimport mxnet as mx",
    "torch": "import numpy\nimport torch", "tensorflow": "import keras\nimport numpy\nimport tensorflow as tf"}

_DATA = """\
# yours: begin
random = numpy.random.default_rng(0)
features = random.standard_normal((256, 8), dtype="float32")
labels = features @ random.standard_normal((8, 1), dtype="float32")
{model}


def batches(epoch):  # must yield UPDATES_PER_EPOCH batches
    for indices in numpy.random.default_rng(epoch).integers(len(features), size=(UPDATES_PER_EPOCH, 16)):
        yield {batch}
# yours: end
"""

_LOOP = """\
t = 0  # updates already made
for epoch in range(EPOCHS):
    for inputs, targets in batches(epoch):
{body}
        t += 1
{stop}    assert t == {expected}, "each epoch must make UPDATES_PER_EPOCH updates, as the schedule expects"
    print(f"epoch {{epoch + 1}}: rate {{float(rate):.9g}}, loss {{{loss}:.6g}}")
"""


def write_script(run: Run, target: str) -> str:
    """Return the training script of a run. target: "mxnet", "torch" or "tensorflow"."""
    loop: Loop = LOOPS[target](run.optimizer)
    code = write_definitions(run.schedule, target)
    uses_math = "math." in code or any("math." in line for line in loop.body)
    imports = ("import math\n\n" if uses_math else "") + _IMPORTS[target]
    if "float64(" in code:
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
    return "\n".join([imports, "", lengths, "\n", code, "\n", data, "\n".join(loop.optimizer), "", text])

