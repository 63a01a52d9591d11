# %% [markdown]
# # Port a Gluon training
#
# This notebook takes a training in Gluon (MXNet), reads its scheduler, and applies the same rates in PyTorch. It needs
# MXNet, torch and this project: Python 3.10 to 3.12, and `%pip install ".[mxnet,torch]"` in a clone.

# %%
from frameworks.mxnet import record as record_gluon  # isort: skip  (before mxnet: it restores what NumPy has dropped)

import mxnet as mx
import torch
from mxnet import autograd, gluon

from frameworks.schedule import Cosine, Shift, Warmup
from frameworks.torch import assert_applied, build, record
from parity.port import ported, specification


def make_scheduler():
    """Return the scheduler that is to be ported, a new one for each use: Gluon's remember what they returned."""
    return mx.lr_scheduler.CosineScheduler(20, base_lr=0.3, final_lr=0.01, warmup_steps=5)


# %% [markdown]
# ## The rates of the Gluon training
#
# Gluon's `Trainer` counts its updates from 1: the first one gets its scheduler's value for 1, not for 0.

# %%
net = gluon.nn.Dense(1, in_units=2)
net.initialize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": make_scheduler()})
with record_gluon(trainer) as gluon_rates:
    for _ in range(30):
        with autograd.record():
            loss = net(mx.nd.ones((8, 2))).mean()
        loss.backward()
        trainer.step(1)
gluon_rates.read_rates()[:6]

# %% [markdown]
# ## The specification
#
# `specification` reads the object. What it returns is the schedule as Gluon applies it: a shift by 1.

# %%
schedule = specification(make_scheduler())
schedule

# %%
decay = Cosine(base_lr=0.3, final_lr=0.01, updates=15)
assert schedule == Shift(by=1, of=Warmup(updates=5, peak_lr=0.3, then=decay))
assert_applied(gluon_rates, schedule)

# %% [markdown]
# ## The same rates in PyTorch
#
# `build` makes a scheduler for PyTorch. Every rate has the same 32 bits.


# %%
def train(net, optimizer, scheduler):
    """Record 30 updates and return their rates in float32, as they are applied to weights."""
    with record(optimizer) as rates:
        for _ in range(30):
            optimizer.zero_grad()
            net(torch.ones(8, 2)).mean().backward()
            optimizer.step()
            scheduler.step()
    return rates.read_rates().astype("float32")


def train_with(schedule):
    """Train with the scheduler that is built from a schedule."""
    net = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters())
    return train(net, optimizer, build(schedule, optimizer))


torch_rates = train_with(schedule)
assert (torch_rates == gluon_rates.read_rates().astype("float32")).all()

# %% [markdown]
# Without the shift, a port with the same numbers is one update late.

# %%
naive = train_with(schedule.of)
assert naive[0] == 0
assert (naive[1:] == torch_rates[:-1]).all()

# %% [markdown]
# ## Self-contained code
#
# `ported` writes it, with the traps. `lr-parity port train.py --to torch` reads a whole script.

# %%
printed = ported(make_scheduler(), to="torch")
print(printed)

# %% [markdown]
# The self-contained part runs as printed, and applies the same rates.

# %%
code = printed.partition("# torch, self-contained code.\n")[2].partition("# update")[0]
names = {"model": torch.nn.Linear(2, 1)}
exec(code, names)
assert (train(names["model"], names["optimizer"], names["scheduler"]) == torch_rates).all()
