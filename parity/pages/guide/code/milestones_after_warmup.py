"""Apply MultiFactorScheduler([30, 60] epochs) with 5 epochs of warm-up, at 391 updates an epoch, in PyTorch."""

import torch
from frameworks.schedule import MultiFactor, Warmup
from frameworks.torch import build

model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters())
drops = MultiFactor(base_lr=0.1, factor=0.1, milestones=[30 * 391, 60 * 391])
schedule = Warmup(updates=5 * 391 - 1, begin_lr=0.1 / (5 * 391), clock="keep", then=drops)
scheduler = build(schedule, optimizer)  # scheduler.step() after every update
