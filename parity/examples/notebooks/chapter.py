# %% [markdown]
# # The chapter, with the rates it plots
#
# The chapter "Learning Rate Scheduling" of [Dive into Deep Learning](https://d2l.ai) plots a cosine per epoch, and
# trains with other rates. Here Gluon, PyTorch and Keras train one epoch of LeNet with the plotted ones. Below are the
# committed results of all 30 epochs. It needs a clone and all three frameworks: `%pip install ".[all]"`.

# %%
import ast
import html
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from IPython.display import HTML, SVG

import frameworks
from frameworks.schedule import Cosine, Hold, loads, lrs

PROJECT = Path(frameworks.__file__).parents[1]
NAMES = {"mxnet": "Gluon", "torch": "PyTorch", "tensorflow": "Keras"}
UPDATES = 235  # of one epoch: 60,000 images in batches of 256

per_epoch = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
schedule = Hold(updates=UPDATES, of=per_epoch)
schedule

# %% [markdown]
# ## Side by side
#
# Each framework has one loop, which takes its rates from the same schedule.


# %%
def read_loop(name):
    """Return the text of the training loop of a framework, the longest function of its file."""
    text = (PROJECT / "frameworks" / name / "training.py").read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    loop = max(functions, key=lambda node: node.end_lineno - node.lineno)
    return ast.get_source_segment(text, loop)


cells = [f"<td style='vertical-align:top;text-align:left'><b>{title}</b><pre>{html.escape(read_loop(name))}</pre></td>"
         for name, title in NAMES.items()]
HTML(f"<table><tr>{''.join(cells)}</table>")


# %% [markdown]
# ## One epoch, live
#
# Each framework trains in a separate process, from the same weights, with the same batches.


# %%
def train(name):
    """Train one epoch and return the record of the run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, PROJECT / "reproduce/cosine.py", "--framework", name, "--epochs", "1", "--quiet",
                   "--no-figure", "--out", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads((Path(folder) / "record.json").read_text())


records = {name: train(name) for name in NAMES}
for name, record in records.items():
    epoch = record["epochs"][0]
    print(f"{NAMES[name]:8} train loss {epoch['train_loss']:.3f}, test accuracy {epoch['test_accuracy']:.3f}")

# %% [markdown]
# All three have applied the rate that the chapter plots, and begun with the same weights. Their losses differ after
# some updates, since each framework adds in another order: one run is one random sample.

# %%
for record in records.values():
    assert loads(json.dumps(record["schedule"])) == schedule
    assert [row["rate"] for row in record["applied_rates"]] == [np.float32(schedule.lr(0))]  # one rate in this epoch
    assert record["epochs"][0]["updates"] == UPDATES
    assert np.isfinite(record["epochs"][0]["train_loss"])
assert len({record["first_weights_sha256"] for record in records.values()}) == 1

# %% [markdown]
# ## All 30 epochs
#
# These runs are committed. Every rate of each is the specified one, in its 32 bits.

# %%
specified = lrs(per_epoch, 30).astype(np.float32)
for name in NAMES:
    record = json.loads((PROJECT / f"reproduce/results/cosine-{name}-seed0/record.json").read_text())
    changes = {row["update"]: row["rate"] for row in record["applied_rates"]}
    assert len(record["epochs"]) == 30
    assert sorted(changes) == [UPDATES * epoch for epoch in range(21)]  # held after epoch 20
    assert [changes[UPDATES * epoch] for epoch in range(21)] == specified[:21].tolist()
    assert (specified[20:] == specified[20]).all()

SVG((PROJECT / "reproduce/results/cosine-all-seed0.svg").read_bytes())
