"""Writes a schedule as the dict of a scheduler of torch, for configure_optimizers of a LightningModule.

Source: pytorch-lightning 2.6, core/optimizer.py. With "interval": "step" Lightning steps it after every update.
"""

from __future__ import annotations

from frameworks.schedule import Schedule
from parity.port.write.native import torch
from parity.port.write.native.spelling import Spelling

_CODE = """\
import torch
from torch.optim.lr_scheduler import {names}

# in configure_optimizers of the LightningModule
optimizer = torch.optim.SGD(self.parameters(), lr={base_lr!r})
lr_scheduler = {{"scheduler": {constructor}, "interval": "step"}}
# return {{"optimizer": optimizer, "lr_scheduler": lr_scheduler}}
"""


def write_built_in(schedule: Schedule) -> Spelling | None:
    """Return the dict of a scheduler of torch, None if none applies the schedule."""
    return torch.write_built_in(schedule, _CODE)
