"""A PyTorch loop with a GradScaler, which skips updates that overflow."""

import torch
from torch.amp import GradScaler

from frameworks.schedule import Cosine
from frameworks.torch import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)

net = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
scheduler = build(SCHEDULE, optimizer)
scaler = GradScaler("cpu")

with record(optimizer, "rates.csv") as rates:
    for update in range(24):
        loss = net(torch.ones(4, 2)).mean() * (float("inf") if update == 10 else 1)  # an overflow
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scale = scaler.get_scale()
        scaler.step(optimizer)
        scaler.update()
        if scaler.get_scale() >= scale:  # the update was not skipped
            scheduler.step()
assert_applied(rates, SCHEDULE)
