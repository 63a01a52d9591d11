"""Schedules for PyTorch, as `torch.optim.lr_scheduler.LRScheduler` objects on an optimizer.

How it counts
-------------
`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.

A scheduler's constructor makes the first step: it writes the rate for 0 into the optimizer before the first update.
Each `scheduler.step()` adds 1 to `last_epoch`, in spite of this name, so with one step after every `optimizer.step()`
`last_epoch` is `t`. MultiStepLR and StepLR lower the rate as soon as `last_epoch >= milestone`. Most built-in classes
compute a rate from the previous one. CosineAnnealingLR increases again past its end.

    from frameworks.torch import build
    scheduler = build(schedule, optimizer)
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss(net(inputs), targets).backward()
        optimizer.step()
        scheduler.step()
"""

from frameworks.assertions import assert_applied
from frameworks.torch.gradients import compute_gradients
from frameworks.torch.groups import build_groups
from frameworks.torch.lenet import build_lenet, read_weights, set_weights
from frameworks.torch.manual import demonstrate_set_rate, set_rate
from frameworks.torch.plateau import Plateau, build_plateau, observe_plateau
from frameworks.torch.printed import build_printed_lenet
from frameworks.torch.probe import observe
from frameworks.torch.recording import record
from frameworks.torch.schedules import Specified, build, replace_schedule
from frameworks.torch.training import choose_device, evaluate, train

__all__ = [
    "Plateau",
    "Specified",
    "assert_applied",
    "build",
    "build_groups",
    "build_lenet",
    "build_plateau",
    "build_printed_lenet",
    "choose_device",
    "compute_gradients",
    "demonstrate_set_rate",
    "evaluate",
    "observe",
    "observe_plateau",
    "read_weights",
    "record",
    "replace_schedule",
    "set_rate",
    "set_weights",
    "train",
]
