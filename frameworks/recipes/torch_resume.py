"""A PyTorch training that is resumed."""

import torch

from frameworks.schedule import Cosine
from frameworks.torch import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)


def train(updates, checkpoint=None):
    net = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
    scheduler = build(SCHEDULE, optimizer)
    done = 0
    if checkpoint:
        net.load_state_dict(checkpoint["net"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        scheduler.load_state_dict(checkpoint["scheduler"])
        done = checkpoint["updates"]
    with record(optimizer, "rates.csv", start=done) as rates:
        for update in range(done, updates):
            optimizer.zero_grad()
            net(torch.ones(4, 2)).mean().backward()
            optimizer.step()
            scheduler.step()
    return rates, {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
                   "updates": updates}


rates, checkpoint = train(10)
rates, checkpoint = train(24, checkpoint)
assert_applied(rates, SCHEDULE)
