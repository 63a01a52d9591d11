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

from frameworks.torch.gradients import gradients
from frameworks.torch.groups import build_groups
from frameworks.torch.lenet import lenet, set_weights, weights_of
from frameworks.torch.manual import demonstrated, set_rate
from frameworks.torch.plateau import Plateau, build_plateau, observe_plateau
from frameworks.torch.printed import printed
from frameworks.torch.probe import observe
from frameworks.torch.schedules import Specified, build
from frameworks.torch.training import chosen_device, evaluate, train

__all__ = [
    "Plateau", "Specified", "build", "build_groups", "build_plateau", "chosen_device", "demonstrated", "evaluate",
    "gradients", "lenet", "observe", "observe_plateau", "printed", "set_rate", "set_weights", "train", "weights_of",
]
