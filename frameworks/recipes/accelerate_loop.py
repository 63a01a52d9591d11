"""accelerate, with two batches for each update: `accelerate launch` with one process or several."""

import torch
from accelerate import Accelerator

from frameworks.schedule import Cosine
from frameworks.torch import assert_applied, build, record

SCHEDULE = Cosine(base_lr=0.3, final_lr=0.01, updates=24)

accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2, step_scheduler_with_optimizer=False)
net = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
scheduler = build(SCHEDULE, optimizer)
batches = torch.utils.data.DataLoader(torch.ones(64 * accelerator.num_processes, 2), batch_size=4)
net, prepared, batches, scheduler = accelerator.prepare(net, optimizer, batches, scheduler)

with record(optimizer, f"rates-{accelerator.process_index}.csv") as rates:
    for epoch in range(3):
        for batch in batches:
            with accelerator.accumulate(net):
                accelerator.backward(net(batch).mean())
                prepared.step()
                prepared.zero_grad()
                if accelerator.sync_gradients and not accelerator.optimizer_step_was_skipped:
                    scheduler.step()
assert_applied(rates, SCHEDULE)
