"""DistributedDataParallel: `torchrun --nproc_per_node 2`."""

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler

from frameworks.schedule import Cosine
from frameworks.torch import assert_applied, build, record

distributed.init_process_group("gloo")
data = torch.ones(64, 2)
batches = DataLoader(data, batch_size=4, sampler=DistributedSampler(data))
SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=3 * len(batches))  # batches of one process

net = DistributedDataParallel(torch.nn.Linear(2, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
scheduler = build(SCHEDULE, optimizer)
with record(optimizer, f"rates-{distributed.get_rank()}.csv") as rates:
    for epoch in range(3):
        batches.sampler.set_epoch(epoch)
        for batch in batches:
            optimizer.zero_grad()
            net(batch).mean().backward()
            optimizer.step()
            scheduler.step()
assert_applied(rates, Cosine(base_lr=0.3, final_lr=0.01, updates=24))  # what was intended
distributed.destroy_process_group()
