"""A plain PyTorch loop with two batches for each update."""

import torch

from frameworks.schedule import Cosine
from frameworks.torch import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)

net = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
scheduler = build(SCHEDULE, optimizer)

with record(optimizer, "rates.csv") as rates:
    for epoch in range(3):
        for number in range(16):
            (net(torch.ones(4, 2)).mean() / 2).backward()
            if number % 2 == 1:
                optimizer.step()
                optimizer.zero_grad()
                scheduler.step()
assert_applied(rates, SCHEDULE)
