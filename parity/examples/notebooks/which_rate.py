# %% [markdown]
# # Which rate does my optimizer use?
#
# This notebook records the rate that each update applies, in PyTorch and in Keras, and explains the first difference.
# It needs torch, TensorFlow and this project. Colab has the first two; `%pip install .` in a clone installs the third.
#
# > **`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.**
#
# A schedule is a function of `t`. Named at the end of a cell, it draws itself.

# %%
import subprocess
import sys

import torch  # before TensorFlow

from frameworks.schedule import Cosine, MultiFactor

cosine = Cosine(base_lr=0.3, final_lr=0.01, updates=20)
cosine

# %% [markdown]
# ## PyTorch
#
# `record` notes the rate of every update of the optimizer, whatever sets it. This loop is right.

# %%
from frameworks.torch import assert_applied, build, record


def train(make_scheduler, steps_first=False):
    """Record 30 updates; with `steps_first` the scheduler is stepped before the optimizer."""
    net = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
    scheduler = make_scheduler(optimizer)
    with record(optimizer) as rates:
        for _ in range(30):
            optimizer.zero_grad()
            net(torch.ones(8, 2)).mean().backward()
            if steps_first:
                scheduler.step()
            optimizer.step()
            if not steps_first:
                scheduler.step()
    return rates


rates = train(lambda optimizer: build(cosine, optimizer))
assert_applied(rates, cosine)
rates.read_rates()[:3]


# %% [markdown]
# PyTorch's built-in cosine increases again after its end. `assert_applied` fails, and names what happened.


# %%
def explain_failure(rates, schedule):
    """Return the message of a failing assert_applied, and print it."""
    try:
        assert_applied(rates, schedule)
    except AssertionError as error:
        print(error)
        return str(error)
    raise RuntimeError("every rate is the specified one")


builtin = train(lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20, eta_min=0.01))
message = explain_failure(builtin, cosine)
assert "periodic instead of held" in message
assert builtin.read_rates()[29] > 2 * cosine.lr(29)  # it is held at 0.01

# %% [markdown]
# A scheduler that is stepped before the optimizer is one update early.

# %%
early = train(lambda optimizer: build(cosine, optimizer), steps_first=True)
message = explain_failure(early, cosine)
assert "update 0" in message
assert "one update early" in message

# %% [markdown]
# ## Keras
#
# A boundary of Keras is the last update at the old rate: its milestones come one update late.

# %%
import keras
import numpy as np

from frameworks.tensorflow import build as build_keras
from frameworks.tensorflow import record as record_keras

steps = MultiFactor(base_lr=0.1, factor=0.1, milestones=[10, 20])
steps


# %%
def fit(learning_rate):
    """Record 30 updates of `fit`."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate), loss="mse")
    with record_keras(model) as rates:
        model.fit(np.ones((240, 2)), np.zeros((240, 1)), batch_size=8, verbose=0)
    return rates


late = fit(keras.optimizers.schedules.PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001]))
message = explain_failure(late, steps)
assert "milestone one late" in message
assert_applied(fit(build_keras(steps)), steps)

# %% [markdown]
# ## Explain
#
# The command `lr-parity explain` compares specifications, constructors and recorded files. Exit code 4: they differ.

# %%
command = [sys.executable, "-m", "parity", "explain", "MultiStepLR(optimizer, [10, 20])",
           "PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001])", "--from-a", "torch", "--lr-a", "0.1",
           "--from-b", "tensorflow"]
explained = subprocess.run(command, capture_output=True, text=True, check=False)
print(explained.stdout)
assert explained.returncode == 4
assert "cause: milestone one late" in explained.stdout
