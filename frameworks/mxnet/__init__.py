"""Schedules for Gluon, as `mxnet.lr_scheduler.LRScheduler` objects. The reference: it uses MXNet's built-in classes.

How it counts
-------------
`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.

`gluon.Trainer.step` adds 1 to the optimizer's `num_update` before it calls the scheduler, so the scheduler gets
`t + 1`: 1 at the first update. FactorScheduler and MultiFactorScheduler lower the rate once `num_update > step`, which
is `t >= step`. PolyScheduler, CosineScheduler and every warm-up do not correct the count: alone in a Trainer they apply
their value for 1 first, and never the one for 0. Here they are called with `num_update - 1`.

    from frameworks.mxnet import build
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": build(schedule)})
"""

import frameworks.numpy_bool  # noqa: F401  (before mxnet)
from frameworks.assertions import assert_applied
from frameworks.mxnet.gradients import compute_gradients
from frameworks.mxnet.groups import build_groups
from frameworks.mxnet.lenet import build_lenet, read_weights, set_weights
from frameworks.mxnet.manual import demonstrate_set_rate, set_rate
from frameworks.mxnet.plateau import Plateau, build_plateau, observe_plateau
from frameworks.mxnet.printed import build_printed_lenet
from frameworks.mxnet.probe import observe
from frameworks.mxnet.recording import record
from frameworks.mxnet.schedules import Specified, build, replace_schedule
from frameworks.mxnet.training import choose_device, evaluate, train

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
