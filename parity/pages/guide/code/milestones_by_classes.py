"""Do the same with PyTorch's classes only."""

import torch
from torch.optim.lr_scheduler import ChainedScheduler, LinearLR, MultiStepLR

model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
warmup = LinearLR(optimizer, start_factor=1 / (5 * 391), total_iters=5 * 391 - 1)
drops = MultiStepLR(optimizer, [30 * 391, 60 * 391], gamma=0.1)
scheduler = ChainedScheduler([warmup, drops])  # scheduler.step() after every update
