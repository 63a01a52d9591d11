"""DeepSpeed's engine, with two batches for each update."""

import deepspeed
import torch

from frameworks.schedule import Cosine
from frameworks.torch import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)
# With ZeRO and several parameter groups DeepSpeed calls step() for each group, which gives several rows an update.
CONFIG = {"train_micro_batch_size_per_gpu": 4, "gradient_accumulation_steps": 2,
          "zero_optimization": {"stage": 0}, "zero_allow_untested_optimizer": True}

net = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
engine, _, _, scheduler = deepspeed.initialize(model=net, optimizer=optimizer, config=CONFIG,
                                               lr_scheduler=lambda optimizer: build(SCHEDULE, optimizer))
with record(optimizer, f"rates-{engine.global_rank}.csv") as rates:
    for epoch in range(3):
        for number in range(16):
            engine.backward(engine(torch.ones(4, 2)).mean())
            engine.step()  # steps the scheduler too, once for each update
assert_applied(rates, SCHEDULE)
